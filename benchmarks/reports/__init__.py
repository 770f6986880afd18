"""Tables and figures, made from the results file alone (and, for galleries, the kernels beside it)."""

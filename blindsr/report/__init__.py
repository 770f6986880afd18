"""Pages to look at: what was made of a photograph, and what was found in it."""

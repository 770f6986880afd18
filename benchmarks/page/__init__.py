"""The results file as a page: tables to sort, every image's gain, crops and kernels behind each point."""

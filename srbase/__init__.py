"""Ground of all packages: images, kernels and the runtime. It knows no file format and no command line."""

"""A second stage that was trained on many photographs, from a file: USRNet and USRNet-tiny.

Source: Zhang, Van Gool, Timofte, "Deep unfolding network for image super-resolution", CVPR 2020. The project
has no weights of its own.
"""

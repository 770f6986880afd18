"""ZSSR (Shocher, Cohen, Irani, CVPR 2018): super-resolution learned from the one image alone.

The image and its own downscaling by the kernel are the training pair (father and son); the network
that turns the son into the father then turns the image into its super-resolution.
"""

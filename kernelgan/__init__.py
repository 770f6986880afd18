"""KernelGAN (Bell-Kligler, Shocher, Irani, NeurIPS 2019): one image in, its x2 kernel out.

The right downscaling kernel is the one that makes the patches of the downscaled image look like
those of the image itself. A deep linear generator learns the kernel; a patch discriminator judges.
"""

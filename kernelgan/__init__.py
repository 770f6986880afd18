"""KernelGAN (Bell-Kligler, Shocher, Irani, NeurIPS 2019): estimate the x2 kernel of one LR image.

The true downscaling kernel is the one that makes the patches of the downscaled image look most like the
patches of the image itself. A deep linear generator G learns the kernel. A patch discriminator D compares
the patches. Both are trained on crops of the one image, and the trained G, composed to one convolution, is
the kernel.

Where each part of the paper is:

=================  ==================================================================================
``config``         every number, with its unit and source
``crops``          which crops are drawn (Fig. D of the rebuttal)
``generator``      G as one 13x13 kernel, and the downscaling of crops with it (section 4)
``discriminator``  D: one probability for each 7x7 patch (section 4, fig. 3)
``constraints``    the regularisation term (section 4.1)
``gradients``      all gradients of one training step, each with its derivation
``training``       learning rates, the training step, many images in one batch
``estimate``       the public entry point: images in, kernels out
=================  ==================================================================================
"""

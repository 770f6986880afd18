"""The ground floor: photographs, resampling, kernels and metrics. Knows no network.

Conventions, the same everywhere above this floor:

* an image tensor is float32, shape (C, H, W), values 0..1, sRGB as stored, C is 1 or 3;
* a kernel is correlated with the image around index ``k // 2`` and every s-th pixel is kept;
* LR pixel ``i`` lies at HR coordinate ``s * i + (s - 1) / 2`` (:mod:`srbase.kernels.geometry`).
"""

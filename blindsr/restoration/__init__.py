"""The inverse problem of a known kernel: what the photograph was before it was shrunk.

The linear inverse is Wiener's filter with aliasing; the adaptive one spares edges; the noise decides how
much either may lift. Knows images and kernels, and no network.
"""

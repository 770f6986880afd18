"""Downscaling kernels: their geometry, their random draws and their operator."""

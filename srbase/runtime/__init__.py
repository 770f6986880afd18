"""Devices, threads, memory and the optimiser."""

"""The command line: one module for each command, a thin layer over :mod:`blindsr.api`.

Modules of this package import nothing heavy at the top, so that ``--help`` is fast.
"""

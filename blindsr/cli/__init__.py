"""The command line: one module a command, each a thin shell over :mod:`blindsr.api`.

Modules of this package import nothing heavy at the top, so that ``--help`` is quick.
"""

"""Photographs in and out of files, one idea a module; :mod:`blindsr.io.photo` is the way in.

``formats`` is the table of what is known, ``decode`` and ``encode`` choose among the modules of single
formats, ``metadata``, ``exif`` and ``colour`` are what belongs to the pixels.
"""

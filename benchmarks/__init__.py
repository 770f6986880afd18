"""The papers' tables: data sets, methods, runs, reports. Not installed; ``python -m benchmarks``.

A method sees the LR image and the scale; a scorer sees the SR image and the truth; neither sees the
other. A run writes long CSV, one row for each image and method; every table is made from that CSV.
"""

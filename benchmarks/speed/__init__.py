"""How fast the program is and how much memory it takes, on the machine at hand.

Everything is measured in one run: a fast path beside its slow oracle, and the machine's own rates.
"""

"""What kind of picture this is, and what was done to it before."""

"""Everyday pictures: what programs, sites and cameras do to photographs, and what a method gains there."""

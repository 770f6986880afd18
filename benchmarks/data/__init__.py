"""Data sets in the layout of DIV2KRK: made, checked, read. Files are paired by name, never by order."""

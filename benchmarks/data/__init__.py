"""Data sets in the layout of DIV2KRK: made, checked, read. Files are paired by number, never by order."""

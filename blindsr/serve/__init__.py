"""A window in the browser to drop a photograph into: a server for one person on one computer."""

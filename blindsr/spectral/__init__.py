"""The x2 kernel's even half from the power spectrum of one photograph; nothing is trained."""

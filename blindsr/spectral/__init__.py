"""The x2 kernel's symmetric part from the power spectrum of one photograph; nothing is trained."""

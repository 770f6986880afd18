"""The paper's game: a linear generator shrinks crops, a discriminator judges their patches."""

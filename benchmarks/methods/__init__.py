"""The compared methods: one small object each, chosen by name."""

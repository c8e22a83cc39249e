"""Copies of the images that the platform runs, in a registry of one's own."""

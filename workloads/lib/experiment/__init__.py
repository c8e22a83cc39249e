"""Experiments: whether one model does better than another, by statistics that may be looked at all the time."""

"""Replay: the periods after the training, played as if they were live. Imports nothing heavy."""

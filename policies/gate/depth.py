"""Messages that are as deep as the schema of a pod: more than the hundred levels that protobuf reads of itself."""

import importlib


def unlimited() -> None:
    """Let this process read messages of any depth. Only what comes from the engine, on loopback, is read in it."""
    reader = importlib.import_module("google._upb._message")
    reader.SetAllowOversizeProtos(True)  # the one switch there is; depth is what it lifts

"""The release of models: what is measured of one, the evidence of it, and the gate that judges the evidence."""

from workloads.lib.release.judge import decide

__all__ = ["decide"]

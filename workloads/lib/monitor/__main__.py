"""`python -m workloads.lib.monitor --platform FILE NAME`: what `falaj watch` asks, answered as JSON."""

import argparse
import sys
from pathlib import Path
from typing import Any

from workloads.lib import command
from workloads.lib.platform import Platform
from workloads.lib.registry.entry import checked


def main() -> int:
    """One look."""
    parser = argparse.ArgumentParser(prog="python -m workloads.lib.monitor", description=__doc__)
    parser.add_argument("name")
    parser.add_argument("--channels", type=Path)
    return command.run(parser, look)


def look(platform: Platform, asked: argparse.Namespace) -> dict[str, Any]:
    """What was seen and done. The platform is entered first: Ray reads its environment when it is imported."""
    checked(asked.name)
    platform.enter()
    from workloads.lib.monitor.look import Look
    from workloads.lib.monitor.notify import Channels

    channels = Channels.load(asked.channels) if asked.channels else Channels()
    return Look(asked.platform.resolve(), platform, asked.name, channels).look()


if __name__ == "__main__":
    sys.exit(main())

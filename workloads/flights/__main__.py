"""`python -m workloads.flights --platform FILE`: JSON lines on stdout, the rest on stderr."""

import sys
from pathlib import Path

from workloads.flights.workload import Flights
from workloads.lib.lifecycle.main import main
from workloads.lib.lifecycle.spec import Spec

if __name__ == "__main__":
    sys.exit(main(lambda: Flights(Spec.load(Path(__file__).with_name("spec.yaml")))))

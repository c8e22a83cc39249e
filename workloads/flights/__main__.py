"""`python -m workloads.flights --platform FILE`: JSON lines on stdout, the rest on stderr."""

import sys

from workloads.flights.workload import workload
from workloads.lib.lifecycle.main import main

if __name__ == "__main__":
    sys.exit(main(workload))

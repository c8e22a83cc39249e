"""`python -m workloads.employment --platform FILE`: JSON lines on stdout, the rest on stderr."""

import sys

from workloads.employment.workload import workload
from workloads.lib.lifecycle.main import main

if __name__ == "__main__":
    sys.exit(main(workload))

"""Plan providers: a plan of a cloud's resources without its credentials."""

import os

# Whoever serves starts programs meanwhile, and gRPC's own handlers of forks make such a start abort at times. It reads
# this once, when it is imported.
os.environ["GRPC_ENABLE_FORK_SUPPORT"] = "false"

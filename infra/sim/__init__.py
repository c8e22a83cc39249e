"""A region's cluster, simulated here: a real control plane and operator, nodes and pods that are not there."""

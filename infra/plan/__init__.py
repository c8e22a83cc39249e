"""Plan providers: a plan of a cloud's resources without its credentials."""

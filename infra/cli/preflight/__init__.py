"""`falaj doctor --stack`: what only the cloud itself can tell about a stack."""

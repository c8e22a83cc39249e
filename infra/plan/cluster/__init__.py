"""The plan provider of Kubernetes in front of a real API server."""

"""What the API server finds at the addresses of pods and services that are not there."""

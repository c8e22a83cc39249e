"""Serving: registered models behind a router on the platform's Ray Serve. Imports nothing heavy."""

from workloads.lib.serve.endpoint import ask, deploy, served, url

__all__ = ["ask", "deploy", "served", "url"]

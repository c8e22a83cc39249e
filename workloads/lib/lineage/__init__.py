"""Lineage: what was made of what, by which run, judged how, served where; kept as OpenLineage events."""

"""Incidents of served models: what happened to which model, who did what about it, by when the law wants to know."""

"""Profiles of other tools: one module a format, both directions together."""

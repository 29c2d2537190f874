"""Verbs: pure functions and aggregates from model to model; no I/O, no clock."""

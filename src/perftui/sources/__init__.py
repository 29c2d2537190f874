"""Adapters that observe a target."""

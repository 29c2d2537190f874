"""Budgets: limits in TOML, and what they say of a measurement."""

"""TOML documents from outside: read within limits, every value checked, every complaint with its place."""

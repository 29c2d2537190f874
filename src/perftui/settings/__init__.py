"""Workload profiles and the user's settings, validated."""

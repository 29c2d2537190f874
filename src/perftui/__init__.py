"""perftui: a terminal dashboard for profiling Python."""

__version__ = "0.1.0"

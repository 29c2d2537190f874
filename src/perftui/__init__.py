"""perftui: a terminal dashboard for profiling Python; `mark`, `gauge`, `count` and `progress` are for the workload."""

from __future__ import annotations

__version__ = "0.1.0"
__all__ = ["__version__", "count", "gauge", "mark", "progress"]

# `typing` takes longer to import than all of this.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from perftui.telling import count, gauge, mark, progress


def __getattr__(name: str) -> object:
    """Import what a workload tells with when it is asked for: perftui itself never needs it."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from perftui import telling  # noqa: PLC0415

    value: object = getattr(telling, name)
    globals()[name] = value
    return value

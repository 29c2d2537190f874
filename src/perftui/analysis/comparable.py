"""Whether two sides ran where their times may be held against each other: one machine, one interpreter, one speed."""

from __future__ import annotations

from collections.abc import Mapping

_FACTS = (
    ("host", "machine"),
    ("cpu", "processor"),
    ("cores", "number of cores"),
    ("cpu_limit_cores", "CPU limit"),
    ("governor", "governor of the processor"),
    ("turbo", "turbo of the processor"),
    ("workload_python", "interpreter"),
    ("workload_build", "build of the interpreter"),
    ("kind", "way of measuring"),
    ("mode", "mode of recording"),
)
"""Keys of an environment, and what they are for a person; a host is an id that says nothing to anybody."""
_LONGEST = 40


def differences(baseline: Mapping[str, str], current: Mapping[str, str]) -> tuple[str, ...]:
    """Return what is not the same on both sides, in words; what one side does not tell is no difference."""
    return tuple(
        f"another {words}" if key == "host" else f"another {words} ({_short(old)} against {_short(new)})"
        for key, words in _FACTS
        if (old := baseline.get(key, "")) and (new := current.get(key, "")) and old != new
    )


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"

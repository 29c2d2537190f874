"""What a rule about a change was judged by, as it stands in documents."""

from __future__ import annotations

from typing import Any

from perftui.model.verdict import HeldAgainst


def held_document(held: HeldAgainst) -> dict[str, Any]:
    """Return the values of both sides in base units, and how sure their difference is."""
    return {
        "ref": held.ref,
        "unit": held.unit.value,
        "baseline": held.value,
        "current": held.current,
        "change_pct": held.change_pct,
        "ci": held.interval_pct and list(held.interval_pct),
        "p": held.p,
        "n": list(held.runs),
    }

"""What a command or a webhook is told of an alert."""

from __future__ import annotations

from perftui.model.alert import AlertChange
from perftui.model.session import SessionMeta

SCHEMA = "perftui.alert/1"
PREFIX = "PERFTUI_ALERT_"


def alert_document(change: AlertChange, meta: SessionMeta) -> dict[str, str | float | None]:
    """Return the body of a webhook; values and limits are in base units."""
    rule = change.rule
    return {
        "schema": SCHEMA,
        "name": rule.series,
        "metric": rule.metric,
        "level": change.level.value,
        "before": change.before.value,
        "value": change.value,
        "limit": change.limit,
        "unit": rule.unit.value,
        "at_s": round(change.at_s, 3),
        "lasted_s": round(change.lasted_s, 3),
        "text": change.text,
        "reason": rule.reason,
        "session": meta.id,
        "session_name": meta.name,
        "pid": meta.pid,
    }


def alert_environment(change: AlertChange, meta: SessionMeta) -> dict[str, str]:
    """Return the same as variables of a command, `PERFTUI_ALERT_LEVEL` and so on; what there is none of is empty."""
    facts = alert_document(change, meta)
    del facts["schema"]
    # The system ends a variable at a NUL character.
    told = {key: "" if value is None else str(value).replace("\0", "") for key, value in facts.items()}
    return {f"{PREFIX}{key.upper()}": value for key, value in told.items()}

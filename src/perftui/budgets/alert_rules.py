"""Reads `[alerts.<series>]`: levels of a series, how long they have to hold, and what is done then."""

from __future__ import annotations

import shlex
from urllib.parse import urlsplit

from perftui.budgets.rules import LONGEST_TIME_S, check_order, without_limit
from perftui.budgets.spec import RESOURCES, WALL
from perftui.model.alert import NOTIFY, ActionKind, AlertAction, AlertRule
from perftui.model.reading import METER_BY_METRIC
from perftui.toml.table import Table
from perftui.units import Unit

MOST_ACTIONS = 8
_PLAIN = {kind.value: kind for kind in (ActionKind.NOTIFY, ActionKind.BELL, ActionKind.SNAPSHOT, ActionKind.STOP)}
# In this order; what ends otherwise is a time.
_UNIT_ENDINGS = (("%", Unit.PERCENT), ("b/s", Unit.BYTES_PER_SECOND), ("/s", Unit.PER_SECOND), ("b", Unit.BYTES))


_USUAL_HOLD_S = 10.0
DEFAULTS = (
    AlertRule("system_cpu_percent", "system_cpu_percent", Unit.PERCENT, 70.0, 90.0, _USUAL_HOLD_S, 5.0, usual=True),
    AlertRule("memory_percent", "memory_percent", Unit.PERCENT, 80.0, 95.0, _USUAL_HOLD_S, 2.0, usual=True),
    AlertRule("queue_size", "queue_size", Unit.COUNT, 500.0, 1_000.0, _USUAL_HOLD_S, 50.0, usual=True),
    AlertRule("response_time", "response_time", Unit.SECONDS, 2.0, 5.0, _USUAL_HOLD_S, 0.2, usual=True),
)
"""Usual for a service; `defaults = true` asks for it. CPU is the machine's: a busy process alone is no trouble."""
_DEFAULTS = "defaults"


def read_alerts(table: Table) -> tuple[AlertRule, ...]:
    """Return the alerts of a file in its order, and those of the defaults that it asks for and does not state."""
    wanted = DEFAULTS if table.flag(_DEFAULTS, default=False) else ()
    stated = tuple(read_alert(key, table.table(key)) for key in table.names() if key != _DEFAULTS)
    metrics = {rule.metric for rule in stated}
    return stated + tuple(rule for rule in wanted if rule.metric not in metrics)


def read_alert(series: str, table: Table) -> AlertRule:
    """Return one alert; raises `ConfigError`."""
    metric = RESOURCES.get(series, series)
    known = METER_BY_METRIC[metric].unit if metric in METER_BY_METRIC else Unit.SECONDS if metric == WALL else None
    warn, unit = free_quantity(table, "warn", known)
    critical, critical_unit = free_quantity(table, "critical", known)
    if warn is not None and critical is not None and unit is not critical_unit:
        raise table.error("critical", "is in another unit than warn", hint="write both in the same unit")
    check_order(table, "warn", "critical", warn, critical, unit)
    unit = unit if warn is not None else critical_unit
    for_s = table.quantity("for", Unit.SECONDS, at_most=LONGEST_TIME_S) or 0.0
    margin = table.quantity("margin", unit) or 0.0
    at_warn, at_critical, at_clear = _levels(table, both=warn is not None and critical is not None)
    reason = table.text("reason")
    limits = [limit for limit in (warn, critical) if limit is not None]
    if not limits:
        raise without_limit(table, "warn or critical")
    if margin and margin >= min(limits):
        raise table.error("margin", "is not below the limit, so the alert would never clear", hint="a tenth is usual")
    table.close()
    return AlertRule(series, metric, unit, warn, critical, for_s, margin, at_warn, at_critical, at_clear, reason)


def free_quantity(table: Table, base: str, known: Unit | None) -> tuple[float | None, Unit]:
    """Return a quantity whose unit only its own writing tells, unless it is known."""
    if known is not None:
        return table.quantity(base, known), known
    for unit in (Unit.SECONDS, Unit.BYTES, Unit.BYTES_PER_SECOND, Unit.PERCENT, Unit.PER_SECOND):
        if table.key_of(base, unit) != base:
            return table.quantity(base, unit), unit
    value = table.value(base)
    if isinstance(value, str):
        endings = ((ending, unit) for ending, unit in _UNIT_ENDINGS if value.strip().lower().endswith(ending))
        _, unit = next(endings, ("", Unit.SECONDS))
        return table.quantity(base, unit), unit
    return table.number(base), Unit.COUNT


Actions = tuple[AlertAction, ...]


def _levels(table: Table, *, both: bool) -> tuple[Actions, Actions, Actions]:
    """Return what is done at a warning, when it is critical, and when it clears."""
    usual = _actions(table, "action")
    usual = (NOTIFY,) if usual is None else usual
    # An end is not taken back: where there are two levels, the worse one brings it.
    mild = tuple(action for action in usual if not (both and action.kind is ActionKind.STOP))
    warn, critical, clear = (_actions(table, f"{level}_action") for level in ("warn", "critical", "clear"))
    told = tuple(action for action in usual if action == NOTIFY)
    return mild if warn is None else warn, usual if critical is None else critical, told if clear is None else clear


def _actions(table: Table, key: str) -> Actions | None:
    written = table.value(key)
    texts = table.texts(key) if isinstance(written, list) else (table.text(key),) if written is not None else None
    if texts is None:
        return None
    if len(texts) > MOST_ACTIONS:
        raise table.error(key, f"holds {len(texts)} actions", hint=f"{MOST_ACTIONS} at most")
    return tuple(_action(table, key, text.strip()) for text in texts if text.strip())


def _action(table: Table, key: str, text: str) -> AlertAction:
    if text in _PLAIN:
        return AlertAction(_PLAIN[text])
    word, colon, argument = text.partition(":")
    if colon and word == ActionKind.RUN.value:
        return AlertAction(ActionKind.RUN, _command(table, key, argument.strip()))
    if colon and word == ActionKind.WEBHOOK.value:
        return AlertAction(ActionKind.WEBHOOK, _address(table, key, argument.strip()))
    return AlertAction(ActionKind.TEXT, text)


def _command(table: Table, key: str, written: str) -> str:
    try:
        argv = shlex.split(written)
    except ValueError:
        raise table.error(key, "a quotation mark of the command is not closed") from None
    if not argv:
        raise table.error(key, "names no command", hint='write it like action = "run:notify-send perftui"')
    return written


def _address(table: Table, key: str, written: str) -> str:
    hint = 'write it like action = "webhook:https://example.org/hook"'
    try:
        parts = urlsplit(written)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    if not valid or not written.isascii() or not written.isprintable() or " " in written:
        raise table.error(key, "is no address of http or https", hint=hint)
    return written

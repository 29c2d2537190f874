"""Reads `[metrics.<name>]`: how a series is made from others, and limits of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from math import inf

from perftui.budgets.alert_rules import free_quantity
from perftui.budgets.rules import LONGEST_TIME_S, check_order, judged, without_limit
from perftui.budgets.spec import RESOURCES, MetricFigure, MetricRule
from perftui.model.derivation import METRIC_KEY, MOST_DERIVED, Derivation, DerivationKind, Selector
from perftui.model.reading import METER_BY_METRIC
from perftui.toml.table import Table, shown
from perftui.units import Unit

USUAL_WINDOW_S = 30.0
WHOLE_RUN = "run"
_MOST_PARTS = 8
UNITS = {unit.value or "count": unit for unit in Unit if unit is not Unit.SAMPLES and unit is not Unit.BYTES_PER_MINUTE}
_UNIT_OF_ENDING = {"seconds": Unit.SECONDS, "bytes": Unit.BYTES, "percent": Unit.PERCENT}
_RATE_UNITS = {Unit.SECONDS: Unit.SECONDS_PER_SECOND, Unit.BYTES: Unit.BYTES_PER_SECOND}
_NAME = re.compile(r"[A-Za-z_:][A-Za-z0-9_:.-]*")
_PATTERN = re.compile(r"(?:[\w /:@%=,-]|\.[*+]?|\|)*")
_MOST_WILD = 2
"""Each more would let a hostile label take a power more of time."""
_FIGURE_WORDS = {
    MetricFigure.MAX: "peak ",
    MetricFigure.MEAN: "mean ",
    MetricFigure.P95: "p95 of ",
    MetricFigure.MIN: "least ",
    MetricFigure.LAST: "",
}


def read_metrics(metrics: Table) -> tuple[tuple[Derivation, ...], tuple[MetricRule, ...]]:
    """Return what is derived, and the limits of it; raises `ConfigError`."""
    if len(metrics.names()) > MOST_DERIVED:
        raise metrics.error("", f"holds {len(metrics.names())} tables", hint=f"{MOST_DERIVED} at most")
    read = [_metric(name, table) for name, table in metrics.tables()]
    return tuple(derivation for derivation, _ in read), tuple(rule for _, rules in read for rule in rules)


def _metric(name: str, table: Table) -> tuple[Derivation, tuple[MetricRule, ...]]:
    kind, of, q = _source(name, table)
    between = _between(table, kind)
    over_s = _window(table, kind, between)
    unit = _unit(table, kind, of[0].name)
    upper, unit = _limits(table, "target", "limit", unit)
    lower, unit = _limits(table, "warn_min", "min", unit, downward=True)
    unit = unit or Unit.COUNT
    derivation = Derivation(name, kind, of, unit, over_s, q, between)
    rules = tuple(_rules(table, derivation, upper, lower))
    if not rules and kind is DerivationKind.SERIES and "series" not in table:
        raise without_limit(table, "rate, ratio, quantile, avg or delta, or a limit of the series itself")
    table.close()
    return derivation, rules


# What it is made from.


def _source(name: str, table: Table) -> tuple[DerivationKind, tuple[Selector, ...], float]:
    asked = [kind for kind in DerivationKind if kind.value in table]
    if len(asked) > 1:
        raise table.error(asked[1].value, f"does not go with {asked[0].value}", hint="give each a table of its own")
    kind = asked[0] if asked else DerivationKind.SERIES
    labels = _labels(table)
    if not asked:
        return kind, (_selector(table, "", name, labels),), 0.0
    if kind is DerivationKind.RATIO:
        return kind, _parts(table, labels), 0.0
    if kind is DerivationKind.QUANTILE:
        inner = table.table(kind.value)
        q = inner.number("q", at_most=1.0)
        if q is None:
            raise inner.error("", "names no q", hint='write quantile = { series = "latency_seconds", q = 0.95 }')
        selector = _selector(inner, "series", inner.text("series"), labels)
        inner.close()
        return kind, (selector,), q
    return kind, (_selector(table, kind.value, table.text(kind.value), labels),), 0.0


def _parts(table: Table, labels: tuple[tuple[str, str], ...]) -> tuple[Selector, ...]:
    key = DerivationKind.RATIO.value
    names = table.texts(key)
    if not 2 <= len(names) <= _MOST_PARTS:
        raise table.error(key, f"holds {len(names)} names", hint='write ratio = ["errors_total", "requests_total"]')
    # Labels narrow what is counted, not what it is a share of.
    return (
        _selector(table, key, names[0], labels),
        *(_selector(table, key, name, ()) for name in names[1:]),
    )


def _selector(table: Table, key: str, name: str, labels: tuple[tuple[str, str], ...]) -> Selector:
    if not _NAME.fullmatch(name):
        raise table.error(key, f'"{shown(name)}" is no name of a series', hint='write it like "requests_total"')
    return Selector(RESOURCES.get(name, name), labels)


def _labels(table: Table) -> tuple[tuple[str, str], ...]:
    inner = table.table("labels")
    found = []
    for name in inner.names():
        pattern = inner.text(name)
        wild = pattern.count("*") + pattern.count("+")
        if not _PATTERN.fullmatch(pattern) or wild > _MOST_WILD:
            message = f'"{shown(pattern)}" is no pattern of a label'
            hint = "letters and digits, . for any one, .* for any, | between several"
            raise inner.error(name, message, hint=hint)
        found.append((name, pattern))
    return tuple(sorted(found))


def _between(table: Table, kind: DerivationKind) -> tuple[str, str] | None:
    marks = table.texts("between")
    if "between" not in table:
        return None
    if kind is not DerivationKind.DELTA:
        raise table.error("between", "goes with delta alone", hint='write delta = "rss" beside it')
    if len(marks) != 2 or marks[0] == marks[1]:
        raise table.error("between", "must name two marks", hint='write between = ["begin", "loaded"]')
    return marks[0], marks[1]


def _window(table: Table, kind: DerivationKind, between: tuple[str, str] | None) -> float:
    written = table.value("over")
    if written == WHOLE_RUN:
        return inf
    over_s = table.quantity("over", Unit.SECONDS, above_zero=True, at_most=LONGEST_TIME_S)
    if over_s is not None and (between is not None or kind is DerivationKind.SERIES):
        message = "has no meaning between two marks" if between else "has no meaning for a series as it is"
        raise table.error(table.key_of("over", Unit.SECONDS), message, hint="leave it out")
    if over_s is not None:
        return over_s
    return inf if kind in (DerivationKind.DELTA, DerivationKind.SERIES) else USUAL_WINDOW_S


# Its unit.


def _unit(table: Table, kind: DerivationKind, name: str) -> Unit | None:
    """Return the unit that is written, or that the name tells; None where only the limits may tell it."""
    written = table.choice("unit", tuple(UNITS), "count") if "unit" in table else None
    if written is not None:
        return UNITS[written]
    if kind is DerivationKind.RATIO:
        return Unit.PERCENT
    of_name = unit_of_name(name)
    return _RATE_UNITS.get(of_name or Unit.COUNT, Unit.PER_SECOND) if kind is DerivationKind.RATE else of_name


def unit_of_name(name: str) -> Unit | None:
    """Return the unit that the name of a series ends with, as is usual for Prometheus; None where it tells none."""
    if name in METER_BY_METRIC:
        return METER_BY_METRIC[name].unit
    words = name.removesuffix("_total").removesuffix("_sum").rpartition("_")
    return _UNIT_OF_ENDING.get(words[2])


# Its limits.


Limits = tuple[float | None, float | None]
"""What warns, and what fails."""


def _limits(
    table: Table, warns: str, fails: str, unit: Unit | None, *, downward: bool = False
) -> tuple[Limits, Unit | None]:
    warn, warn_unit = free_quantity(table, warns, unit)
    fail, fail_unit = free_quantity(table, fails, unit)
    if warn is not None and fail is not None and warn_unit is not fail_unit:
        raise table.error(fails, f"is in another unit than {warns}", hint="write both in the same unit")
    found = warn_unit if warn is not None else fail_unit if fail is not None else unit
    ends = (fails, warns, fail, warn) if downward else (warns, fails, warn, fail)
    check_order(table, *ends, found or Unit.COUNT)
    return (warn, fail), found


def _rules(table: Table, derivation: Derivation, upper: Limits, lower: Limits) -> Iterator[MetricRule]:
    for_s = table.quantity("for", Unit.SECONDS, at_most=LONGEST_TIME_S) or 0.0
    written = (
        table.choice("aggregation", [each.value for each in MetricFigure], "max") if "aggregation" in table else ""
    )
    if for_s and written:
        message = f'does not go with aggregation = "{written}", which is about the whole run already'
        raise table.error(table.key_of("for", Unit.SECONDS), message, hint="leave one of them out")
    reason, gate = judged(table)
    sides: Mapping[str, tuple[Limits, bool]] = {"": (upper, False), ".min": (lower, True)}
    for ending, ((warn, fail), downward) in sides.items():
        if warn is None and fail is None:
            continue
        figure = MetricFigure(written) if written else _usual_figure(derivation, downward=downward)
        yield MetricRule(
            name=f"{table.name}{ending}",
            metric=f"{METRIC_KEY}{derivation.name}",
            unit=derivation.unit,
            warn=warn,
            fail=fail,
            reason=reason,
            gate=gate,
            derivation=derivation,
            figure=figure,
            for_s=for_s,
            lower_is_better=not downward,
            label=_label(derivation, figure, for_s),
        )


def _label(derivation: Derivation, figure: MetricFigure, for_s: float) -> str:
    if for_s:
        return f"{derivation.name} for {for_s:g} s"
    return derivation.name if derivation.between else f"{_FIGURE_WORDS[figure]}{derivation.name}"


def _usual_figure(derivation: Derivation, *, downward: bool) -> MetricFigure:
    if derivation.between is not None:
        return MetricFigure.MAX
    if derivation.over_s == inf and derivation.kind is not DerivationKind.SERIES:
        # The newest value is about all of the run.
        return MetricFigure.LAST
    # At its beginning and its end every load is less than it is.
    return MetricFigure.MEAN if downward else MetricFigure.MAX

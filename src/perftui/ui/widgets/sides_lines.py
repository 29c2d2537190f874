"""What stands in the tables of both sides: meters and budgets as figures, the surroundings as facts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from perftui.analysis.change_words import ratio_text, signed_text
from perftui.analysis.paired_figures import BudgetPair, FigurePair, MeterPair
from perftui.model.change import Condition
from perftui.model.verdict import RuleVerdict, Verdict
from perftui.ui.widgets.sides_table import Fact, Figures, Line, Sentence, Title
from perftui.units import format_value

_COLUMNS = ("baseline", "current", "Δ", "change")
_MISSING = "–"
_TONES = {Verdict.PASS: "pass", Verdict.WARN: "warn", Verdict.FAIL: "fail"}
_SIGNS = {Verdict.FAIL: "✘", Verdict.WARN: "▲", Verdict.PASS: "✔", Verdict.INCONCLUSIVE: "?", Verdict.MISSING: "…"}


def figure_lines(title: str, pairs: Iterable[FigurePair]) -> list[Line]:
    """Return figures of both sides below a title; nothing where there is none."""
    lines = [Figures(pair.label, _cells(pair)) for pair in pairs]
    return [Title(title, _COLUMNS), *lines] if lines else []


def meter_lines(pairs: Sequence[MeterPair]) -> list[Line]:
    """Return the mean of each meter, with the peak as the next line where that is another one."""
    if not pairs:
        return [Sentence("no meter was read on either side")]
    lines: list[Line] = [Title("meters: mean, then peak", _COLUMNS)]
    for pair in pairs:
        lines.append(Figures(pair.meter.label, _cells(pair.mean), muted=not pair.meter.of_target))
        if (pair.peak.baseline, pair.peak.current) != (pair.mean.baseline, pair.mean.current):
            cells = _cells(pair.peak)
            lines.append(Figures("  peak", cells, ("muted",) * len(cells), muted=True))
    return lines


def budget_lines(pairs: Sequence[BudgetPair]) -> list[Line]:
    """Return each rule with the value and the verdict of both sides; one sentence where there is none."""
    if not pairs:
        return [Sentence("neither side was held against a budget")]
    lines: list[Line] = [Title("budget", _COLUMNS)]
    for pair in pairs:
        values = FigurePair(pair.subject, pair.unit, _value(pair.baseline), _value(pair.current))
        _, _, delta, change = _cells(values)
        cells = (_judged(pair.baseline), _judged(pair.current), delta, change)
        lines.append(Figures(pair.subject, cells, (_tone(pair.baseline), _tone(pair.current))))
    return lines


def condition_lines(conditions: Sequence[Condition], *, remarks: Sequence[str] = ()) -> list[Line]:
    """Return what differs and matters, what differs otherwise, and what is the same on both sides."""
    lines: list[Line] = [Sentence(f"▲ {remark}", "warn") for remark in remarks]
    differ = [each for each in conditions if not each.same and each.matters]
    aside = [each for each in conditions if not each.same and not each.matters]
    if not conditions:
        return [*lines, Sentence("nothing was noted of the surroundings of either side")]
    if differ:
        noun = "condition differs" if len(differ) == 1 else "conditions differ"
        lines.append(Title(f"{len(differ)} {noun}, and may explain a change"))
        for each in differ:
            lines.extend(_facts([each]))
            if each.sentence:
                lines.append(Sentence(f"    {each.sentence}"))
    else:
        lines.append(Sentence("✔ same conditions: nothing that matters differs", "pass"))
    for title, group in (("differs, and should not matter", aside), ("the same", [c for c in conditions if c.same])):
        if group:
            lines.extend([Title(title), *_facts(group)])
    return lines


def _facts(conditions: Iterable[Condition]) -> list[Line]:
    return [
        Fact(each.name, each.baseline, each.current, differs=not each.same, matters=each.matters) for each in conditions
    ]


def _cells(pair: FigurePair) -> tuple[str, str, str, str]:
    before, after = (
        _MISSING if value is None else format_value(value, pair.unit) for value in (pair.baseline, pair.current)
    )
    delta = "" if pair.delta is None else signed_text(pair.delta, pair.unit)
    change = "" if pair.ratio is None else ratio_text(pair.baseline or 0.0, pair.current or 0.0)
    return before, after, delta, change


def _value(verdict: RuleVerdict | None) -> float | None:
    return None if verdict is None else verdict.current


def _judged(verdict: RuleVerdict | None) -> str:
    if verdict is None:
        return "not judged"
    value = verdict.verdict.value if verdict.current is None else format_value(verdict.current, verdict.unit)
    return f"{_SIGNS.get(verdict.verdict, '·')} {value}"


def _tone(verdict: RuleVerdict | None) -> str:
    return "muted" if verdict is None else _TONES.get(verdict.verdict, "muted")

"""What stands in the tables of both sides: meters and budgets as figures, the surroundings as facts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from perftui.analysis.change_words import ratio_text, signed_text, span_text
from perftui.analysis.paired_figures import BudgetPair, FigurePair, MeterPair
from perftui.model.change import Condition
from perftui.model.verdict import RuleVerdict, Verdict
from perftui.reports.check_words import sides_text
from perftui.ui.widgets.sides_table import Fact, Figures, Line, Sentence, Title
from perftui.units import format_value

_COLUMNS = ("baseline", "current", "Δ", "change")
_SPANS = ("runs, baseline", "runs, current")
_MISSING = "–"
_TONES = {Verdict.PASS: "pass", Verdict.WARN: "warn", Verdict.FAIL: "fail"}
_SIGNS = {Verdict.FAIL: "✘", Verdict.WARN: "▲", Verdict.PASS: "✔", Verdict.INCONCLUSIVE: "?", Verdict.MISSING: "…"}


def figure_lines(title: str, pairs: Iterable[FigurePair]) -> list[Line]:
    """Return figures of both sides below a title; nothing where there is none."""
    lines = [Figures(pair.label, _cells(pair), spans=_spans(pair)) for pair in pairs]
    return [Title(title, _COLUMNS, _spans_of(lines)), *lines] if lines else []


def meter_lines(pairs: Sequence[MeterPair]) -> list[Line]:
    """Return the mean of each meter, with the peak as the next line where that is another one."""
    if not pairs:
        return [Sentence("no meter was read on either side")]
    lines: list[Figures] = []
    for pair in pairs:
        muted = not pair.meter.of_target
        lines.append(Figures(pair.meter.label, _cells(pair.mean), muted=muted, spans=_spans(pair.mean)))
        if (pair.peak.baseline, pair.peak.current) != (pair.mean.baseline, pair.mean.current):
            cells = _cells(pair.peak)
            lines.append(Figures("  peak", cells, ("muted",) * len(cells), muted=True, spans=_spans(pair.peak)))
    spans = _spans_of(lines)
    return [Title("meters: mean, peak" if spans else "meters: mean, then peak", _COLUMNS, spans), *lines]


def budget_lines(pairs: Sequence[BudgetPair]) -> list[Line]:
    """Return each rule with the value and the verdict of both sides; one sentence where there is none."""
    if not pairs:
        return [Sentence("neither side was held against a budget")]
    several = any(runs > 1 for pair in pairs for _, runs in pair.alike)
    title = Title("budget, worst run", _COLUMNS, _SPANS) if several else Title("budget", _COLUMNS)
    lines: list[Line] = [title]
    for pair in pairs:
        cells = _rule_cells(pair)
        spans = (_alike(pair.alike[0]), _alike(pair.alike[1])) if several else ()
        lines.append(Figures(pair.subject, cells, (_tone(pair.baseline), _tone(pair.current)), spans=spans))
    return lines


def _rule_cells(pair: BudgetPair) -> tuple[str, ...]:
    """Return what was measured on both sides with its verdict; of a rule about a change that of the change."""
    held = pair.current.held_against if pair.current is not None and pair.across else None
    if pair.current is None or held is None or held.value is None:
        values = FigurePair(pair.subject, pair.unit, _value(pair.baseline), _value(pair.current))
        _, _, delta, change = _cells(values)
        return _judged(pair.baseline), _judged(pair.current), delta, change
    _, _, delta, change = _cells(FigurePair(pair.subject, held.unit, held.value, held.current))
    before, after = sides_text(pair.current)
    return before, f"{_SIGNS.get(pair.current.verdict, '·')} {after}", delta, change


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


def _spans(pair: FigurePair) -> tuple[str, ...]:
    """Return between what the runs of both sides lie; nothing where neither side has several."""
    if not any(pair.spans):
        return ()
    return tuple(span_text(span, pair.unit) or "all alike" for span in pair.spans)


def _spans_of(lines: Sequence[Figures]) -> tuple[str, ...]:
    return _SPANS if any(line.spans for line in lines) else ()


def _alike(alike: tuple[int, int]) -> str:
    """Return how many runs have the verdict of the worst one."""
    return f"{alike[0]} of {alike[1]} runs" if alike[1] else ""


def _value(verdict: RuleVerdict | None) -> float | None:
    return None if verdict is None else verdict.current


def _judged(verdict: RuleVerdict | None) -> str:
    if verdict is None:
        return "not judged"
    value = verdict.verdict.value if verdict.current is None else format_value(verdict.current, verdict.unit)
    return f"{_SIGNS.get(verdict.verdict, '·')} {value}"


def _tone(verdict: RuleVerdict | None) -> str:
    return "muted" if verdict is None else _TONES.get(verdict.verdict, "muted")

"""What a session is advised: findings and bottlenecks from its model, as values and as a document for scripts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import floor
from typing import Any

from perftui.analysis.advice import LEAST_SAMPLES, advice_in_steps
from perftui.analysis.bottlenecks import TIMES_FASTER, bottlenecks_in_steps, faster
from perftui.analysis.call_tree import FunctionKey, function_key
from perftui.analysis.operation_count import MANY, operation_count, series_counts
from perftui.analysis.steady_order import Standing, SteadyOrder, sampled_lead
from perftui.analysis.steps import Steps, finished
from perftui.errors import NoDataError
from perftui.model.finding import Bottleneck, Finding, OperationCount, Severity, WaitingAt
from perftui.model.frame import Frame
from perftui.recording.session_model import SessionModel
from perftui.recording.source_text import SourceText, read_source, standing_of, text_that_ran
from perftui.recording.update import Phase
from perftui.text import printable
from perftui.units import Unit, format_count

SCHEMA = "perftui.advice/1"
USUAL_TOP = 10
_MOST_DIGITS = 15
"""Of a number of operations; nobody counts further, and arithmetic would not follow."""
_NAME_CHARACTERS = 200
_NAMED = 8
"""Counters that are named where none was meant."""


@dataclass(frozen=True, slots=True)
class Advice:
    """What a session shows to cost most, and what to do about it."""

    findings: tuple[Finding, ...]
    """The gravest first."""
    bottlenecks: tuple[Bottleneck, ...]
    """The dearest first; none where the profile counts something else than seconds."""
    times: float
    """How many times faster a bottleneck is imagined to become."""
    sampled_s: float
    samples: int
    waiting: tuple[WaitingAt, ...] = ()
    """Where most threads wait; none where no look could tell."""
    looks: int = 0
    """Looks at all threads, about one a second, which `waiting` is told from."""
    operations: OperationCount | None = None
    """What costs for each operation are worked out from; None where none was counted."""

    def at(self, times: float) -> Advice:
        """Return the same with bottlenecks that become so many times faster."""
        return replace(self, times=times, bottlenecks=faster(self.bottlenecks, self.sampled_s, times))


def advice_of(
    model: SessionModel, *, top: int = USUAL_TOP, times: float = TIMES_FASTER, operations: OperationCount | None = None
) -> Advice:
    """Return what a session is advised: `top` bottlenecks, each made so many `times` faster.

    Args:
        model: The session.
        top: At most so many bottlenecks.
        times: How many times faster each becomes.
        operations: What a person says that the run did; None for what a tool or the workload counted.
    """
    return finished(Adviser(model).steps(top=top, times=times, operations=operations))


def counted_operations(model: SessionModel, wanted: str) -> OperationCount:
    """Return what a person means by a number of operations, or by the name of a series that counted them.

    Raises:
        NoDataError: Nothing of that name counted anything.
    """
    if wanted.isascii() and wanted.isdigit() and len(wanted) <= _MOST_DIGITS and int(wanted) > 0:
        return OperationCount(int(wanted))
    counts = list(series_counts(model.series, begins=_begins(model)))
    for count in counts:
        if count.of == wanted:
            return count
    known = ", ".join(printable(count.of) for count in counts[:_NAMED])
    raise NoDataError(
        f"no series named {printable(wanted[:_NAME_CHARACTERS])} counted operations in this session",
        hint=f"it holds the counters {known}" if known else "give their number, as in --operations 1000",
    )


def _begins(model: SessionModel) -> bool:
    """Say whether the workload began with the session: what it counts in a later part of a watch began before."""
    return model.meta.part <= 1


class Adviser:
    """Works out advice of one session again and again while it grows; each file of source is read once."""

    def __init__(self, model: SessionModel) -> None:
        self._model = model
        self._lines = _Lines(model)

    def steps(
        self, *, top: int = USUAL_TOP, times: float = TIMES_FASTER, operations: OperationCount | None = None
    ) -> Steps[Advice]:
        """Work out what the session is advised now, in steps."""
        model = self._model
        aggregate = model.aggregate
        findings = yield from advice_in_steps(
            aggregate,
            model.measures,
            cores=usable_cores(model.meta.environment),
            waits=model.waits,
            line_of=self._lines.of,
        )
        yield
        in_seconds = aggregate.tree.unit is Unit.SECONDS and aggregate.tree.weight > 0
        sampled_s, samples = aggregate.tree.weight if in_seconds else 0.0, aggregate.samples
        count = operations or operation_count(model.operations, model.series, begins=_begins(model))
        of_each = count.number if count else 0
        rows: tuple[Bottleneck, ...] = ()
        if in_seconds:
            rows = yield from bottlenecks_in_steps(aggregate, top=top, times=times, operations=of_each)
        waiting = model.waits.dearest(min(top, USUAL_TOP))
        return Advice(
            findings, rows, times, sampled_s, samples, waiting, model.waits.looks, count if in_seconds else None
        )


class SteadyAdvice:
    """Keeps findings and bottlenecks where they are until others are clearly ahead of them."""

    def __init__(self) -> None:
        self._rules: list[tuple[str, Frame | None]] = []
        self._order: SteadyOrder[FunctionKey] = SteadyOrder()

    def update(self, found: Advice, now_s: float) -> Advice:
        """Return advice in the order to be shown at a moment of the recording."""
        severities = list(Severity)
        known = {key: place for place, key in enumerate(self._rules)}
        findings = sorted(
            found.findings,
            key=lambda each: (severities.index(each.severity), known.get((each.rule, each.place), len(known))),
        )
        self._rules = [(each.rule, each.place) for each in findings]
        rows = {function_key(row.frame): row for row in found.bottlenecks}
        ranked = [Standing(key, row.total_s, sampled_lead(row.total_s, row.samples)) for key, row in rows.items()]
        order = self._order.update(ranked, now_s)
        return replace(found, findings=tuple(findings), bottlenecks=tuple(rows[key] for key in order))


def why_no_waiting(advice: Advice) -> str:
    """Return why nothing is known of where threads wait, as a sentence."""
    if not advice.looks:
        return "Where threads wait was not measured: no look at them came, which are taken about once a second."
    looks = "1 look tells" if advice.looks == 1 else f"{advice.looks} looks tell"
    return f"{looks} of no thread where it waits: none did, or the recording did not keep it."


def why_no_finding(model: SessionModel) -> str:
    """Return why a session has no finding, as a sentence."""
    aggregate, live = model.aggregate, model.phase is not Phase.DONE
    if aggregate.tree.unit is not Unit.SECONDS:
        return "No finding: this profile counts no seconds, and rules speak of time."
    if aggregate.samples < LEAST_SAMPLES:
        few = "no sample" if not aggregate.samples else f"{aggregate.samples} samples"
        return f"No finding: {few}{' yet' if live else ''}, and rules about time need {LEAST_SAMPLES}."
    return f"No finding: in {format_count(aggregate.samples)} samples no rule saw more than chance would give."


class _Lines:
    """Lines of source as they ran; each file is read once."""

    def __init__(self, model: SessionModel) -> None:
        self._model = model
        self._texts: dict[str, SourceText] = {}

    def of(self, frame: Frame) -> str:
        """Return the line that a frame is in; empty where it cannot be read, or is not what ran."""
        model, ran = self._model, self._model.sources.get(frame.file)
        text = self._texts.get(frame.file)
        if text is None:
            found = read_source(frame.file, cwd=model.meta.cwd)
            text = self._texts[frame.file] = text_that_ran(found, ran)
        standing = standing_of(text, model.meta, last_line=frame.line, ran=ran)
        if not 0 < frame.line <= len(text.lines) or (standing.words and not standing.sure):
            return ""
        return text.lines[frame.line - 1]


def usable_cores(environment: Mapping[str, str]) -> int | None:
    """Return the processors that a workload could use, by the facts of its session; None where nobody noted them."""
    known = []
    for name in ("cores", "cpu_limit_cores"):
        try:
            known.append(floor(float(environment.get(name, ""))))
        except (ValueError, OverflowError):
            continue
    return max(1, min(known)) if known else None


def advice_document(model: SessionModel, found: Advice) -> dict[str, Any]:
    """Return advice as a document; shares are 0 to 1, times in seconds."""
    return {"schema": SCHEMA, "id": model.meta.id, "name": model.meta.name, **found_document(found)}


def found_document(found: Advice) -> dict[str, Any]:
    """Return what was found, without which session it is of, as a document."""
    return {
        "sampled_s": round(found.sampled_s, 6),
        "samples": found.samples,
        "findings": [_finding(finding) for finding in found.findings],
        "times_faster": found.times,
        "operations": found.operations and _operations(found.operations),
        "bottlenecks": [_bottleneck(row) for row in found.bottlenecks],
        "looks": found.looks,
        "waiting": [_waiting(row, found.looks) for row in found.waiting],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    place = finding.place
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "title": finding.title,
        "evidence": finding.evidence,
        "suggestion": finding.suggestion,
        "share": None if finding.share is None else round(finding.share, 6),
        "samples": finding.samples,
        "function": place.function if place else None,
        "file": place.file if place else None,
        "line": place.line if place else None,
        "place_share": round(finding.place_share, 6) if place else None,
    }


def _operations(count: OperationCount) -> dict[str, Any]:
    """Return what was counted: its number, of which operation, by which tool, and the seconds that this measured."""
    return {
        "number": count.number,
        "operation": count.of or None,
        "tool": count.tool or None,
        "measured_s": None if count.measured_s is None else round(count.measured_s, 6),
    }


def _significant(seconds: float | None) -> float | None:
    """Return seconds with as many digits as they have worth, however small: one operation may take nanoseconds."""
    return None if seconds is None else float(f"{seconds:.6g}")


def _waiting(row: WaitingAt, looks: int) -> dict[str, Any]:
    place = row.own or row.leaf
    return {
        "function": place.function,
        "file": place.file,
        "line": place.line,
        "own": row.own is not None,
        "in_function": row.leaf.function,
        "in_file": row.leaf.file,
        "in_line": row.leaf.line,
        "threads": round(row.threads, 6),
        "looks": row.found,
        "share": round(row.found / looks, 6),
        "crowded_looks": row.crowded,
    }


def _bottleneck(row: Bottleneck) -> dict[str, Any]:
    return {
        "function": row.frame.function,
        "file": row.frame.file,
        "line": row.frame.line,
        "self_s": round(row.self_s, 6),
        "total_s": round(row.total_s, 6),
        "self_share": round(row.self_share, 6),
        "total_share": round(row.total_share, 6),
        "samples": row.samples,
        "per_operation_s": _significant(row.per_operation_s),
        "per_10000_operations_s": None if row.per_operation_s is None else _significant(MANY * row.per_operation_s),
        "whole_after_s": round(row.whole_after_s, 6),
        "gain": round(row.gain, 6),
    }

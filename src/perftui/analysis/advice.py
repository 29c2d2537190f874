"""Advice: rules that speak only of what was measured, each with its figures, its place and what usually helps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from perftui.analysis.aggregate import Aggregate
from perftui.analysis.gil_turns import crowd_of
from perftui.analysis.growth import Slope
from perftui.analysis.lock_waits import lock_findings
from perftui.analysis.measures import Measures
from perftui.analysis.sampling_error import share_interval
from perftui.analysis.steps import Steps, finished
from perftui.analysis.thread_states import looks_at
from perftui.analysis.waits import Waits
from perftui.analysis.work_kinds import KindShare, WorkKind, own_lines_in_steps, shares_in_steps
from perftui.model.finding import Finding, Severity
from perftui.model.frame import Frame
from perftui.model.heap import HeapView
from perftui.units import Unit, format_bytes, format_percent, format_seconds

HIGH_SHARE, MEDIUM_SHARE = 0.3, 0.15
"""From these shares of all sampled time on a finding is high, or medium."""
LEAST_SAMPLES = 50
"""Below it a profile is too thin to advise from."""
_LEAST_WALL_S = 1.0
_MOST_OF_ONE = 120.0
"""Percent of a processor that one thread of Python uses at most: a meter shows never quite 100."""
_LEAST_OF_ONE = 20.0
"""Below it what is called ready is not trusted, however busy the machine is."""
_READY = 0.7
"""From so many ready threads on the work keeps one processor busy, or would if the machine gave it one."""
_GIL_READY = 1.15
"""So many threads surely were ready at a time, while one processor's worth of time was used; of one thread it is never
more than 1, however busy the machine is. Who waits for the GIL sleeps for milliseconds, so it is less than wait."""
_GIL_SHARE = 0.1
"""Share of all sampled time in which surely others were ready as well, below which nobody needs to be told."""
_GIL_HELD = 0.5
"""Share of looks that found somebody with the GIL."""
_WAITING_THREADS = 2
_ONE_THREAD = 0.9
"""Share of all samples from which on one thread does the work."""
_GROWTH_BYTES = 10_000_000
"""Growth over the run below which nobody needs to be told."""
_GROWTH_SHARE = 0.2
"""Of what was held at first."""


@dataclass(frozen=True, slots=True)
class _Words:
    least: float
    """Share of sampled time from which the rule speaks, surely."""
    title: str
    suggestion: str


_KIND_WORDS: Mapping[WorkKind, _Words] = {
    WorkKind.SERIALISATION: _Words(
        0.08,
        "serialising and parsing",
        "do it once and keep the result, send less, or use a faster codec (orjson, msgspec) or a binary format",
    ),
    WorkKind.LOGGING: _Words(
        0.05,
        "writing log records",
        "raise the level, take the call out of the loop, or hand records to a QueueHandler",
    ),
    WorkKind.IMPORTS: _Words(
        0.15,
        "importing modules",
        "import what few paths need inside them; `python -X importtime` lists modules one by one",
    ),
    WorkKind.PATTERNS: _Words(
        0.03,
        "compiling regular expressions",
        "compile each pattern once, outside of the loop: the cache of `re` holds 512 of them",
    ),
    WorkKind.COPIES: _Words(
        0.05,
        "deep copies",
        "copy only what is changed, use immutable values, or write a copy() that knows the type",
    ),
    WorkKind.INTROSPECTION: _Words(
        0.05,
        "looking at the program's own code",
        "look frames and signatures up once; sys._getframe is far cheaper than inspect.stack()",
    ),
    WorkKind.DATES: _Words(
        0.05,
        "parsing dates by format",
        "datetime.fromisoformat is many times faster than strptime where the text is ISO 8601",
    ),
    WorkKind.STARTING: _Words(
        0.1,
        "starting processes",
        "start workers once and keep them, or call the library in place of the program",
    ),
}


def advice(
    aggregate: Aggregate,
    measures: Measures,
    *,
    cores: int | None = None,
    waits: Waits | None = None,
    line_of: Callable[[Frame], str] = lambda _: "",
) -> tuple[Finding, ...]:
    """Return what a session's figures show to cost more than it need, the gravest first.

    Args:
        aggregate: CPU samples; rules about time are silent where it counts something else.
        measures: Meters and heap of the same session.
        cores: Processors that the workload could use; None where unknown.
        waits: Where idle threads were found.
        line_of: The text of a frame's line; empty where it cannot be read any more, or has changed.
    """
    return finished(advice_in_steps(aggregate, measures, cores=cores, waits=waits, line_of=line_of))


def advice_in_steps(
    aggregate: Aggregate,
    measures: Measures,
    *,
    cores: int | None = None,
    waits: Waits | None = None,
    line_of: Callable[[Frame], str] = lambda _: "",
) -> Steps[tuple[Finding, ...]]:
    """Work advice out in steps."""
    found = yield from _of_time(aggregate, measures, cores)
    found += yield from _growth(measures)
    if waits is not None:
        found += lock_findings(waits, line_of)
    order = list(Severity)
    return tuple(sorted(found, key=lambda finding: (order.index(finding.severity), -(finding.share or 0.0))))


def _of_time(aggregate: Aggregate, measures: Measures, cores: int | None) -> Steps[list[Finding]]:
    if aggregate.tree.unit is not Unit.SECONDS or aggregate.samples < LEAST_SAMPLES:
        return []
    shares = yield from shares_in_steps(aggregate)
    found = [_kind(aggregate, share) for share in shares]
    if measures.wall_s >= _LEAST_WALL_S and cores is not None and cores > 1:
        gil_bound = yield from _gil_bound(aggregate, measures, cores)
        alone = yield from _alone(aggregate, measures, cores)
        found += [gil_bound, alone]
    return [finding for finding in found if finding is not None]


def _kind(aggregate: Aggregate, share: KindShare) -> Finding | None:
    """Return what a kind of work costs, where it is surely more than the rule lets pass."""
    words = _KIND_WORDS[share.kind]
    whole = aggregate.tree.weight
    part = share.weight / whole
    low, high = share_interval(part, aggregate.samples)
    if low < words.least:
        return None
    doer = f", through {share.doer.function}" if share.doer is not None else ""
    return Finding(
        rule=share.kind.value,
        severity=_severity(low),
        title=f"{format_percent(100 * part)} of the time goes into {words.title}",
        evidence=f"{format_seconds(share.weight)} of {format_seconds(whole)} sampled ({share.samples} samples, "
        f"{format_percent(100 * low)} to {format_percent(100 * high)}){doer}",
        suggestion=words.suggestion,
        share=part,
        samples=share.samples,
        place=share.place,
        place_share=share.place_weight / share.weight,
    )


def _gil_bound(aggregate: Aggregate, measures: Measures, cores: int) -> Steps[Finding | None]:
    """Threads that are ready at the same time but get one processor together wait for the GIL.

    Where threads wait for processors instead, hardly any look finds the GIL held all the time.
    """
    cpu, crowd = measures.figures("cpu_percent").mean, crowd_of(aggregate)
    if cpu is None or cpu > _MOST_OF_ONE or crowd is None or crowd.interval[0] < _GIL_READY:
        return None
    looks = max(share.looks for share in crowd.threads)
    held = looks_at(crowd.threads).gil / looks
    low, high = crowd.interval
    surely = (low - 1) * crowd.span_s / aggregate.tree.weight
    if held < _GIL_HELD or surely < _GIL_SHARE:
        return None
    place, of_place = yield from _hottest_own(aggregate)
    samples = sum(each.count for each in crowd.threads)
    return Finding(
        rule="gil",
        severity=_severity(surely),
        title=f"{len(crowd.threads)} threads run Python by turns",
        evidence=f"{crowd.ready:.2f} of them ({low:.2f} to {high:.2f}) were ready at a time for "
        f"{format_seconds(crowd.span_s)} ({samples} samples), with {format_percent(cpu)} CPU used of {100 * cores} %; "
        f"the GIL was held in {format_percent(100 * min(1.0, held))} of {looks} looks",
        suggestion="threads of one interpreter share one processor: use processes, or code that releases the GIL",
        share=crowd.waits_s / aggregate.tree.weight,
        samples=samples,
        place=place,
        place_share=of_place,
    )


def _alone(aggregate: Aggregate, measures: Measures, cores: int) -> Steps[Finding | None]:
    """One thread that works while others of the same program have nothing to do."""
    cpu, threads = measures.figures("cpu_percent").mean, measures.figures("threads").mean
    shares = aggregate.thread_shares()
    whole = sum(share.weight for share in shares)
    busiest = max(shares, key=lambda share: share.weight, default=None)
    if cpu is None or threads is None or busiest is None or not _LEAST_OF_ONE <= cpu <= _MOST_OF_ONE or not whole:
        return None
    waiting = threads - 1
    part, ready = busiest.weight / whole, whole / aggregate.sampled_s if aggregate.sampled_s else 0.0
    if waiting < _WAITING_THREADS or ready < _READY or share_interval(part, aggregate.samples)[0] < _ONE_THREAD:
        return None
    place, of_place = yield from _hottest_own(aggregate)
    return Finding(
        rule="serial",
        severity=Severity.MEDIUM,
        title=f"one thread works while {waiting:.0f} others of the program wait",
        evidence=f"{format_percent(100 * part)} of the samples are of one thread, {ready:.2f} were ready at a time; "
        f"{format_percent(cpu)} CPU used of {100 * cores} %; {threads:.0f} threads on average, those of native "
        "libraries included",
        suggestion="give the waiting workers parts of this work, or start fewer of them",
        share=part,
        samples=busiest.count,
        place=place,
        place_share=of_place,
    )


def _growth(measures: Measures) -> Steps[list[Finding]]:
    """Memory that goes on growing after the warm-up; of the heap where it is traced, of RSS otherwise."""
    for metric, name in (("heap_bytes", "heap"), ("rss_bytes", "resident memory")):
        growth, figures = measures.growths[metric], measures.figures(metric)
        slope = growth.slope(fresh=True) if growth.is_measured else None
        if slope is None or figures.first is None:
            continue
        gained = slope.low * slope.span_s
        if gained < max(_GROWTH_BYTES, _GROWTH_SHARE * figures.first):
            continue
        place, of_place = yield from _holder(measures)
        finding = Finding(
            rule="growth",
            severity=Severity.HIGH if gained > (figures.first or 0.0) else Severity.MEDIUM,
            title=f"the {name} grows by {format_bytes(60 * slope.per_s)} a minute",
            evidence=f"{_interval(slope)} over {format_seconds(slope.span_s)} after the warm-up, {slope.points} "
            f"readings; peak {format_bytes(figures.peak or 0.0)}",
            suggestion=_OF_GROWTH if place is not None else f"{_OF_GROWTH}; --mode memory tells who allocates it",
            place=place,
            place_share=of_place,
        )
        return [finding]
    return []


HOLDERS = (HeapView.LEAKED, HeapView.HELD, HeapView.HIGH_WATERMARK)
"""Views of the heap that tell who holds what has grown, the one that tells it best first."""
_OF_GROWTH = "look for caches without a bound and lists that are only added to"


def _interval(slope: Slope) -> str:
    return f"{format_bytes(60 * slope.low)} to {format_bytes(60 * slope.high)} a minute (95 %)"


def _holder(measures: Measures) -> Steps[tuple[Frame | None, float]]:
    """Return the own line that holds most of the heap at its end, and its share."""
    for view in HOLDERS:
        profile = measures.heap.get(view)
        if profile is not None and profile.aggregate.tree.weight > 0:
            found = yield from _hottest_own(profile.aggregate)
            return found
    return None, 0.0


def _hottest_own(aggregate: Aggregate) -> Steps[tuple[Frame | None, float]]:
    """Return the own line that most weight comes from, by the deepest own frame of each stack, and its share."""
    weights = yield from own_lines_in_steps(aggregate)
    if not weights:
        return None, 0.0
    frame = max(weights, key=lambda number: (weights[number], -number))
    return aggregate.frames[frame], weights[frame] / (aggregate.tree.weight or 1.0)


def _severity(share: float) -> Severity:
    if share >= HIGH_SHARE:
        return Severity.HIGH
    return Severity.MEDIUM if share >= MEDIUM_SHARE else Severity.LOW

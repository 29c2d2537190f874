"""The rows of a comparison: every function of either side, with what may be said of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from perftui.analysis.call_tree import FunctionKey, function_key
from perftui.analysis.compare import REST, Side, Tolerance, tolerance_of
from perftui.analysis.count_tree import CountTree
from perftui.analysis.judging import Judgement, judge_functions
from perftui.analysis.matching import Matching
from perftui.analysis.noise import Noise
from perftui.analysis.run_counts import FunctionCounts, RunCounts, counts_of_tree
from perftui.analysis.run_holdings import judge_amounts, named_holdings, span_of
from perftui.analysis.union_tree import distinct
from perftui.model.change import ChangeVerdict, FunctionChange, MatchKind
from perftui.model.frame import Frame
from perftui.units import Unit

_NOT_LISTED = "what is too small to be listed is not told apart"


@dataclass(slots=True)
class _Totals:
    frame: Frame
    self_weight: float = 0.0
    total_weight: float = 0.0
    self_count: int = 0
    total_count: int = 0


_NOTHING = _Totals(Frame(""))
_NEVER_A_LEAF = Judgement(ChangeVerdict.INCONCLUSIVE, reason="it has no samples of its own")


def function_changes(
    baseline: Side, current: Side, *, named: Collection[FunctionKey] = (), matching: Matching | None = None
) -> tuple[list[FunctionChange], Noise | None]:
    """Return a change for every function of either side, the greatest of self weight first, and how noisy they are.

    Functions that are `named` beforehand are judged alone. There is no noise where nothing was sampled. What the sides
    were matched by says how each function was found, and what it was called.
    """
    before, after = _by_identity(baseline), _by_identity(current)
    tolerance = tolerance_of(baseline, current)
    judged, noise = _judged(baseline, current, named) if tolerance is None else ({}, None)
    wholes = (baseline.tree.weight or 1.0, current.tree.weight or 1.0)
    held = named_holdings(baseline), named_holdings(current)
    rows: list[FunctionChange] = []
    for key in before.keys() | after.keys():
        old, new = before.get(key, _NOTHING), after.get(key, _NOTHING)
        amounts = [run.of(key).own for run in held[0]], [run.of(key).own for run in held[1]]
        said = judged.get(key, _NEVER_A_LEAF) if tolerance is None else _exact(key, (old, new), amounts, tolerance)
        row = _change(key, (old, new), wholes, said, matching)
        if any(amounts):
            row = replace(row, spans=(span_of(amounts[0]), span_of(amounts[1])))
        rows.append(row)
    rows.sort(key=lambda row: (-abs(row.delta), row.frame.function, row.frame.file))
    return rows, noise


def _judged(
    baseline: Side, current: Side, named: Collection[FunctionKey]
) -> tuple[Mapping[FunctionKey, Judgement], Noise]:
    found = judge_functions(identified(baseline), identified(current), named=named)
    return found.functions, found.noise


def identified(side: Side) -> list[RunCounts]:
    """Return the counts of a side's runs by what its functions are called on both sides."""
    runs = []
    for run in side.runs or (counts_of_tree(side.tree),):
        functions: dict[FunctionKey, FunctionCounts] = {}
        for seen, counts in run.functions.items():
            key = side.key_of(seen)
            functions[key] = functions[key] + counts if key in functions else counts
        runs.append(replace(run, functions=functions))
    return runs


def _change(
    key: FunctionKey,
    figures: tuple[_Totals, _Totals],
    wholes: tuple[float, float],
    said: Judgement,
    matching: Matching | None,
) -> FunctionChange:
    """Return the row of a function, with how it was found on both sides, where it was seen on both."""
    old, new = figures
    match, was = MatchKind.ONE_SIDE, None
    if old is not _NOTHING and new is not _NOTHING:
        match = MatchKind.SAME if matching is None else matching.kinds.get(key, MatchKind.SAME)
        was = None if matching is None else matching.was.get(key)
    return FunctionChange(
        frame=Frame(key[1], key[0], (old if new is _NOTHING else new).frame.line),
        verdict=_still_there(said.verdict, old, new),
        baseline=old.self_weight,
        current=new.self_weight,
        baseline_total=old.total_weight,
        current_total=new.total_weight,
        baseline_share=old.self_weight / wholes[0],
        current_share=new.self_weight / wholes[1],
        baseline_count=old.self_count,
        current_count=new.self_count,
        certainty=said.certainty,
        match=match,
        was=None if was is None else Frame(was[1], was[0], old.frame.line),
        reason=said.reason,
    )


def _still_there(verdict: ChangeVerdict, old: _Totals, new: _Totals) -> ChangeVerdict:
    """Return the verdict of a function that may only have lost, or got, its own time."""
    if verdict is ChangeVerdict.APPEARED and old.total_count:
        return ChangeVerdict.SLOWER
    if verdict is ChangeVerdict.VANISHED and new.total_count:
        return ChangeVerdict.FASTER
    return verdict


def _exact(
    key: FunctionKey,
    figures: tuple[_Totals, _Totals],
    amounts: tuple[Sequence[float], Sequence[float]],
    tolerance: Tolerance,
) -> Judgement:
    """Return what is said of figures that nothing was sampled for; `amounts` are those of each run of both sides."""
    if key == REST:
        return Judgement(ChangeVerdict.INCONCLUSIVE, reason=_NOT_LISTED)
    before, after = (runs or [one.self_weight] for runs, one in zip(amounts, figures, strict=True))
    verdict, reason = judge_amounts(before, after, tolerance)
    old, new = figures
    if verdict is ChangeVerdict.SLOWER and not (old.self_count or any(before)):
        verdict = ChangeVerdict.APPEARED
    elif verdict is ChangeVerdict.FASTER and not (new.self_count or any(after)):
        verdict = ChangeVerdict.VANISHED
    return Judgement(verdict, reason=reason)


def _by_identity(side: Side) -> dict[FunctionKey, _Totals]:
    found: dict[FunctionKey, _Totals] = {}
    for figures in _functions_of(side):
        row = found.setdefault(function_key(figures.frame), figures)
        if row is figures:
            continue
        row.self_weight += figures.self_weight
        row.total_weight += figures.total_weight
        row.self_count += figures.self_count
        row.total_count += figures.total_count
    return found


def _functions_of(side: Side) -> Iterator[_Totals]:
    """Yield the figures of a side's functions under their names for both sides."""
    if side.rows is None:
        # Functions of one name are one: a stack that holds two of them counts once.
        own, names = distinct(side.tree, list(map(side.named, side.tree.functions)))
        tree = CountTree(own) if isinstance(side.tree, CountTree) else own
        for i, frame in enumerate(names):
            yield _Totals(
                frame=frame,
                self_weight=tree.function_self_weight[i],
                total_weight=tree.function_total_weight[i],
                self_count=tree.function_self_count[i],
                total_count=tree.function_total_count[i],
            )
        return
    counted = side.tree.unit is Unit.COUNT
    for row in side.rows:
        own_weight, total = (row.self_count, row.total_count) if counted else (row.self_weight, row.total_weight)
        yield _Totals(side.named(row.frame), own_weight, total, row.self_count, row.total_count)

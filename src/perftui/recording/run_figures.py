"""Sessions reduced to what budgets and committed baselines need: the figures of one side, run by run."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

from perftui.analysis.call_tree import CallTree, FunctionKey
from perftui.analysis.command_name import command_name
from perftui.analysis.function_runs import RunFunctions, function_runs, functions_of, spreads_in
from perftui.analysis.heap_figures import HeapFigure, allocated_bytes, allocations, high_watermark, leaked_bytes
from perftui.analysis.measures import FunctionSubject, Measures
from perftui.analysis.merged_operations import merged_operations
from perftui.analysis.normalise import portable_file
from perftui.analysis.statistics.dispersion import Spread
from perftui.analysis.time_order import TimeOrder
from perftui.errors import NoDataError
from perftui.model.frame import Frame
from perftui.model.operation import Operation
from perftui.model.reading import METERS
from perftui.model.run_figures import FigureRuns, RunFigures
from perftui.model.session import SessionKind, SessionMeta
from perftui.recording.run_counting import leaf_blocks
from perftui.recording.saved_sums import aggregate_of_saved, measures_of_saved
from perftui.recording.speed_variables import SPEED_VARIABLES
from perftui.storage.session_file import SavedSession, open_session
from perftui.text import printable
from perftui.units import Unit

if TYPE_CHECKING:
    from perftui.recording.session_model import SessionModel

MOST_FUNCTIONS = 50
"""Functions that are kept by their total, and as many by their self time."""
FACTS = (
    *("host", "cpu", "cores", "physical_cores", "memory_bytes", "cpu_limit_cores", "memory_limit_bytes"),
    *("system", "container", "governor", "turbo", "load_1", "CI", "GITHUB_SHA"),
    *("workload_python", "workload_build", *SPEED_VARIABLES),
    *("perftui", "python", "py-spy", "memray", "psutil", "sampling_native", "sampling_children"),
    *("git_branch", "git_commit", "git_changes"),
)
"""Facts of a session that are told of its side: none says where something lies, or what was on a command line."""
Measured = tuple[str, Unit, float]
"""A figure of one run: its name, what it counts, its value in base units."""


@dataclass(frozen=True, slots=True)
class _Run:
    meta: SessionMeta
    functions: RunFunctions
    figures: Mapping[str, FigureRuns]
    operations: Sequence[Operation] = ()


def figures_of_sessions(
    paths: Sequence[Path],
    ref: str = "",
    *,
    named: Collection[FunctionSubject] = (),
    top: int = MOST_FUNCTIONS,
) -> RunFigures:
    """Return the figures of session files that are the runs of one side, in the order in which they were recorded.

    Args:
        paths: The files, at least one.
        ref: How a person named them; the id of the newest one where nobody did.
        named: Functions that are kept whatever they cost: those that a budget names.
        top: How many functions are kept by total, and how many by self time.

    Raises:
        SessionError: A file is no session, or damaged.
        NoDataError: There is no such file, or they count different things.
    """
    return _together([_of_saved(open_session(path), named) for path in paths], ref, top)


def figures_of_model(
    model: SessionModel,
    ref: str = "",
    *,
    named: Collection[FunctionSubject] = (),
    top: int = MOST_FUNCTIONS,
    order: TimeOrder | None = None,
) -> RunFigures:
    """Return the figures of one session as its viewers hold it, live or saved.

    How much samples vary from second to second is supposed where `order` does not hold all of them.
    """
    return figures_of_models([model], ref, named=named, top=top, orders=[order])


def figures_of_models(
    models: Sequence[SessionModel],
    ref: str = "",
    *,
    named: Collection[FunctionSubject] = (),
    top: int = MOST_FUNCTIONS,
    orders: Sequence[TimeOrder | None] = (),
) -> RunFigures:
    """Return the figures of the runs of one side, as their viewers hold them; `orders` are as for one of them."""
    rows = zip_longest(models, orders[: len(models)])
    return _together([_of_model(model, named, order) for model, order in rows], ref, top)


def measured_of_saved(saved: SavedSession, tree: CallTree) -> Iterator[Measured]:
    """Yield the figures of one saved session, whose profile is `tree`."""
    return _measured(saved.meta, measures_of_saved(saved, tree))


def functions_of_saved(saved: SavedSession, tree: CallTree) -> RunFunctions:
    """Return what every function of one saved session costs, whose profile is `tree`; none where it counts no times."""
    return functions_of(tree, _roots(saved.meta)) if tree.unit is Unit.SECONDS else RunFunctions({}, 0, 0.0)


def _of_saved(saved: SavedSession, named: Collection[FunctionSubject]) -> _Run:
    tree = aggregate_of_saved(saved).tree
    run = _of_parts(saved.meta, tree, measures_of_saved(saved, tree), named)
    functions = replace(run.functions, spreads=partial(_spreads, saved))
    return replace(run, functions=functions, operations=saved.operations)


def _of_model(model: SessionModel, named: Collection[FunctionSubject], order: TimeOrder | None) -> _Run:
    run = replace(_of_parts(model.meta, model.aggregate.tree, model.measures, named), operations=model.operations)
    if order is None or order.is_cut or not order.windows:
        return run
    return replace(run, functions=replace(run.functions, spreads=partial(_spreads_of_model, model, order)))


def _of_parts(meta: SessionMeta, tree: CallTree, measures: Measures, named: Collection[FunctionSubject]) -> _Run:
    # What counts bytes or samples without times has no seconds to compare.
    functions = functions_of(tree, _roots(meta), named) if tree.unit is Unit.SECONDS else RunFunctions({}, 0, 0.0)
    return _Run(meta, functions, {name: FigureRuns(unit, (value,)) for name, unit, value in _measured(meta, measures)})


def _measured(meta: SessionMeta, measures: Measures) -> Iterator[Measured]:
    if meta.knows_times:
        yield "wall_s", Unit.SECONDS, measures.wall_s
    if meta.cpu_s is not None and meta.kind is SessionKind.LAUNCHED:
        yield "cpu_s", Unit.SECONDS, meta.cpu_s
    # What the rest of the machine did is no figure of the workload.
    for meter in (meter for meter in METERS if meter.of_target):
        figures = measures.figures(meter.metric)
        for name, value in (("max", figures.peak), ("mean", figures.mean), ("p95", figures.p95)):
            if value is not None:
                yield f"{meter.metric}.{name}", meter.unit, value
    yield from _known("heap_peak_bytes", Unit.BYTES, high_watermark(measures))
    yield from _known("allocated_bytes", Unit.BYTES, allocated_bytes(measures))
    yield from _known("allocations", Unit.COUNT, allocations(measures))
    yield from _known("leaked_bytes", Unit.BYTES, leaked_bytes(measures))


def _known(name: str, unit: Unit, figure: HeapFigure | None) -> Iterator[Measured]:
    """Yield a figure of memory that was read from every capture: what was only looked at compares with nothing."""
    if figure is not None and figure.exact and figure.whole:
        yield name, unit, figure.value


def _together(found: Sequence[_Run], ref: str, top: int) -> RunFigures:
    # In whatever order they were named, the same sessions are the same side.
    runs = sorted(found, key=lambda run: (run.meta.created, run.meta.repeat_index, run.meta.id))
    newest = runs[-1].meta
    odd = next((run.meta for run in runs if run.meta.unit != newest.unit), None)
    if odd is not None:
        raise NoDataError(
            f"the runs {printable(odd.name)} and {printable(newest.name)} count different things",
            hint="a side has runs of one kind",
        )
    sampled = [run.functions for run in runs]
    return RunFigures(
        ref=ref or newest.id,
        name=newest.name,
        created=newest.created,
        runs=len(runs),
        samples=tuple(each.samples for each in sampled) if any(each.samples for each in sampled) else (),
        seconds=tuple(each.seconds for each in sampled) if any(each.samples for each in sampled) else (),
        operations=merged_operations(run.operations for run in runs),
        figures=_figures([run.figures for run in runs]),
        functions=function_runs(sampled, top=top),
        environment=shared_facts([_facts(run.meta) for run in runs]),
    )


def _figures(runs: Sequence[Mapping[str, FigureRuns]]) -> dict[str, FigureRuns]:
    """Return each figure with its values of those runs that measured it."""
    found: dict[str, FigureRuns] = {}
    for run in runs:
        for name, figure in run.items():
            known = found.get(name)
            found[name] = figure if known is None else replace(known, values=(*known.values, *figure.values))
    return found


def shared_facts(runs: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Return the facts in which runs agree, in order of names; what only some of them know is left out, too."""
    first, *others = runs
    return {name: first[name] for name in sorted(first) if all(run.get(name) == first[name] for run in others)}


def _facts(meta: SessionMeta) -> dict[str, str]:
    """Return what a fair comparison needs to know of one run."""
    how = {
        "workload": meta.workload or command_name(meta.command),
        "kind": meta.kind.value,
        "mode": meta.mode,
        "rate_hz": f"{meta.requested_hz:g}" if meta.requested_hz else "",
        "sampling_mode": meta.sampling_mode,
    }
    told = {name: meta.environment.get(name, "") for name in FACTS}
    return {name: fact for name, fact in (told | how).items() if fact}


def _roots(meta: SessionMeta) -> tuple[str, ...]:
    return tuple(dict.fromkeys(folder for folder in (meta.environment.get("git_root", ""), meta.cwd) if folder))


def _spreads(saved: SavedSession, keys: Sequence[FunctionKey]) -> list[Spread]:
    return spreads_in(leaf_blocks(saved.windows), keys, saved.nodes, _functions_of(saved.frames, saved.meta))


def _spreads_of_model(model: SessionModel, order: TimeOrder, keys: Sequence[FunctionKey]) -> list[Spread]:
    seen = model.aggregate
    nodes = list(zip(seen.node_parent[1:], seen.node_frame[1:], strict=True))
    return spreads_in(leaf_blocks(order.windows), keys, nodes, _functions_of(seen.frames, model.meta))


def _functions_of(frames: Sequence[Frame], meta: SessionMeta) -> list[FunctionKey]:
    """Return the function that each frame is in, as it is called on every machine."""
    roots = _roots(meta)
    return [(portable_file(frame.file, roots), frame.function) for frame in frames]

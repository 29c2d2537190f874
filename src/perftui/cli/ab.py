"""`perftui ab`: two versions of a workload, run by turns and compared."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

import click

from perftui.cli import console
from perftui.cli.against import settled, with_baseline
from perftui.cli.more import runs_to_add
from perftui.cli.options import CommandAfterDashes, recording_options
from perftui.cli.repeated import Repeated, begin, figures, scratch_directory
from perftui.cli.report_options import EXIT_CODES, ReportOptions, asked_for, report_options
from perftui.cli.run import plan_of
from perftui.errors import ExitCode, NoDataError, UsageError
from perftui.model.session import RunSide
from perftui.model.workload import Workload
from perftui.recording.base_tree import BaseTree, base_tree
from perftui.recording.more_runs import MoreRuns, with_start
from perftui.recording.other_tree import Trees, current_code, runs_own_files, split_command, workload_of
from perftui.recording.plan import RecordingPlan
from perftui.recording.series import RunOutcome
from perftui.recording.surroundings import session_name
from perftui.storage.catalogue import Catalogue
from perftui.storage.groups import group_ref
from perftui.storage.redaction import redact
from perftui.text import printable

_RUNS, _WARMUPS = 10, 1
_SHOWN_FILES = 3
Plans = dict[RunSide, RecordingPlan]


@click.command(
    cls=CommandAfterDashes,
    options_metavar="[OPTIONS] (PROFILE | -- COMMAND ...)",
    epilog=EXIT_CODES.format(also="3 a run failed, "),
)
@click.argument("words", nargs=-1, metavar="")
@click.option("--base", "ref", default="", help="Branch, tag or commit: the base runs there, in a worktree of its own.")
@click.option("--baseline-cmd", default="", help="Command of the base, as one word: it is split as a shell would.")
@report_options(also_json=False)
@recording_options(launches=True, runs=_RUNS, warmups=_WARMUPS)
@click.pass_context
def ab(ctx: click.Context, /, words: tuple[str, ...], ref: str, baseline_cmd: str, **options: Any) -> int:
    """Run a base and the current version by turns (A B B A A B B A), record each run, and compare them.

    The current side runs in the working tree as it is. --json prints the document of `perftui compare`.

    \b
    perftui ab --base main -- python bench.py
    perftui ab --baseline-cmd "python old.py" --repeat 20 -- python new.py
    perftui ab --more 5 group:ID
    """  # noqa: D301 (click wants the character, not its escape)
    if options["more"] is not None:
        return _more(ctx, words, options)
    if not (ref or baseline_cmd):
        raise UsageError(
            "say what the base is: another commit (--base), another command (--baseline-cmd), or both",
            hint="perftui ab --base main -- python bench.py",
        )
    asked = asked_for(options)
    plan = _plan(ctx, words, options)
    with _signals_end():
        repeated = _recorded_both(plan, ref, baseline_cmd, options)
    summary = repeated.summary
    kept = {side: len(summary.of(side)) for side in (RunSide.BASE, RunSide.CURRENT)}
    for side in kept:
        for line in figures(summary, side) if not options["quiet"] else ():
            console.say(f"{side.value:8} {line}")
    code = repeated.code()
    if not all(kept.values()):
        if code is not ExitCode.OK:
            console.say("not both sides have a complete run, so there is nothing to compare")
            return int(code)
        raise NoDataError("not both sides have a run", hint="run it again")
    if code not in (ExitCode.OK, ExitCode.FAILED_CHECK):
        console.say(f"comparing {kept[RunSide.BASE]} of {plan.repeat} runs with {kept[RunSide.CURRENT]}")
        asked = asked.without_screen()
    _settle(plan, summary.group, code)
    shown = _compare(plan.sessions, summary.group, asked)
    return int(code) or shown


def _settle(plan: RecordingPlan, group: str, code: int) -> None:
    """Make the runs of the current side a baseline where that was asked for."""
    paths = Catalogue(plan.sessions).runs_of(group_ref(group, RunSide.CURRENT))
    sound = code in (ExitCode.OK, ExitCode.FAILED_CHECK)
    # What it is compared with is the other side.
    settled(replace(plan, held_against=None), paths, as_json=True, sound=sound)


def _plan(ctx: click.Context, words: tuple[str, ...], options: dict[str, Any]) -> RecordingPlan:
    """Return how each side is recorded; ten runs and a warm-up where neither flags nor profile say otherwise."""
    plan = with_baseline(plan_of(ctx, words, options), options)
    if plan.keep_target:
        raise UsageError("of several runs none can be left running", hint="leave out --keep-target")
    if options["repeat"] is None and plan.repeat == 1:
        plan = replace(plan, repeat=_RUNS)
    if options["warmup"] is None and not plan.warmup:
        plan = replace(plan, warmup=_WARMUPS)
    assert plan.workload is not None
    if not plan.profile:
        plan = replace(plan, workload=workload_of(plan.workload.argv))
    if plan.workload is None or not plan.workload.argv:
        raise UsageError("the command is empty", hint="perftui ab --base main -- python bench.py")
    return plan


def _recorded_both(plan: RecordingPlan, ref: str, baseline_cmd: str, options: dict[str, Any]) -> Repeated:
    """Record both sides by turns, each in its own tree where the base is another commit."""
    workload = plan.workload
    assert workload is not None
    base = workload_of(split_command(baseline_cmd), workload.cwd, workload.env) if baseline_cmd else workload
    begin(plan, quiet=options["quiet"])
    if not ref:
        return _record(_plans(plan, base), options, None)
    with base_tree(base, ref) as other:
        if not options["quiet"]:
            console.say(f"base: {printable(ref)} ({other.commit[:10]}), in a worktree that goes when this is over")
            unwarmed = () if plan.warmup else ("without a warm-up its first run compiles its modules, too",)
            for remark in (*other.remarks, *unwarmed):
                console.say(f"base: {printable(remark)}")
        return _record(_plans(plan, base, other), options, other)


def _plans(plan: RecordingPlan, base: Workload, other: BaseTree | None = None) -> Plans:
    """Return the plan of each side; the names of both tell them apart."""
    assert plan.workload is not None
    stem = plan.name or session_name(redact(plan.workload.argv), plan.profile, 0)
    before = with_start(replace(plan, name=f"{stem}-base"), commit=other.commit if other else "", of=base)
    after = with_start(replace(plan, name=f"{stem}-current"))
    return {RunSide.BASE: _in_tree(before, other, base), RunSide.CURRENT: after}


def _in_tree(plan: RecordingPlan, other: BaseTree | None, base: Workload) -> RecordingPlan:
    """Return the plan of the base, in its own tree where it has one."""
    if other is None:
        return replace(plan, workload=base)
    # The files of a worktree are gone when anybody looks at them.
    return replace(plan, workload=other.workload, keep_sources=True)


def _more(ctx: click.Context, words: tuple[str, ...], options: dict[str, Any]) -> int:
    """Add runs to both sides of a group, and compare all of them."""
    asked = asked_for(options)
    sessions, more = runs_to_add(ctx, words, options, both_sides=True)
    group = more[RunSide.BASE].plan.group
    with _signals_end():
        repeated = _recorded_more(more, options)
    code = repeated.code()
    if code not in (ExitCode.OK, ExitCode.FAILED_CHECK):
        asked = asked.without_screen()
    if not options["quiet"]:
        console.say(f"{group_ref(group)}: {len(repeated.summary.metas)} more runs")
    shown = _compare(sessions, group, asked)
    return int(code) or shown


def _recorded_more(more: Mapping[RunSide, MoreRuns], options: dict[str, Any]) -> Repeated:
    base, current = (more[side].plan for side in (RunSide.BASE, RunSide.CURRENT))
    assert base.workload is not None
    begin(current, quiet=options["quiet"])
    commit = more[RunSide.BASE].commit
    if not commit:
        return _record({RunSide.BASE: base, RunSide.CURRENT: current}, options, None)
    with base_tree(base.workload, commit) as other:
        before = _in_tree(base, other, base.workload)
        return _record({RunSide.BASE: before, RunSide.CURRENT: current}, options, other)


def _record(plans: Plans, options: dict[str, Any], other: BaseTree | None) -> Repeated:
    with scratch_directory("runs") as scratch:
        repeated = Repeated(plans, scratch=scratch, ignore_failure=options["ignore_failure"], quiet=options["quiet"])
        seen = _FilesSeen(other.trees if other is not None else None)
        recorded: list[Path] = []
        with contextlib.closing(repeated.run()) as outcomes:
            for outcome in outcomes:
                recorded += [outcome.path] if outcome.path is not None else []
                try:
                    seen.add(outcome)
                except UsageError:
                    # What is called the base and is none must not be compared with later.
                    _throw_away(plans[RunSide.BASE].sessions, recorded)
                    raise
        for remark in seen.remarks():
            console.say(f"note: {remark}")
    return repeated


def _throw_away(sessions: Path, recorded: Iterable[Path]) -> None:
    catalogue = Catalogue(sessions)
    for path in recorded:
        with contextlib.suppress(NoDataError):
            catalogue.delete(str(path), pinned=True)


class _FilesSeen:
    """Holds what ran against where it should have run from."""

    def __init__(self, trees: Trees | None) -> None:
        self._trees = trees
        self._own = {RunSide.BASE: False, RunSide.CURRENT: False}

    def add(self, outcome: RunOutcome) -> None:
        """Look at the files of a run; raises `UsageError` for a base that ran the current code."""
        trees = self._trees
        if trees is None:
            return
        model = outcome.model
        trees_seen = (model.aggregate.tree, *(profile.tree for profile in model.heap.values()))
        files = {frame.file for tree in trees_seen for frame in tree.functions}
        if outcome.turn.side is RunSide.CURRENT:
            self._own[RunSide.CURRENT] |= runs_own_files(files, trees.top)
            return
        self._own[RunSide.BASE] |= runs_own_files(files, trees.tree)
        wrong = current_code(files, trees)
        if wrong:
            more = f" and {len(wrong) - _SHOWN_FILES} more" if len(wrong) > _SHOWN_FILES else ""
            raise UsageError(
                f"the base ran the current code: {printable(', '.join(wrong[:_SHOWN_FILES]))}{more}",
                hint="something leads from the worktree into the checkout; give the base a checkout and an "
                "environment of its own: --baseline-cmd CMD",
            )

    def remarks(self) -> Iterator[str]:
        """Yield why the sides may have run the same code."""
        if self._trees is None or self._own[RunSide.BASE]:
            return
        if self._own[RunSide.CURRENT]:
            yield "no sample of the base lies in its worktree, although some of the current side lie in the checkout"
        else:
            yield "no sample of either side lies in the repository: both may have run what is installed"


def _compare(sessions: Path, group: str, asked: ReportOptions) -> int:
    """Show the comparison of both sides of a group, on a screen where there is one, or as a report."""
    from perftui.cli.compare import show_comparison

    catalogue = Catalogue(sessions)
    base, current = (group_ref(group, side) for side in (RunSide.BASE, RunSide.CURRENT))
    before, after = catalogue.runs_of(base), catalogue.runs_of(current)
    return show_comparison(before, after, (base, current), asked)


@contextmanager
def _signals_end() -> Iterator[None]:
    """Let TERM and HUP end what comes before and after the runs in order, as Ctrl-C does."""

    def leave(number: int, _frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    before = {number: signal.signal(number, leave) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

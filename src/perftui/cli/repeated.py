"""Several runs without a screen: recorded one after the other, shown as a bar, summed up at the end."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from perftui.cli import console
from perftui.cli.against import settled
from perftui.cli.headless import TAKE_EVERY_S, describe_exit, price_of
from perftui.cli.series_progress import SeriesProgress, describe
from perftui.cli.signals import EndSignals
from perftui.cli.tidy import begin_tidying, tell_tidying
from perftui.errors import ExitCode
from perftui.model.session import RunSide, SessionMeta
from perftui.recording.base_tree import sweep
from perftui.recording.more_runs import with_start
from perftui.recording.plan import RecordingPlan
from perftui.recording.recorder import Recorder
from perftui.recording.repeats import Turn, turns_of
from perftui.recording.series import RunOutcome, Series
from perftui.recording.series_summary import SeriesSummary, Spread
from perftui.sources.base import SourceState, SourceStatus
from perftui.storage.catalogue import Catalogue
from perftui.storage.groups import group_ref
from perftui.storage.scratch import Scratch, scratch_root
from perftui.text import printable
from perftui.units import format_bytes, format_count, format_seconds

_FIGURE = re.compile(r"\d+(?:\.\d+)?")
_LAST_LINES = 8
_LONGEST_TAIL = 4_096


class Repeated:
    """Runs of one or two sides, followed to their end."""

    def __init__(
        self, plans: Mapping[RunSide, RecordingPlan], *, scratch: Path, ignore_failure: bool, quiet: bool
    ) -> None:
        one = next(iter(plans.values()))
        self._plans = {side: without_pipe(plan, quiet=quiet) for side, plan in plans.items()}
        turns = turns_of(tuple(plans), repeat=one.repeat, warmup=one.warmup, already=one.already)
        self.series = Series(self._plans, turns, scratch=scratch, ignore_failure=ignore_failure)
        self.summary = SeriesSummary(self.series.group)
        self.signal: int | None = None
        """Which signal asked for the end."""
        self._quiet = quiet
        self._told: set[str] = set()
        self._tail = b""

    @property
    def asked(self) -> int:
        """How many runs were to be recorded, warm-ups aside."""
        return sum(not turn.warmup for turn in self.series.turns)

    def run(self) -> Generator[RunOutcome]:
        """Record all runs, and yield how each went; signals end the one under way, and those after it."""
        with EndSignals(self.series) as signals, SeriesProgress(self.series.turns, quiet=self._quiet) as progress:
            try:
                for outcome in self.series.run(lambda turn, recorder: self._follow(turn, recorder, progress)):
                    progress.ended(outcome)
                    self.summary.add(outcome, self._plans[outcome.turn.side])
                    if outcome.cut or outcome.failed:
                        with progress.aside():
                            self._tell(outcome)
                    yield outcome
            finally:
                self.signal = signals.received

    def _follow(self, turn: Turn, recorder: Recorder, progress: SeriesProgress) -> None:
        self._tail = b""
        while True:
            progress.show(turn)
            done = recorder.wait(TAKE_EVERY_S)
            update = recorder.feed.take()
            if update is not None:
                self._tail = (self._tail + b"".join(chunk.data for chunk in update.output))[-_LONGEST_TAIL:]
                for status in update.statuses.values():
                    self._tell_once(status, progress)
            if done:
                return

    def _tell_once(self, status: SourceStatus, progress: SeriesProgress) -> None:
        text = f"{status.source}: {status.message}"
        trouble = status.state in (SourceState.DEGRADED, SourceState.FAILED) and bool(status.message)
        # The same with another figure in it is nothing new in the next run.
        kind = _FIGURE.sub("#", text)
        if trouble and kind not in self._told and not self._quiet:
            self._told.add(kind)
            with progress.aside():
                console.say(text + (f" ({status.hint})" if status.hint else ""))

    def _tell(self, outcome: RunOutcome) -> None:
        which, meta = describe(outcome.turn, self.series.turns), outcome.meta
        if outcome.cut:
            if not outcome.turn.warmup:
                console.say(f"{which} was cut off: `perftui sessions restore {meta.id}` brings it back")
            return
        console.say(f"{which} failed: {describe_exit(meta.exit_code)}", colour="red")
        if self.series.ended_by_failure:
            for line in self._tail.decode("utf-8", "replace").splitlines()[-_LAST_LINES:]:
                console.say(f"  | {printable(line)}")
            if not outcome.turn.warmup:
                console.say(f"it is kept as {printable(meta.name)} ({meta.id})")
            console.say("  try: --ignore-failure goes on with the others")

    def code(self) -> ExitCode | int:
        """Return the exit code that the runs deserve."""
        if self.signal is not None:
            return 128 + self.signal
        if self.series.ended_by_failure:
            return ExitCode.WORKLOAD_FAILED
        return ExitCode.FAILED_CHECK if self.summary.broken_budgets else ExitCode.OK


def record_repeated(plan: RecordingPlan, *, as_json: bool, quiet: bool, ignore_failure: bool) -> tuple[int, str]:
    """Record a plan as often as it says; return the exit code, and what names the runs (empty where there are none)."""
    begin(plan, quiet=quiet)
    plan = plan if plan.started_as else with_start(plan)
    with scratch_directory("repeat") as scratch:
        repeated = Repeated({RunSide.NONE: plan}, scratch=scratch, ignore_failure=ignore_failure, quiet=quiet)
        for _ in repeated.run():
            pass
    summary, asked = repeated.summary, repeated.asked
    ref = group_ref(summary.group) if summary.metas else ""
    paths = Catalogue(plan.sessions).runs_of(ref) if ref else ()
    sound = repeated.code() in (ExitCode.OK, ExitCode.FAILED_CHECK) and repeated.signal is None
    if as_json:
        held = settled(plan, paths, as_json=True, sound=sound)
        console.document({**summary.document(asked=asked, interrupted=repeated.signal is not None), **held})
    else:
        console.data(summary_text(summary, asked=asked))
        if plan.held_against is not None:
            console.data("")
        settled(plan, paths, as_json=False, sound=sound)
        if ref:
            console.next_command(f"perftui compare OTHER {ref}")
    tell_tidying(begin_tidying(plan.sessions))
    return int(repeated.code()), ref


def begin(plan: RecordingPlan, *, quiet: bool) -> None:
    """Say what is to be known before the first run."""
    for remark in plan.budget.remarks if plan.budget else ():
        console.say(f"budget: {remark}")
    if plan.mode.memory and not quiet:
        console.say(price_of(plan))


@contextmanager
def scratch_directory(kind: str) -> Iterator[Path]:
    """Give a directory for what is thrown away at the end."""
    root = scratch_root()
    sweep(root)
    scratch = Scratch.make(root, kind)
    try:
        yield scratch.path
    finally:
        scratch.close()


def without_pipe(plan: RecordingPlan, *, quiet: bool) -> RecordingPlan:
    """Return the plan with an input that all runs get alike: a file is opened for each, a pipe could feed only one."""
    if not isinstance(plan.stdin, int):
        return plan
    if stat.S_ISREG(os.fstat(plan.stdin).st_mode):
        return replace(plan, stdin=Path(f"/dev/fd/{plan.stdin}"))
    if not quiet and _is_fed(plan.stdin):
        console.say("input: a pipe can feed one run only, so all get none; `< FILE` feeds each of them")
    return replace(plan, stdin=None)


def _is_fed(descriptor: int) -> bool:
    mode = os.fstat(descriptor).st_mode
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


def summary_text(summary: SeriesSummary, *, asked: int) -> str:
    """Return the runs as a table, and what they have in common."""
    if not summary.metas:
        return "no run was recorded to its end"
    columns: list[tuple[str, list[str]]] = [
        ("run", [str(meta.repeat_index) for meta in summary.metas]),
        ("id", [meta.id for meta in summary.metas]),
        ("duration", [format_seconds(meta.duration_s) for meta in summary.metas]),
        ("CPU", ["" if meta.cpu_s is None else format_seconds(meta.cpu_s) for meta in summary.metas]),
        ("samples", [format_count(count) for count in summary.samples] if any(summary.samples) else []),
        ("heap peak", ["" if peak is None else format_bytes(peak) for peak in summary.heap_peaks]),
        ("end", [_how_it_ended(meta) for meta in summary.metas]),
    ]
    # What no run has is no column.
    shown = [(title, cells) for title, cells in columns if any(cells)]
    right = [at for at, (title, _) in enumerate(shown) if title not in ("id", "end")]
    rows = list(zip(*(cells for _, cells in shown), strict=True))
    table = console.table([title for title, _ in shown], rows, right=right)
    return "\n".join((heading(summary, asked=asked), "", table, "", *figures(summary, RunSide.NONE)))


def _how_it_ended(meta: SessionMeta) -> str:
    return "ended by perftui" if meta.ended_by_us else describe_exit(meta.exit_code)


def heading(summary: SeriesSummary, *, asked: int) -> str:
    """Return the name of a group with how many of its runs there are."""
    count = len(summary.metas)
    many = f"{count} runs" if count == asked else f"{count} of {asked} runs"
    failed = f", {summary.failed} failed" if summary.failed else ""
    return f"{printable(summary.metas[-1].name)} ({group_ref(summary.group)})  {many}{failed}"


def figures(summary: SeriesSummary, side: RunSide) -> Sequence[str]:
    """Return how long the runs of a side lasted and what they cost, with their spread."""
    found = (("duration", summary.duration_s(side)), ("CPU", summary.cpu_s(side)))
    return [f"{label:9} {spread_text(spread)}" for label, spread in found if spread is not None]


def spread_text(spread: Spread) -> str:
    """Return a time of several runs: `1.23 s ± 0.04 s (1.19 s … 1.30 s)`."""
    if spread.deviation is None:
        return format_seconds(spread.mean)
    around = f"{format_seconds(spread.mean)} ± {format_seconds(spread.deviation)}"
    return f"{around} ({format_seconds(spread.least)} … {format_seconds(spread.most)})"

"""From saved sessions, a budget and a baseline to a check."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from perftui.analysis.comparable import differences
from perftui.budgets.evaluate import about_sides
from perftui.budgets.gate import Strictness
from perftui.budgets.sides import named_functions
from perftui.budgets.spec import Budget
from perftui.model.run_figures import RunFigures
from perftui.model.session import SessionMeta, SessionState
from perftui.model.verdict import RuleVerdict
from perftui.recording.check import Check, CheckedSide
from perftui.recording.saved_verdicts import judge_figures, judge_saved
from perftui.storage.session_file import SavedSession, open_session


def check_sessions(
    paths: Sequence[Path],
    ref: str,
    budget: Budget,
    *,
    baseline: RunFigures | None = None,
    strictness: Strictness,
) -> Check:
    """Hold the runs of one side against a budget and a baseline.

    Args:
        paths: Session files, at least one, in the order in which they ran.
        ref: How a person named them.
        budget: What they are held against.
        baseline: What rules about changes are held against.
        strictness: What closes the gate.

    Raises:
        SessionError: One of them cannot be read.
    """
    runs = [open_session(path) for path in paths]
    current = _figures(runs, paths, ref, budget, baseline)
    newest = runs[-1].meta
    side = CheckedSide(ref, newest.name, newest.created, len(runs))
    verdicts = judge_saved(runs, budget, current=current, baseline=baseline)
    check = _check(budget, side, current, baseline, verdicts=tuple(verdicts), strictness=strictness)
    return replace(check, remarks=tuple(_remarks([run.meta for run in runs])))


def check_figures(
    current: RunFigures, budget: Budget, *, baseline: RunFigures | None = None, strictness: Strictness
) -> Check:
    """Hold figures against a budget of which there is no session, as in the file of a baseline."""
    verdicts = judge_figures(budget, current, baseline=baseline)
    return _check(budget, side_of(current), current, baseline, verdicts=tuple(verdicts), strictness=strictness)


def side_of(figures: RunFigures) -> CheckedSide:
    """Return what stands on one side, in words."""
    return CheckedSide(figures.ref, figures.name, figures.created, figures.runs)


def _check(
    budget: Budget,
    side: CheckedSide,
    current: RunFigures | None,
    baseline: RunFigures | None,
    *,
    verdicts: tuple[RuleVerdict, ...],
    strictness: Strictness,
) -> Check:
    apart: tuple[str, ...] = ()
    if baseline is not None and current is not None:
        found = differences(baseline.environment, current.environment)
        apart = (f"the baseline was not measured under the same conditions: {', '.join(found)}",) if found else ()
    return Check(budget, side, verdicts, side_of(baseline) if baseline else None, apart, strictness)


def _remarks(metas: Sequence[SessionMeta]) -> Iterator[str]:
    """Yield what makes runs say less than they seem to: a run that failed may well have been quick."""
    failed = sorted({meta.exit_code for meta in metas if meta.exit_code and not meta.ended_by_us})
    if failed:
        runs = sum(bool(meta.exit_code) and not meta.ended_by_us for meta in metas)
        of = f"{runs} of {len(metas)} runs" if len(metas) > 1 else "the workload"
        yield f"{of} failed (exit code {', '.join(map(str, failed))}): what is not reached is not measured"
    cut_off = sum(meta.state is not SessionState.COMPLETE for meta in metas)
    if cut_off:
        some = f"{cut_off} of {len(metas)} recordings were" if len(metas) > 1 else "the recording was"
        yield f"{some} cut off, or still goes on"


def _figures(
    runs: Sequence[SavedSession], paths: Sequence[Path], ref: str, budget: Budget, baseline: RunFigures | None
) -> RunFigures | None:
    """Return the figures of the runs where anything is held against them."""
    wanted = baseline is not None or about_sides(budget).rules or budget.goals or any(run.operations for run in runs)
    if not wanted:
        return None
    # Reducing takes a while to load, and most budgets are about one run alone.
    from perftui.recording.run_figures import figures_of_sessions  # noqa: PLC0415

    return figures_of_sessions(paths, ref, named=named_functions(budget))

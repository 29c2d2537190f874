"""What a run is held against when it is over, and what it becomes: `--baseline REF` and `--save-baseline NAME`."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from perftui.cli import console
from perftui.storage.names import check_baseline
from perftui.text import printable

if TYPE_CHECKING:
    from perftui.model.run_figures import RunFigures
    from perftui.recording.plan import RecordingPlan


def _checked_baseline(_ctx: click.Context, _option: click.Parameter, value: str) -> str:
    if value:
        check_baseline(value)
    return value


BASELINE_OPTIONS: list[Callable[[Callable[..., Any]], Callable[..., Any]]] = [
    click.option(
        "--baseline",
        "against",
        default="",
        help="Hold the run against this baseline, live by the budget and when it is over: a name, any REF, or a .json.",
    ),
    click.option(
        "--save-baseline",
        default="",
        callback=_checked_baseline,
        help="When it is over, compare with the former baseline of that name, then be it.",
    ),
]
"""Of everything that launches."""


def baseline_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a verb both options."""
    for option in reversed(BASELINE_OPTIONS):
        function = option(function)
    return function


def with_baseline(plan: RecordingPlan, options: dict[str, Any]) -> RecordingPlan:
    """Return the plan with what it is held against; raises `NoDataError` where that is not there."""
    against, name = options.get("against", ""), options.get("save_baseline", "")
    if not (against or name):
        return plan
    from perftui.cli.completion import say_remarks
    from perftui.recording.against import expected_side, former_baseline
    from perftui.recording.named_figures import figures_of_baseline
    from perftui.storage.catalogue import Catalogue

    catalogue, beside, named = Catalogue(plan.sessions), expected_side(plan), _named(plan)
    if against:
        say_remarks(catalogue, (against,), beside=beside)
        found: RunFigures | None = figures_of_baseline(catalogue, against, beside=beside, named=named)
    else:
        found = former_baseline(catalogue, name, beside=beside, named=named)
    return replace(plan, held_against=found, save_baseline=name)


def settled(plan: RecordingPlan, paths: Sequence[Path], *, as_json: bool, sound: bool) -> dict[str, Any]:
    """Tell how sessions differ from what they are held against, and make them a baseline where that was asked for.

    Args:
        plan: What was asked for.
        paths: What was recorded, in the order in which it ran; may be none.
        as_json: Return what there is to tell, for a document, in place of printing it.
        sound: Whether the workload ended well: what failed becomes no baseline.
    """
    if not paths:
        return {}
    said = told_apart(plan.held_against, paths, named=_named(plan), as_json=as_json)
    if plan.save_baseline and not sound:
        console.say(f"baseline {printable(plan.save_baseline)} stays as it was: the workload did not end well")
    elif plan.save_baseline:
        save_as(plan.save_baseline, plan.sessions, paths)
    return said


def told_apart(
    baseline: RunFigures | None, paths: Sequence[Path], *, named: Sequence[Any] = (), as_json: bool
) -> dict[str, Any]:
    """Print how sessions differ from a baseline, or return that for a document; nothing where there is none."""
    if baseline is None:
        return {}
    from perftui.cli.change_table import changes_document, changes_text
    from perftui.recording.run_figures import figures_of_sessions

    current = figures_of_sessions(paths, named=named)
    if as_json:
        return {"held_against": changes_document(baseline, current)}
    console.data(changes_text(baseline, current))
    return {}


def save_as(name: str, sessions: Path, paths: Sequence[Path]) -> None:
    """Make sessions together the baseline of a name, and say so."""
    from perftui.cli.baseline import say_saved
    from perftui.storage.catalogue import Catalogue

    saved, former = Catalogue(sessions).save_baseline([str(path) for path in paths], name)
    say_saved(name, saved, former)
    console.next_command(f"perftui compare @latest --baseline {shlex.quote(name)}")


def _named(plan: RecordingPlan) -> Sequence[Any]:
    if plan.budget is None:
        return ()
    from perftui.budgets.sides import named_functions

    return named_functions(plan.budget)

"""What a budget says of memory, said again when a capture was read later than its recording ended."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from perftui.budgets.evaluate import Evaluator, about_allocations
from perftui.budgets.load import load_budget
from perftui.errors import PerftuiError
from perftui.model.verdict import RuleVerdict
from perftui.recording.playback import playback_of
from perftui.recording.run_figures import figures_of_model
from perftui.storage.session_file import SavedSession, open_session, renew_verdicts


def judge_again(path: Path) -> bool:
    """Judge a session's memory by the rules that it was recorded with; say whether anything is said otherwise now.

    Where the budget is gone, or has other limits now, what was said stays. Raises what `renew_verdicts` does.
    """
    saved = open_session(path)
    verdicts = tuple(_said_now(saved))
    if verdicts == saved.verdicts:
        return False
    renew_verdicts(saved.path, verdicts)
    return True


def _said_now(saved: SavedSession) -> list[RuleVerdict]:
    if not saved.verdicts or not saved.meta.budget:
        return list(saved.verdicts)
    try:
        budget = about_allocations(load_budget(Path(saved.meta.cwd) / saved.meta.budget))
    except PerftuiError:
        return list(saved.verdicts)
    model = playback_of(saved).model
    measures = model.measures
    # Memory for each task is divided by what operations did.
    measures.current = figures_of_model(model) if saved.operations else None
    judged = Evaluator(budget).update(measures, saved.meta.duration_s, final=True)
    now = {(verdict.rule, verdict.warn, verdict.fail): verdict for verdict in judged}
    found = []
    for before in saved.verdicts:
        after = now.get((before.rule, before.warn, before.fail), before)
        # When a limit was first broken was seen while it ran, where it was.
        found.append(replace(after, breached_at_s=before.breached_at_s) if before.breached_at_s is not None else after)
    return found

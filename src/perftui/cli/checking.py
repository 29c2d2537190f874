"""What a check is asked for on a command line, found and judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from perftui.budgets.gate import Strictness
from perftui.budgets.spec import Budget
from perftui.cli.budget_choice import budget_of
from perftui.cli.completion import say_remarks
from perftui.errors import UsageError
from perftui.model.run_figures import RunFigures
from perftui.model.session import SessionMeta
from perftui.recording.check import Check
from perftui.storage.captures import raw_captures
from perftui.storage.catalogue import Catalogue
from perftui.storage.listing import read_meta
from perftui.text import printable


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person wrote, beside the sessions."""

    budget: str | None = None
    baseline: str | None = None
    missing_fails: bool = False
    warn_fails: bool = False

    def strictness(self, budget: Budget) -> Strictness:
        """Return what closes the gate with this budget."""
        return Strictness(self.missing_fails, self.warn_fails, budget.on_inconclusive)


def checked(catalogue: Catalogue, refs: Sequence[str], asked: Asked) -> Check:
    """Return the check of sessions, of one side of a group, or of a committed file of figures.

    Raises:
        NoDataError: There is no such session, or no such baseline; the hint is what makes it.
        UsageError: References are of several workloads, or nobody says which budget is meant.
        ConfigError: The budget, or a committed file, is wrong.
        SessionError: A session cannot be read.
    """
    if any(ref.endswith(".json") for ref in refs):
        return _of_file(catalogue, refs, asked)
    from perftui.recording.checking import check_sessions

    paths = tuple(dict.fromkeys(map(_whole, (path for ref in refs for path in catalogue.runs_of(ref)))))
    metas = [read_meta(path) for path in paths]
    say_remarks(catalogue, refs)
    _need_one_workload(metas)
    budget = budget_of(asked.budget, metas[-1])
    baseline = _baseline(catalogue, asked.baseline, budget, metas[-1])
    return check_sessions(paths, " ".join(refs), budget, baseline=baseline, strictness=asked.strictness(budget))


def _of_file(catalogue: Catalogue, refs: Sequence[str], asked: Asked) -> Check:
    from perftui.budgets.sides import named_functions
    from perftui.recording.checking import check_figures
    from perftui.recording.named_figures import figures_of_refs

    budget = budget_of(asked.budget, None)
    current = figures_of_refs(catalogue, refs, named=named_functions(budget))
    baseline = _baseline(catalogue, asked.baseline, budget, None)
    return check_figures(current, budget, baseline=baseline, strictness=asked.strictness(budget))


def _baseline(catalogue: Catalogue, ref: str | None, budget: Budget, beside: SessionMeta | None) -> RunFigures | None:
    if ref is None:
        return None
    from perftui.budgets.sides import named_functions
    from perftui.recording.named_figures import figures_of_baseline

    say_remarks(catalogue, (ref,), beside=beside)
    return figures_of_baseline(catalogue, ref, beside=beside, named=named_functions(budget))


def _whole(path: Path) -> Path:
    """Return a session when its capture has been read; most have none that waits, and need nothing loaded for it."""
    if not raw_captures(path.parent, path.name.partition(".")[0]):
        return path
    from perftui.cli.completion import complete

    return complete(path)


def _need_one_workload(metas: Sequence[SessionMeta]) -> None:
    if len({meta.workload_key for meta in metas}) > 1:
        names = ", ".join(dict.fromkeys(printable(meta.name) for meta in metas))
        raise UsageError(f"these are sessions of several workloads: {names}", hint="check each of them alone")

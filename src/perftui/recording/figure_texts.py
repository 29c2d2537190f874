"""The figures of one session as texts for the cache of a catalogue."""

from __future__ import annotations

import json
from math import isfinite
from pathlib import Path
from typing import Any

from perftui.analysis.call_tree import CallTree
from perftui.analysis.operation_figures import operation_figures
from perftui.analysis.trend import median_interval
from perftui.budgets.gate import worst_first
from perftui.model.operation import Operation
from perftui.recording.run_figures import functions_of_saved, measured_of_saved
from perftui.recording.saved_sums import aggregate_of_saved
from perftui.recording.session_figures import KEPT_FUNCTIONS
from perftui.storage.session_file import SavedSession, open_session


def figures_as_texts(path: Path) -> tuple[str, str, str]:
    """Return figures with the worst verdict, operations, and functions of a session, each as one JSON object.

    Raises:
        SessionError: It is no session, or damaged.
    """
    saved = open_session(path)
    tree = aggregate_of_saved(saved).tree
    figures = {name: [unit.value, value] for name, unit, value in measured_of_saved(saved, tree) if isfinite(value)}
    judged = worst_first(saved.verdicts)
    return (
        _text({"figures": figures, "verdict": judged[0].verdict.value if judged else ""}),
        _text({"operations": {operation.key: _operation(operation) for operation in saved.operations}}),
        _text(_functions(saved, tree)),
    )


def _operation(operation: Operation) -> dict[str, Any]:
    interval = median_interval(operation.values)
    figures = {
        name: [figure.unit.value, figure.value]
        for name, figure in operation_figures(operation).items()
        if figure.value is not None and isfinite(figure.value)
    }
    known = interval is not None and all(map(isfinite, interval))
    return {
        "figures": figures,
        "median_interval": interval if known else None,
        "lower_is_better": operation.lower_is_better,
    }


def _functions(saved: SavedSession, tree: CallTree) -> dict[str, Any]:
    found = functions_of_saved(saved, tree)
    ranked = sorted(found.functions.items(), key=lambda item: (-item[1].total_s, item[0]))
    by_self = sorted(ranked, key=lambda item: -item[1].self_s)
    kept = dict(ranked[:KEPT_FUNCTIONS]) | dict(by_self[:KEPT_FUNCTIONS])
    rows = [[*key, seen.samples, seen.total_s, seen.self_s] for key, seen in kept.items()]
    return {"seconds": found.seconds, "samples": found.samples, "all": len(kept) == len(ranked), "functions": rows}


def _text(value: object) -> str:
    return json.dumps(value, allow_nan=False, separators=(",", ":"))

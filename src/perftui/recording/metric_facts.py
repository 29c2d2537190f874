"""Where a run took its application metrics from, noted with the session so that another run can take them too."""

from __future__ import annotations

import json
from dataclasses import replace

from perftui.model.scrape import Scrape
from perftui.model.session import SessionMeta
from perftui.recording.plan import RecordingPlan

SCRAPES, LINES = "scrapes", "lines"
"""Facts of a run: endpoints that were asked for, as JSON; whether lines of the output were heard."""
_MOST_SCRAPES = 100


def metric_facts(plan: RecordingPlan) -> dict[str, str]:
    """Return what is noted of a plan; what its budget states is in the budget."""
    rows = [[one.name, one.url, one.interval_s, list(one.match)] for one in plan.scrapes]
    return ({SCRAPES: json.dumps(rows)} if rows else {}) | ({LINES: "yes"} if plan.lines else {})


def with_metrics(plan: RecordingPlan, meta: SessionMeta) -> RecordingPlan:
    """Return the plan with what a saved session noted; what is no endpoint is left out."""
    scrapes: list[Scrape] = []
    try:
        for name, url, interval_s, match in json.loads(meta.environment.get(SCRAPES, "[]"))[:_MOST_SCRAPES]:
            scrapes.append(Scrape.checked(name, url, None if interval_s is None else float(interval_s), tuple(match)))
    except (ValueError, TypeError, RecursionError):
        scrapes.clear()
    return replace(plan, scrapes=tuple(scrapes), lines=LINES in meta.environment)

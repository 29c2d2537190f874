"""What is said of a group of runs when they are recorded: a document for scripts, figures for people."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from perftui.errors import ExitCode
from perftui.model.session import RunSide, SessionMeta
from perftui.recording.plan import RecordingPlan
from perftui.recording.series import RunOutcome
from perftui.recording.summary import Document, document, exit_code

SCHEMA = "perftui.group/1"


@dataclass(frozen=True, slots=True)
class Spread:
    """A figure of several runs."""

    mean: float
    deviation: float | None
    """Standard deviation; None of a single run."""
    least: float
    most: float


def spread_of(values: Sequence[float]) -> Spread | None:
    """Return mean and spread of a figure, None where no run has it."""
    if not values:
        return None
    deviation = statistics.stdev(values) if len(values) > 1 else None
    return Spread(statistics.fmean(values), deviation, min(values), max(values))


@dataclass(slots=True)
class SeriesSummary:
    """What is kept of runs that have ended: their meta data and documents, and not their samples."""

    group: str
    metas: list[SessionMeta] = field(default_factory=list)
    """Of the runs of the group, in the order in which they ran."""
    samples: list[int] = field(default_factory=list)
    heap_peaks: list[int | None] = field(default_factory=list)
    """High watermark of each run in bytes, of its largest process; None where it was not traced, or not read yet."""
    failed: int = 0
    broken_budgets: int = 0
    _documents: list[Document] = field(default_factory=list)

    def add(self, outcome: RunOutcome, plan: RecordingPlan) -> None:
        """Take in how a run went; warm-ups count only where they fail."""
        self.failed += outcome.failed
        if not outcome.kept:
            return
        self.metas.append(outcome.meta)
        self.samples.append(outcome.model.quality.samples)
        marks = [capture.high_watermark_bytes for capture in outcome.model.captures]
        self.heap_peaks.append(max((mark for mark in marks if mark is not None), default=None))
        # What the code was like before is nobody's failure now.
        judged = outcome.meta.side is not RunSide.BASE
        self.broken_budgets += judged and exit_code(outcome.model, plan.budget) is ExitCode.FAILED_CHECK
        self._documents.append(document(outcome.model, outcome.path))

    def of(self, side: RunSide) -> list[SessionMeta]:
        """Return the runs of a side."""
        return [meta for meta in self.metas if meta.side is side]

    def duration_s(self, side: RunSide = RunSide.NONE) -> Spread | None:
        """Return how long the runs of a side lasted."""
        return spread_of([meta.duration_s for meta in self.of(side)])

    def cpu_s(self, side: RunSide = RunSide.NONE) -> Spread | None:
        """Return the CPU time of the runs of a side, as the kernel counted it."""
        return spread_of([meta.cpu_s for meta in self.of(side) if meta.cpu_s is not None])

    def heap_peak_bytes(self) -> Spread | None:
        """Return the high watermark of the runs."""
        return spread_of([float(peak) for peak in self.heap_peaks if peak is not None])

    def document(self, *, asked: int, interrupted: bool) -> Document:
        """Return the JSON document of the group; `asked` is how many runs were wanted."""
        return {
            "schema": SCHEMA,
            "group": self.group,
            "name": self.metas[-1].name if self.metas else None,
            "asked": asked,
            "complete": len(self.metas),
            "failed": self.failed,
            "interrupted": interrupted,
            "duration_s": _spread_document(self.duration_s()),
            "cpu_s": _spread_document(self.cpu_s()),
            "heap_peak_bytes": _spread_document(self.heap_peak_bytes()),
            "runs": list(self._documents),
        }


def _spread_document(spread: Spread | None) -> dict[str, Any] | None:
    if spread is None:
        return None
    deviation = None if spread.deviation is None else round(spread.deviation, 6)
    return {
        "mean": round(spread.mean, 6),
        "deviation": deviation,
        "min": round(spread.least, 6),
        "max": round(spread.most, 6),
    }

"""Serves figures of a recording where that was asked for, and costs nothing where it was not."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from perftui.recording.feed import Feed
from perftui.recording.plan import RecordingPlan
from perftui.sources.base import SourceState, SourceStatus

if TYPE_CHECKING:
    from perftui.recording.metrics_page import MetricsPage

PAGE = "metrics page"


class Serving:
    """The page of a recording, from before it begins to after its end."""

    def __init__(self) -> None:
        self._page: MetricsPage | None = None

    def start(self, plan: RecordingPlan, feed: Feed, say: Callable[[SourceStatus], None]) -> None:
        """Listen where the plan wants it, and say where that is; raises `UsageError` where it is not possible."""
        if plan.serve_metrics is None:
            return
        # Only a recording that is asked for its figures pays for loading what writes them.
        from perftui.recording.metrics_page import MetricsPage  # noqa: PLC0415

        self._page = MetricsPage(plan, plan.serve_metrics)
        feed.beside = self._page.take
        self._page.start()
        say(SourceStatus(PAGE, SourceState.RUNNING, f"figures of the recording: {self._page.url}"))

    @property
    def url(self) -> str:
        """Where the page is; empty where nobody asked for it."""
        return "" if self._page is None else self._page.url

    def close(self) -> None:
        """Answer no longer."""
        if self._page is not None:
            self._page.close()

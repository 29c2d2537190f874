"""What the trend screen reads and works out, in threads that no key waits for."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic

from textual import work
from textual.worker import get_current_worker

from perftui.analysis.trend_lines import TrendLine
from perftui.errors import PerftuiError
from perftui.model.session import SessionMeta
from perftui.model.trend import Trend
from perftui.recording.session_figures import Progress
from perftui.recording.trend_overview import Followed, thinned, trend_lines, trend_of_line, with_changes
from perftui.recording.trends import Read, read_series
from perftui.recording.workload_series import Series, all_series, beside_others, series_of
from perftui.storage.catalogue import Catalogue
from perftui.storage.groups import Runs
from perftui.ui.screens.base import BaseScreen
from perftui.ui.trend_look import LineKey, key_of

_TOLD_EVERY_S = 0.25
"""How often what was read or found so far is drawn."""
SeriesKey = tuple[str, str, str]
"""Workload, machine, and the oldest session: what is chosen stays chosen when it is read again."""


@dataclass(frozen=True, slots=True)
class Overview:
    """What was read of one workload."""

    every: tuple[Series, ...]
    """All series of the directory, the one with the newest session first."""
    read: Read
    lines: tuple[TrendLine, ...]
    followed: Followed


class _NotWantedError(Exception):
    """Nobody waits for this any more."""


class TrendReading(BaseScreen):
    """A screen over the sessions of a directory, which are read while it answers."""

    def __init__(self, directory: Path, meta: SessionMeta | None) -> None:
        super().__init__()
        self._directory = directory
        self._meta = meta
        """The session whose workload is wanted; None for that of the newest."""

    @abstractmethod
    def _take(self, overview: Overview) -> None:
        """Show what was read."""

    @abstractmethod
    def _take_changes(self, lines: Mapping[LineKey, TrendLine], *, done: bool) -> None:
        """Show changes that were found."""

    @abstractmethod
    def _take_trend(self, key: LineKey, trend: Trend, runs: Sequence[Runs]) -> None:
        """Show the trend that was asked for."""

    @abstractmethod
    def _say(self, text: str) -> None:
        """Say what stands where nothing can be shown yet, or at all."""

    @work(thread=True, exclusive=True, exit_on_error=False, group="trends")
    def _read(self, wanted: SeriesKey | None, followed: Followed) -> None:
        """Read the sessions of a series; without a wish that of the session that was selected."""
        try:
            every = tuple(all_series(Catalogue(self._directory).list()))
            chosen = self._chosen(every, wanted)
            if chosen is None:
                self._tell_none(every)
                return
            read = thinned(read_series(beside_others(chosen, every), progress=self._teller()))
            self._hand_over(every, read, tuple(trend_lines(read, followed)), followed)
        except _NotWantedError:
            return
        except PerftuiError as error:
            self._tell_error(error)
        except Exception as error:  # noqa: BLE001 (a worker's edge: whatever it is, the person is told)
            self._tell_error(PerftuiError(f"internal error while sessions were read: {error!r}"))

    @work(thread=True, exclusive=True, exit_on_error=False, group="trends")
    def _follow(self, overview: Overview, followed: Followed) -> None:
        """List other figures of operations and functions of what was read; changes that are known stay."""
        known = {(*key_of(line), overview.followed.of(line.kind)): line.changes for line in overview.lines}
        try:
            lines = tuple(
                replace(line, changes=known.get((*key_of(line), followed.of(line.kind))))
                for line in trend_lines(overview.read, followed)
            )
            self._hand_over(overview.every, overview.read, lines, followed)
        except Exception as error:  # noqa: BLE001 (as above)
            self._tell_error(PerftuiError(f"internal error while figures were listed: {error!r}"))

    @work(thread=True, exclusive=True, exit_on_error=False, group="changes")
    def _find_changes(self, lines: Sequence[TrendLine]) -> None:
        """Find the changes of figures in this order."""
        worker = get_current_worker()
        found: dict[LineKey, TrendLine] = {}
        told_s = monotonic()
        try:
            for line in lines:
                if worker.is_cancelled:
                    return
                found[key_of(line)] = with_changes(line)
                if monotonic() - told_s > _TOLD_EVERY_S:
                    self.app.call_from_thread(self._take_changes, found, done=False)
                    found, told_s = {}, monotonic()
        except Exception as error:  # noqa: BLE001 (as above)
            self._tell_error(PerftuiError(f"internal error while changes were looked for: {error!r}"))
        if not worker.is_cancelled:
            self.app.call_from_thread(self._take_changes, found, done=True)

    @work(thread=True, exclusive=True, exit_on_error=False, group="trend")
    def _work_out(self, overview: Overview, line: TrendLine) -> None:
        """Work out the trend of a figure."""
        try:
            trend, runs = trend_of_line(overview.read, line, overview.followed)
        except Exception as error:  # noqa: BLE001 (as above)
            self._tell_error(PerftuiError(f"internal error while a trend was worked out: {error!r}"))
            return
        if not get_current_worker().is_cancelled:
            self.app.call_from_thread(self._take_trend, key_of(line), trend, runs)

    def _chosen(self, every: Sequence[Series], wanted: SeriesKey | None) -> Series | None:
        if wanted is not None:
            # Its oldest session may have gone meanwhile, and so may all of them.
            same = [series for series in every if (series.workload, series.host) == wanted[:2]]
            return next((series for series in every if series_key(series) == wanted), (*same, *every, None)[0])
        if self._meta is not None:
            return series_of(every, self._meta)
        return every[0] if every else None

    def _hand_over(
        self, every: tuple[Series, ...], read: Read, lines: tuple[TrendLine, ...], followed: Followed
    ) -> None:
        if not get_current_worker().is_cancelled:
            self.app.call_from_thread(self._take, Overview(every, read, lines, followed))

    def _teller(self) -> Progress:
        """Return what is told how far reading is."""
        worker, told_s = get_current_worker(), monotonic()

        def tell(done: int, whole: int) -> None:
            nonlocal told_s
            if worker.is_cancelled:
                raise _NotWantedError
            if monotonic() - told_s > _TOLD_EVERY_S:
                told_s = monotonic()
                self.app.call_from_thread(self._say, f"reading sessions: {done} of {whole}…")

        return tell

    def _tell_none(self, every: Sequence[Series]) -> None:
        none = "there are no complete sessions yet: a trend begins with the first that is recorded to its end"
        other = "this workload has no complete session yet; w shows the other workloads"
        if not get_current_worker().is_cancelled:
            self.app.call_from_thread(self._take_nothing, tuple(every), other if every else none)

    @abstractmethod
    def _take_nothing(self, every: tuple[Series, ...], why: str) -> None:
        """Say why there is no trend."""

    def _tell_error(self, error: PerftuiError) -> None:
        if not get_current_worker().is_cancelled:
            self.app.call_from_thread(self._say, error.message)
            self.app.call_from_thread(self.tell, error)


def series_key(series: Series) -> SeriesKey:
    """Return what tells a series from the others."""
    return series.workload, series.host, str(series.runs[0].newest.path)

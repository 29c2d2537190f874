"""What a recording does with pictures of the heap: folds them for the screen, thins them for the file."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import replace

from perftui.analysis.heap_fold import HeapFold, merged_heap
from perftui.model.heap import Capture, HeapDelta, HeapSnapshot, HeapTimeline, HeapView
from perftui.recording.held_pictures import HeldPicture, PicturePacker

KEPT_EVERY_S = 2.0
"""Pictures of what is held are kept no closer together than this, and than a share of the run: a day of them is some
hundreds."""
KEPT_EVERY_SHARE = 0.02
MAX_PENDING_PICTURES = 256
"""Of those that no viewer has taken: minutes of them."""
PEAK_EVERY_S = 2.0
"""While the heap grows, the sampled peak is renewed no more often than this."""


class HeapNews:
    """Takes pictures of the heap in the order in which they come; used by one thread."""

    def __init__(self, keep: Callable[[HeapSnapshot], None]) -> None:
        self._keep = keep
        self._folds: dict[HeapView, HeapFold] = {}
        self._deltas: dict[HeapView, HeapDelta] = {}
        self._timelines: list[HeapTimeline] = []
        self._captures: dict[int, Capture] = {}
        self._captures_changed = False
        self._announced: Capture | None = None
        self._newest: dict[int, HeapSnapshot] = {}
        """By process: the newest picture of what is held."""
        self._kept: dict[int, HeapSnapshot] = {}
        self._peaks: dict[int, HeapSnapshot] = {}
        self._shown_peaks: dict[int, HeapSnapshot] = {}
        self._exact_peaks: set[int] = set()
        self._packer = PicturePacker()
        self._pictures: deque[HeldPicture] = deque(maxlen=MAX_PENDING_PICTURES)

    @property
    def held_bytes(self) -> float | None:
        """What all processes hold as of the newest pictures; None before the first."""
        return float(sum(each.total_bytes for each in self._newest.values())) if self._newest else None

    @property
    def captures(self) -> tuple[Capture, ...]:
        """The captures that are known, by process."""
        return tuple(self._captures.values())

    def snapshot(self, snapshot: HeapSnapshot) -> None:
        """Take in a picture."""
        self._fold(snapshot)
        if snapshot.view is HeapView.HIGH_WATERMARK:
            self._exact_peaks.add(snapshot.pid)
        if snapshot.view is not HeapView.HELD:
            self._keep(snapshot)
            return
        self._newest[snapshot.pid] = snapshot
        before = self._kept.get(snapshot.pid)
        apart_s = max(KEPT_EVERY_S, KEPT_EVERY_SHARE * snapshot.at_s)
        if before is None or snapshot.at_s >= before.at_s + apart_s:
            self._keep_held(snapshot)
        self._watch_peak(snapshot)

    def timeline(self, timeline: HeapTimeline) -> None:
        """Take in what a capture says of heap over time."""
        self._timelines.append(timeline)

    def capture(self, capture: Capture) -> None:
        """Take in what is known of a capture now."""
        self._captures[capture.pid] = capture
        self._captures_changed = True

    def announce(self, capture: Capture) -> bool:
        """Take in which capture will be read; say whether that is news.

        It takes the place of what was announced before: a command that starts Python later on is known by its own
        process until that one writes.
        """
        if capture == self._announced:
            return False
        if self._announced is not None and self._captures.get(self._announced.pid) == self._announced:
            self._captures.pop(self._announced.pid, None)
        self._announced = capture
        self.capture(capture)
        return True

    def end(self) -> None:
        """Keep the last picture of every process, and the sampled peak of those without an exact one."""
        for pid, newest in self._newest.items():
            # Not told by their moments: what came after the end is dated to the end.
            if self._kept.get(pid) is not newest:
                self._keep_held(newest)
        for pid, peak in self._peaks.items():
            if pid not in self._exact_peaks:
                self._show_peak(peak)
                self._keep(_as_peak(peak))

    def take(self) -> tuple[dict[HeapView, HeapDelta], tuple[Capture, ...] | None, tuple[HeapTimeline, ...]]:
        """Return what came since the last call: changes by view, all captures where any changed, timelines."""
        deltas, self._deltas = self._deltas, {}
        timelines, self._timelines = tuple(self._timelines), []
        captures = self.captures if self._captures_changed else None
        self._captures_changed = False
        return deltas, captures, timelines

    def take_pictures(self) -> tuple[HeldPicture, ...]:
        """Return the pictures of what is held that were kept since the last call."""
        pictures = tuple(self._pictures)
        self._pictures.clear()
        return pictures

    def _fold(self, snapshot: HeapSnapshot) -> None:
        view = snapshot.view
        fold = self._folds.get(view)
        if fold is None:
            fold = self._folds[view] = HeapFold(view)
        delta = fold.fold(snapshot)
        known = self._deltas.get(view)
        self._deltas[view] = delta if known is None else merged_heap(known, delta)

    def _keep_held(self, snapshot: HeapSnapshot) -> None:
        self._kept[snapshot.pid] = snapshot
        self._keep(snapshot)
        picture = self._packer.pack(snapshot)
        if picture is not None:
            self._pictures.append(picture)

    def _watch_peak(self, snapshot: HeapSnapshot) -> None:
        pid = snapshot.pid
        if pid in self._exact_peaks:
            return
        known, shown = self._peaks.get(pid), self._shown_peaks.get(pid)
        if known is None or snapshot.total_bytes > known.total_bytes:
            self._peaks[pid] = known = snapshot
        if known is not shown and (shown is None or snapshot.at_s >= shown.at_s + PEAK_EVERY_S):
            self._show_peak(known)

    def _show_peak(self, snapshot: HeapSnapshot) -> None:
        if self._shown_peaks.get(snapshot.pid) is not snapshot:
            self._shown_peaks[snapshot.pid] = snapshot
            self._fold(_as_peak(snapshot))


def _as_peak(snapshot: HeapSnapshot) -> HeapSnapshot:
    return replace(snapshot, view=HeapView.HIGH_WATERMARK, exact=False)

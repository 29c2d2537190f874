"""A saved session as its viewers hold it: the same model that a recording fills, with time frozen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from perftui.analysis.saved_scopes import SavedScopes, from_text
from perftui.analysis.time_index import TimeIndex
from perftui.analysis.time_order import TimeOrder
from perftui.recording.held_pictures import HeldPicture
from perftui.recording.saved_sums import delta_of_saved, heap_of_snapshots
from perftui.recording.session_model import SessionModel
from perftui.recording.update import Phase, Update
from perftui.storage.kept_view import write_view
from perftui.storage.session_file import SavedSession, StoredWindow, open_session


def update_of(saved: SavedSession) -> Update:
    """Return one update that holds the whole of a saved session."""
    return Update(
        meta=saved.meta,
        phase=Phase.DONE,
        elapsed_s=saved.meta.duration_s,
        delta=delta_of_saved(saved),
        looks=tuple(saved.looks),
        readings=tuple(saved.readings),
        processes=saved.process_readings,
        series=saved.series,
        events=tuple(saved.events),
        output=tuple(saved.output),
        verdicts=tuple(saved.verdicts),
        operations=saved.operations,
        sources=saved.sources,
        heap=heap_of_snapshots(saved.latest_heap()),
        pictures=tuple(HeldPicture(stored, saved.heap_frames) for stored in saved.stored_heap),
        captures=saved.captures,
        timelines=saved.timelines,
    )


class SavedTimes:
    """What a saved session saw when; a window that cannot be read adds nothing to it, and is counted."""

    def __init__(self, windows: Iterable[StoredWindow]) -> None:
        self._unreadable: set[int] = set()
        timed = [_TimedWindow(window, self._unreadable) for window in windows]
        self.index = TimeIndex.of_windows(timed)
        self.order = TimeOrder(timed)

    @property
    def damaged(self) -> int:
        """Number of windows that were needed and could not be read."""
        return len(self._unreadable)


class _TimedWindow:
    """A window of a session whose damage is noted, and not raised to whoever drags a range over it."""

    __slots__ = ("_unreadable", "_window")

    def __init__(self, window: StoredWindow, unreadable: set[int]) -> None:
        self._window = window
        self._unreadable = unreadable

    @property
    def start_s(self) -> float:
        return self._window.start_s

    @property
    def end_s(self) -> float:
        return self._window.end_s

    @property
    def interval_s(self) -> float:
        return self._window.interval_s

    @property
    def sample_count(self) -> int:
        return self._window.sample_count

    def samples(self) -> Iterable[tuple[int, Sequence[int]]]:
        try:
            return self._window.samples()
        except ValueError:
            self._unreadable.add(self._window.seq)
            return ()


@dataclass(frozen=True, slots=True)
class Playback:
    """A saved session: its model, and the update that filled it, for viewers that take updates."""

    model: SessionModel
    update: Update
    path: Path
    """Where the file lies now: recovering an interrupted session renames it."""
    times: SavedTimes = field(default_factory=lambda: SavedTimes(()))
    scopes: SavedScopes = field(default_factory=SavedScopes)
    """What was looked at last time."""

    def keep_view(self, view: str) -> None:
        """Keep what a person chose to see with the session; raises `PerftuiError` where that refuses it."""
        write_view(self.path, view)


def open_playback(path: Path) -> Playback:
    """Open a session file; a recording that was cut off is recovered first."""
    return playback_of(open_session(path))


def playback_of(saved: SavedSession) -> Playback:
    """Return a session as its viewers hold it."""
    update = update_of(saved)
    model = SessionModel(saved.meta)
    model.apply(update)
    return Playback(model, update, saved.path, SavedTimes(saved.windows), from_text(saved.view))

"""Pictures of what was held over a recording, packed as the file has them: any moment can be looked at again."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from perftui.model.frame import Frame
from perftui.model.heap import HeapSnapshot, HeapView
from perftui.storage.heap_chunks import pack_heap
from perftui.storage.heap_tables import StoredHeap

MOST_BYTES = 48 << 20
"""Of all packed pictures; from then on every second one goes, so that what is left stays even in time."""
_FEWEST = 8


@dataclass(frozen=True, slots=True)
class HeldPicture:
    """What one process held at a moment, packed."""

    stored: StoredHeap
    frames: Sequence[Frame]
    """Frames that its numbers point into; pictures share them."""

    @property
    def at_s(self) -> float:
        """Seconds of the recording's clock."""
        return self.stored.at_s

    @property
    def pid(self) -> int:
        """The process."""
        return self.stored.pid

    def snapshot(self) -> HeapSnapshot:
        """Unpack it; raises `ValueError` where it is damaged."""
        return self.stored.snapshot(self.frames)


class PicturePacker:
    """Packs pictures as they come; their frames are shared, and their ids continue."""

    def __init__(self) -> None:
        self._frames: list[Frame] = []
        self._ids: dict[Frame, int] = {}

    def pack(self, snapshot: HeapSnapshot) -> HeldPicture | None:
        """Pack a picture; None for one that holds an impossible number, which the file leaves out as well."""
        ids = [self._id_of(frame) for frame in snapshot.frames]
        try:
            data, raw_bytes = pack_heap(snapshot, ids)
        except ValueError:
            return None
        stored = StoredHeap(
            0, snapshot.view, snapshot.pid, snapshot.at_s, snapshot.total_bytes, snapshot.allocations, snapshot.stacks,
            snapshot.exact, snapshot.reader_rss_bytes, snapshot.refresh_s, len(self._frames), raw_bytes, data,
        )  # fmt: skip
        return HeldPicture(stored, self._frames)

    def _id_of(self, frame: Frame) -> int:
        found = self._ids.get(frame)
        if found is None:
            found = self._ids[frame] = len(self._frames)
            self._frames.append(frame)
        return found


class HeldPictures:
    """The pictures of a recording in order of time, in bounded memory."""

    def __init__(self, pictures: Iterable[HeldPicture] = (), *, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._by_process: dict[int, list[HeldPicture]] = {}
        self._bytes = 0
        self.add(pictures)

    def __len__(self) -> int:
        return sum(map(len, self._by_process.values()))

    def add(self, pictures: Iterable[HeldPicture]) -> None:
        """Add the next pictures of what is held; those of other views are of the whole run and left out."""
        for picture in pictures:
            if picture.stored.view is HeapView.HELD:
                self._by_process.setdefault(picture.pid, []).append(picture)
                self._bytes += len(picture.stored.packed)
        while self._bytes > self._most_bytes and len(self) > _FEWEST * len(self._by_process):
            self._thin_out()

    def at(self, moment_s: float) -> tuple[HeldPicture, ...]:
        """Return the newest picture of each process up to a moment."""
        found = []
        for pictures in self._by_process.values():
            number = bisect_right(pictures, moment_s, key=lambda picture: picture.at_s)
            if number:
                found.append(pictures[number - 1])
        return tuple(found)

    def _thin_out(self) -> None:
        for pid, pictures in self._by_process.items():
            # The newest stays: it is what is held now.
            self._by_process[pid] = [*pictures[:-1][::2], *pictures[-1:]]
        self._bytes = sum(len(picture.stored.packed) for pictures in self._by_process.values() for picture in pictures)

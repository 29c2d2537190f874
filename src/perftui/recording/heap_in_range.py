"""The heap as of a range of time: what was held at its end, and what grew in it, as profiles that change in place."""

from __future__ import annotations

from collections.abc import Iterable

from perftui.analysis.heap_fold import HeapFold
from perftui.analysis.heap_growth import freed_everything, growth_between
from perftui.analysis.heap_profile import HeapProfile
from perftui.model.heap import HeapSnapshot, HeapView
from perftui.recording.held_pictures import HeldPicture, HeldPictures

_KEPT = 8
"""Unpacked pictures that are kept: the ends of a range that is moved are often the same."""


class HeapInRange:
    """Two profiles, of what is held at the end of a range and of what grew in it; work grows with the pictures."""

    def __init__(self, pictures: HeldPictures) -> None:
        self.held, self.grown = HeapProfile(), HeapProfile()
        self.net_bytes = 0
        """What is held at the end less what was held at the beginning."""
        self.from_s: float | None = None
        """Moment of the picture that growth is counted from; None where there is none before the range."""
        self.to_s: float | None = None
        """Moment of the picture at the end; None where there is none up to it."""
        self.looks = 0
        """Goes up whenever the profiles are changed."""
        self.damaged = 0
        """Pictures that could not be read."""
        self._pictures = pictures
        self._folds = {True: HeapFold(HeapView.HELD), False: HeapFold(HeapView.HELD)}
        self._seen: tuple[tuple[HeldPicture, ...], ...] = ((), ())
        self._unpacked: dict[int, tuple[HeldPicture, HeapSnapshot]] = {}

    @property
    def freed_bytes(self) -> int:
        """What stacks that hold less than before have given back."""
        return self.grown.total_bytes - self.net_bytes

    def look(self, start_s: float, end_s: float) -> None:
        """Look at a range, in seconds of the recording."""
        seen = (self._pictures.at(start_s), self._pictures.at(end_s))
        if _same(seen, self._seen):
            return
        self._seen = seen
        self.looks += 1
        before, after = ({each.pid: each for each in self._snapshots(pictures)} for pictures in seen)
        growth = [growth_between(before.get(pid), each) for pid, each in after.items()]
        self._replace(True, self.held, after.values())
        self._replace(False, self.grown, growth)
        held_before, held_after = (sum(each.total_bytes for each in side.values()) for side in (before, after))
        self.net_bytes = held_after - held_before
        self.from_s = max((each.at_s for each in before.values()), default=None)
        self.to_s = max((each.at_s for each in after.values()), default=None)

    def _replace(self, held: bool, profile: HeapProfile, snapshots: Iterable[HeapSnapshot]) -> None:
        """Let a profile hold other pictures; what a process without one held is gone."""
        now = {each.pid: each for each in snapshots}
        like = next(iter(now.values()), HeapSnapshot(HeapView.HELD, 0.0, 0, 0, 0, 0, (), (), (), (), ()))
        for pid in profile.totals.keys() - now.keys():
            profile.apply(self._folds[held].fold(freed_everything(pid, like)))
        for each in now.values():
            profile.apply(self._folds[held].fold(each))

    def _snapshots(self, pictures: Iterable[HeldPicture]) -> Iterable[HeapSnapshot]:
        for picture in pictures:
            found = self._unpacked.pop(id(picture), None)
            try:
                snapshot = picture.snapshot() if found is None else found[1]
            except ValueError:
                self.damaged += 1
                continue
            self._unpacked[id(picture)] = (picture, snapshot)
            if len(self._unpacked) > _KEPT:
                del self._unpacked[next(iter(self._unpacked))]
            yield snapshot


def _same(one: tuple[tuple[HeldPicture, ...], ...], other: tuple[tuple[HeldPicture, ...], ...]) -> bool:
    return all(
        len(mine) == len(theirs) and all(a is b for a, b in zip(mine, theirs, strict=True))
        for mine, theirs in zip(one, other, strict=True)
    )

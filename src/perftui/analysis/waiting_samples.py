"""Samples of a profile that nobody looks at yet: kept as they came, and added up when somebody does."""

from __future__ import annotations

from array import array
from dataclasses import replace

from perftui.analysis.aggregate import Aggregate
from perftui.analysis.cell_sums import CellSums
from perftui.model.frame import Frame
from perftui.model.sample import ProfileDelta


class WaitingSamples:
    """What an aggregate has not been given yet. It takes a fraction of the time and memory of a call tree."""

    def __init__(self, aggregate: Aggregate) -> None:
        self._aggregate = aggregate
        self._frames: list[Frame] = []
        self._parents, self._node_frames = array("i"), array("i")
        self._weights = CellSums()

    def add(self, delta: ProfileDelta) -> None:
        """Keep the samples of a delta; threads and quality are in the aggregate at once."""
        self._frames.extend(delta.frames)
        for parent, frame in delta.nodes:
            self._parents.append(parent)
            self._node_frames.append(frame)
        self._weights.add_all(delta.weights.items())
        self._aggregate.apply(replace(delta, frames=(), nodes=(), weights={}, spans=()))

    def hand_over(self) -> None:
        """Give the aggregate all that waits."""
        self._aggregate.apply(
            ProfileDelta(
                frames=tuple(self._frames),
                nodes=tuple(zip(self._parents, self._node_frames, strict=True)),
                weights=self._weights,
            )
        )
        self._frames, self._weights = [], CellSums()
        self._parents, self._node_frames = array("i"), array("i")

"""The way of an import into a session: a profile becomes the same records that a recording makes."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from perftui.analysis.stack_table import StackTable
from perftui.formats.base import StackProfile
from perftui.model.frame import Frame, Stack
from perftui.model.sample import SampleWindow, Thread, ThreadSamples, WindowRecord
from perftui.units import Unit

SLICE_S = 1.0
"""An import that knows the order of time is cut into windows of this length, or longer ones if there were too many."""
MOST_SLICES = 3_600
MOST_SAMPLES = 20_000_000
"""A file that counts bytes as samples would fill the memory: beyond this, a row becomes one sample with its weight."""
SAMPLES_A_RECORD = 1 << 20

_Part = tuple[float, int, Thread, Stack, int]
"""(weight of one sample, slice, thread, stack, samples)."""


def to_window_records(profile: StackProfile) -> Iterator[WindowRecord]:
    """Yield records whose samples weigh what the profile's rows weigh.

    All samples of a record weigh the same, so rows go together by the weight of one sample. Seconds in the order of
    time are laid on a time axis on which every thread begins at 0; everything else happens at 0.
    """
    table = StackTable()
    parts = list(_parts(profile))
    # A stable sort: within a slice and a weight, each thread's samples stay in their order.
    parts.sort(key=lambda part: (part[1], part[0]))
    length_s = _slice_s(profile) if _has_times(profile) else 0.0
    ends = _ends(parts, length_s)
    for (slice_number, each), group in groupby(parts, key=lambda part: (part[1], part[0])):
        start_s, end_s = ends[slice_number, each]
        for batch in _batches(group):
            yield table.intern(_window(batch, each, start_s, end_s))
            # Time is covered once, however many records share it.
            start_s = end_s


def _parts(profile: StackProfile) -> Iterator[_Part]:
    one_each = profile.samples > MOST_SAMPLES
    timed = _has_times(profile)
    length_s = _slice_s(profile)
    clocks: dict[Thread, float] = {}
    for thread, stack, weight, row_samples in profile.rows:
        samples = 1 if one_each else row_samples
        each = weight / samples
        if not timed:
            yield each, 0, thread, stack, samples
            continue
        # A row that reaches over the end of a slice is divided there.
        at_s = clocks.get(thread, 0.0)
        clocks[thread] = at_s + weight
        done = 0
        while done < samples:
            begin_s = at_s + done * each
            slice_number = int(begin_s / length_s)
            left_s = (slice_number + 1) * length_s - begin_s
            taken = samples - done
            if taken * each > left_s:
                taken = min(taken, max(1, round(left_s / each)))
            yield each, slice_number, thread, stack, taken
            done += taken


def _has_times(profile: StackProfile) -> bool:
    return profile.ordered and profile.unit is Unit.SECONDS


def _slice_s(profile: StackProfile) -> float:
    totals: dict[Thread, float] = {}
    for row in profile.rows:
        totals[row.thread] = totals.get(row.thread, 0.0) + row.weight
    return max(SLICE_S, max(totals.values(), default=0.0) / MOST_SLICES)


def _ends(parts: Sequence[_Part], length_s: float) -> dict[tuple[int, float], tuple[float, float]]:
    """Return the time that each group of samples covers: its slice, shared by weight with the groups beside it."""
    busiest: dict[tuple[int, float], dict[Thread, float]] = {}
    for each, slice_number, thread, _, samples in parts:
        threads = busiest.setdefault((slice_number, each), {})
        threads[thread] = threads.get(thread, 0.0) + each * samples
    spans: dict[tuple[int, float], tuple[float, float]] = {}
    for slice_number, keys in groupby(busiest, key=lambda key: key[0]):
        group = list(keys)
        shares = [max(busiest[key].values()) for key in group]
        scale = min(1.0, length_s / sum(shares)) if length_s else 0.0
        at_s = slice_number * length_s
        for key, share in zip(group, shares, strict=True):
            spans[key] = (at_s, at_s + share * scale)
            at_s += share * scale
    return spans


def _batches(parts: Iterable[_Part]) -> Iterator[list[_Part]]:
    batch: list[_Part] = []
    size = 0
    for each, slice_number, thread, stack, samples in parts:
        left = samples
        while left:
            taken = min(left, SAMPLES_A_RECORD - size)
            batch.append((each, slice_number, thread, stack, taken))
            size += taken
            left -= taken
            if size == SAMPLES_A_RECORD:
                yield batch
                batch, size = [], 0
    if batch:
        yield batch


def _window(parts: Iterable[_Part], each: float, start_s: float, end_s: float) -> SampleWindow:
    """Return parts of one weight as a window of samples."""
    frames: dict[Frame, int] = {}
    numbered: dict[Stack, tuple[int, ...]] = {}
    stacks: dict[Thread, dict[tuple[int, ...], int]] = {}
    orders: dict[Thread, array[int]] = {}
    for _, _, thread, stack, count in parts:
        key = numbered.get(stack)
        if key is None:
            key = numbered[stack] = tuple([frames.setdefault(frame, len(frames)) for frame in stack])
        known = stacks.setdefault(thread, {})
        place = known.setdefault(key, len(known))
        orders.setdefault(thread, array("I")).extend([place] * count)
    return SampleWindow(
        start_s=start_s,
        end_s=end_s,
        interval_s=each,
        frames=tuple(frames),
        threads=tuple(ThreadSamples(thread, tuple(stacks[thread]), order) for thread, order in orders.items()),
    )

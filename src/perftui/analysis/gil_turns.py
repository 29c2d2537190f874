"""Threads of one process that run Python by turns: who was there at the same time, and how many were ready."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import sqrt

from perftui.analysis.aggregate import Aggregate, ThreadShare

_TAKES_PART = 0.1
"""Share of all samples from which on a thread is one of those that work."""
_LEAST_LOOKS = 2
"""A thread that was not looked at so often is not known to have been there together with others."""
_Z = 1.96
"""Two-sided 95 % of a normal distribution."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """Threads of one process that worked at the same time."""

    threads: tuple[ThreadShare, ...]
    weight: float
    """Seconds that they were seen ready, all together."""
    span_s: float
    """Sampled seconds in which any of them may have been there."""
    ready: float
    """How many of them were ready at a time, on average over these: rather fewer than more."""
    interval: tuple[float, float]
    """Of `ready`, 95 %."""

    @property
    def waits_s(self) -> float:
        """Seconds for which more than one was ready, counted once for each beyond the first."""
        return max(0.0, self.weight - self.span_s)


def crowd_of(aggregate: Aggregate) -> Crowd | None:
    """Return the threads that were most in each other's way; None where no two are known to have worked together."""
    least = _TAKES_PART * aggregate.tree.weight
    working = [share for share in aggregate.thread_shares() if share.weight >= least and share.looks >= _LEAST_LOOKS]
    found = [_crowd(aggregate, members) for members in _together(working)]
    return max(found, key=lambda crowd: crowd.waits_s, default=None)


def _together(working: Sequence[ThreadShare]) -> Iterator[list[ThreadShare]]:
    """Yield for each thread those of its process that were seen while it was there, with itself; none that is alone."""
    for one in working:
        members = [other for other in working if other.thread.pid == one.thread.pid and _met(one, other)]
        if len(members) > 1:
            yield members


def _met(one: ThreadShare, other: ThreadShare) -> bool:
    return max(one.seen_from_s, other.seen_from_s) <= min(one.seen_until_s, other.seen_until_s)


def _crowd(aggregate: Aggregate, members: Sequence[ThreadShare]) -> Crowd:
    end_s = aggregate.end_s
    # They may have been there before the first look that found one and after the last one, but not up to the next.
    there_s = max(min(share.alive_until_s, end_s) for share in members) - min(share.alive_from_s for share in members)
    covered = min(1.0, aggregate.sampled_s / end_s) if end_s > 0 else 0.0
    weight, span_s = sum(share.weight for share in members), max(0.0, there_s * covered)
    ready = min(float(len(members)), weight / span_s) if span_s else 0.0
    moments = aggregate.looks / aggregate.sampled_s * span_s if span_s else 0.0
    half = _half_width(ready, len(members), moments=moments)
    interval = max(0.0, ready - half), min(float(len(members)), ready + half)
    return Crowd(tuple(members), weight, span_s, ready, interval)


def _half_width(ready: float, threads: int, *, moments: float) -> float:
    """Return half the 95 % interval of a mean of counts between 0 and `threads`.

    With this mean no such counts spread more (Bhatia and Davis, The American Mathematical Monthly 107, 2000), which
    makes up for moments that follow each other and are alike.
    """
    return _Z * sqrt(ready * (threads - ready) / moments) if moments > 0 else float(threads)

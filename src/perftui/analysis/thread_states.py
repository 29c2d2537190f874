"""What looks at threads say of samples, which carry no state themselves: how much was idle, how much held the GIL.

All of it is an estimate: a look a second at each thread, and what it found is spread evenly over the thread's samples.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from perftui.analysis.aggregate import Aggregate, ThreadShare
from perftui.analysis.scope import GilHolders, Scope, WithoutIdle
from perftui.model.session import SessionMeta
from perftui.model.workload import SamplingMode

LEAST_LOOKS = 5
"""A thread that was looked at less often is taken to be like all threads together."""
_GRAIN = 64
"""Factors are whole parts of this: a look a second tells no more, and sums of such weights stay exact."""
_NO_LOOKS = "no look at the threads was recorded, so there is nothing to estimate from"
_NO_HOLDER = "no look found a thread that held the GIL, so there is nothing to estimate from"
_NO_IDLE = "idle threads gave no samples here, so nothing is left to leave out"


class Looks(NamedTuple):
    """How often threads were looked at, and what was found."""

    looks: int = 0
    active: int = 0
    gil: int = 0


def looks_at(shares: Iterable[ThreadShare]) -> Looks:
    """Return the looks at several threads together."""
    found = Looks()
    for share in shares:
        found = Looks(found.looks + share.looks, found.active + share.active_looks, found.gil + share.gil_looks)
    return found


def idle_is_recorded(meta: SessionMeta) -> bool:
    """Say whether idle threads gave samples too: the sampler's own modes leave these out."""
    return meta.sampling_mode not in {"", *(mode.value for mode in SamplingMode)}


def why_not_without_idle(aggregate: Aggregate, *, idle_recorded: bool) -> str:
    """Return why idle samples cannot be left out of a profile; empty where they can."""
    looks = looks_at(aggregate.thread_shares())
    if not looks.looks:
        return _NO_LOOKS
    return "" if idle_recorded else _NO_IDLE


def why_not_gil_holders(aggregate: Aggregate) -> str:
    """Return why the part that held the GIL cannot be estimated; empty where it can."""
    looks = looks_at(aggregate.thread_shares())
    if not looks.looks:
        return _NO_LOOKS
    return "" if looks.gil else _NO_HOLDER


def state_factors(aggregate: Aggregate, scope: Scope, *, idle_recorded: bool) -> list[float]:
    """Return by thread id how much of its weight a scope leaves, 0 to 1."""
    pooled = looks_at(aggregate.thread_shares())
    by_share = {share: _factor(_known(share, pooled), scope, idle_recorded) for share in aggregate.thread_shares()}
    return [by_share[share] for share in aggregate.threads]


def _known(share: ThreadShare, pooled: Looks) -> Looks:
    own = looks_at((share,))
    # Without a look that found it running, nothing is known of the moments at which it was sampled.
    return own if own.looks >= LEAST_LOOKS and own.active else pooled


def _factor(looks: Looks, scope: Scope, idle_recorded: bool) -> float:
    if GilHolders() in scope.parts:
        # Where only running threads gave samples, their share is that of the looks that found them running.
        return _part(looks.gil, looks.looks if idle_recorded else looks.active)
    if WithoutIdle() in scope.parts and idle_recorded:
        return _part(looks.active, looks.looks)
    return 1.0


def _part(some: int, whole: int) -> float:
    return round(_GRAIN * min(1.0, some / whole)) / _GRAIN if whole else 1.0

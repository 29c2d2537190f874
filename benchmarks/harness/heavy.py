"""Many threads of many processes, sampled often, without the processes: windows as a sampler hands them over.

What they ran is made up from a seed, and shaped like a real service: a pool of stacks with common beginnings, threads
that stay with what they do for a while, and something new now and then. In its second half nothing is new: what memory
still grows then is what time costs, and not what there is to show.
"""

from __future__ import annotations

import random
import time
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from perftui.model.frame import Frame
from perftui.model.sample import SampleWindow, Thread, ThreadLook, ThreadLooks, ThreadSamples
from perftui.sources.base import SourceEvent, SourceState, SourceStatus

Stack = tuple[int, ...]
FUNCTIONS, FILES = 3_000, 300
STACKS = 20_000
SHALLOWEST, DEEPEST = 6, 40
# What a thread does for about a window, and how many such things it knows.
STACKS_OF_PHRASE, PHRASES = 12, 40
# Threads of each window of the first half that do something that they have never done before.
NEW_OF_WINDOW = 3
WINDOW_S = 0.5
LOOKS_EVERY_WINDOWS = 2


def frames() -> tuple[Frame, ...]:
    """Return the functions of the made-up service."""
    return tuple(
        Frame(f"Service{number % 200}.step_{number}", f"/srv/app/part_{number % FILES}.py", 10 + number % 400)
        for number in range(FUNCTIONS)
    )


def stacks(rng: random.Random, count: int = STACKS) -> list[Stack]:
    """Return distinct stacks that grow out of each other, root first."""
    found: list[Stack] = [(0,)]
    seen = set(found)
    # One object for each number: what a load makes up stays in the process whose memory is measured.
    known = tuple(range(FUNCTIONS))
    while len(found) < count:
        stem = found[rng.randrange(len(found))]
        stem = stem[: rng.randint(1, len(stem))]
        length = rng.randint(SHALLOWEST, DEEPEST)
        stack = stem + tuple(known[rng.randrange(1, FUNCTIONS)] for _ in range(max(1, length - len(stem))))
        if stack not in seen:
            seen.add(stack)
            found.append(stack)
    return found


@dataclass(slots=True)
class HeavySource:
    """A source that hands over the windows of so many threads, each at its time."""

    clock: Callable[[], float]
    seconds: float
    processes: int
    threads: int
    rate_hz: int
    name: str = "cpu"
    emitted: int = 0
    """Samples that were handed over."""
    slowest_s: float = 0.0
    """Most that a window was later than its end."""
    _rng: random.Random = field(default_factory=lambda: random.Random(1))
    _at_s: float = 0.0
    _number: int = 0
    _over: bool = False
    _frames: tuple[Frame, ...] = ()
    _stacks: list[Stack] = field(default_factory=list)
    _known: list[tuple[Thread, list[ThreadSamples]]] = field(default_factory=list)

    def prepare(self) -> None:
        """Make up what is going to be seen."""
        rng = self._rng
        self._frames, self._stacks = frames(), stacks(rng)
        for number in range(self.processes * self.threads):
            pid = 100_000 + number // self.threads
            tid = pid + number % self.threads
            thread = Thread(pid, tid, f"worker-{number % self.threads}")
            own = rng.sample(self._stacks, 150)
            self._known.append(
                (thread, [self._phrase(thread, rng.choices(own, k=STACKS_OF_PHRASE)) for _ in range(PHRASES)])
            )

    def start(self) -> None:
        """Begin the first window."""
        self._at_s = self.clock()

    def poll(self, timeout_s: float) -> Sequence[SourceEvent]:
        """Wait for the end of the window and return it."""
        if self._over:
            time.sleep(timeout_s)
            return ()
        wait_s = self._at_s + WINDOW_S - self.clock()
        if wait_s > timeout_s:
            time.sleep(timeout_s)
            return ()
        time.sleep(max(0.0, wait_s))
        events: list[SourceEvent] = [self._window()]
        if self._number % LOOKS_EVERY_WINDOWS == 0:
            looks = tuple(
                ThreadLook(thread, True, index == self._number % len(self._known))
                for index, (thread, _) in enumerate(self._known)
            )
            events.append(ThreadLooks(self._at_s, looks))
        if self._number * WINDOW_S >= self.seconds:
            self._over = True
            events.append(SourceStatus(self.name, SourceState.ENDED, "The load is over."))
        return events

    def stop(self) -> Sequence[SourceEvent]:
        """Nothing is on the way."""
        return ()

    def _window(self) -> SampleWindow:
        rng = self._rng
        learns = self._number * WINDOW_S < self.seconds / 2
        novel = set(rng.sample(range(len(self._known)), NEW_OF_WINDOW)) if learns else set()
        parts = []
        for index, (thread, phrases) in enumerate(self._known):
            if index in novel:
                phrases[rng.randrange(PHRASES)] = self._phrase(thread, rng.choices(self._stacks, k=STACKS_OF_PHRASE))
            parts.append(phrases[rng.randrange(PHRASES)])
        window = SampleWindow(
            self._at_s, self._at_s + WINDOW_S, 1 / self.rate_hz, self._frames, tuple(parts), sampler_cpu_s=0.1
        )
        self._at_s, self._number = self._at_s + WINDOW_S, self._number + 1
        self.emitted += window.samples
        self.slowest_s = max(self.slowest_s, self.clock() - self._at_s)
        return window

    def _phrase(self, thread: Thread, chosen: Sequence[Stack]) -> ThreadSamples:
        distinct = tuple(dict.fromkeys(chosen))
        order = array("I")
        samples = round(self.rate_hz * WINDOW_S)
        while len(order) < samples:
            order.extend([self._rng.randrange(len(distinct))] * self._rng.randint(1, 20))
        return ThreadSamples(thread, distinct, order[:samples])

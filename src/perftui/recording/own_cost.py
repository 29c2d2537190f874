"""What perftui itself costs while it records."""

from __future__ import annotations

from collections.abc import Callable

from perftui.sources.meters_psutil import own_cost


class OwnCost:
    """Processor time of this process, from one measurement to the next."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """Begin to measure; `clock` tells seconds."""
        self.cpu_percent: float | None = None
        """Over the time between the last two measurements, 100 is one core; None before there were two."""
        self._clock = clock
        self._before = (clock(), own_cost()[0])

    def measure(self) -> None:
        """Measure once more."""
        now, cpu_s = self._clock(), own_cost()[0]
        then, cpu_then_s = self._before
        self._before = (now, cpu_s)
        if now > then:
            self.cpu_percent = 100 * (cpu_s - cpu_then_s) / (now - then)

"""The governor: keeps the price of sampling below what was allowed, by the rate of the next window."""

from __future__ import annotations

# A start (attaching, reading the interpreter's symbols) costs this much CPU, where it cannot be measured.
USUAL_START_CPU_S = 0.008
MIN_RATE_HZ = 5
# Older windows count less by this factor at each new one: about the last three seconds matter.
_FADING = 0.8
# A shorter time says too little, unless what it says is that bad.
_ENOUGH_S = 0.5
_ALARM = 3.0
_ENOUGH_FOR_ALARM_S = 0.15
# Between these shares of the allowance the rate stays as it is, so that it does not waver.
_CALM_SHARE = 0.7
_AIM_SHARE = 0.9


class Governor:
    """Learns what a look costs and derives the rate; a look at all threads takes about the CPU time that it uses."""

    def __init__(self, requested_hz: int, overhead_percent: float) -> None:
        self._requested_hz = requested_hz
        self._allowed = max(overhead_percent, 0.01) / 100
        self._cpu_s = 0.0
        self._looks = 0.0
        self._seen_s = 0.0
        self.rate_hz = requested_hz

    @property
    def look_s(self) -> float:
        """How long one look at all threads of a process takes, 0 while that is not known."""
        return self._cpu_s / self._looks if self._looks else 0.0

    @property
    def lowered(self) -> bool:
        """Whether the rate is lower than asked."""
        return self.rate_hz < self._requested_hz

    def learn(self, *, cpu_s: float, duration_s: float, rate_hz: int, processes: int = 1) -> None:
        """Take in one window: the sampler's CPU time without its start, while it looked at so many processes."""
        self._cpu_s = self._cpu_s * _FADING + max(0.0, cpu_s) / max(1, processes)
        self._looks = self._looks * _FADING + duration_s * rate_hz
        self._seen_s = self._seen_s * _FADING + duration_s
        cost = self.look_s * self.rate_hz / self._allowed
        if self._seen_s < (_ENOUGH_S if cost < _ALARM else _ENOUGH_FOR_ALARM_S):
            return
        if cost > 1.0 or (self.lowered and cost < _CALM_SHARE):
            self.rate_hz = self._affordable()

    def forget(self) -> None:
        """Begin anew, when what is sampled or how has changed."""
        self._cpu_s = self._looks = self._seen_s = 0.0
        self.rate_hz = self._requested_hz

    def _affordable(self) -> int:
        if self.look_s <= 0:
            return self._requested_hz
        rate = int(self._allowed * _AIM_SHARE / self.look_s)
        return max(min(MIN_RATE_HZ, self._requested_hz), min(rate, self._requested_hz))

"""What a signal does to a recording, by how far it is."""

from __future__ import annotations

import signal

import pytest

from perftui.cli.signals import EndSignals


class Running:
    """A recording that notes how it was asked to end."""

    def __init__(self, *, reads_captures: bool) -> None:
        self.reads_captures = reads_captures
        self.stops: list[bool] = []

    def stop(self, *, at_once: bool = False) -> None:
        self.stops.append(at_once)


@pytest.mark.parametrize(("reading", "stops"), [(False, [False, True]), (True, [True, True])])
def test_the_first_signal_ends_in_order_or_leaves_a_capture_for_later_and_is_told(
    reading: bool, stops: list[bool]
) -> None:
    running = Running(reads_captures=reading)
    with EndSignals(running) as signals:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.raise_signal(number)
            assert signals.received == number
    assert running.stops == stops

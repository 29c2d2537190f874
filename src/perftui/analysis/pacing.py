"""How often to look at a target, by how bad its alerts stand: a state machine over readings."""

from __future__ import annotations

from perftui.analysis.alerting import CALM_READINGS
from perftui.model.alert import AlertLevel


class PaceMachine:
    """The level that sets the pace: it follows what is worse at once, and what is calm after three readings in a row.

    A limit that is exceeded counts before its hold is over, so that the hold is judged by readings that see it.
    """

    def __init__(self, level: AlertLevel = AlertLevel.OK) -> None:
        """Begin at a level."""
        self.level = level
        self._calm: list[AlertLevel] = []
        """What the latest calm readings asked for."""

    def see(self, level: AlertLevel) -> AlertLevel:
        """Take in how bad something stands between two readings; it can only hasten them."""
        if level.rank > self.level.rank:
            self.level = level
            self._calm.clear()
        return self.level

    def read(self, pressing: AlertLevel, standing: AlertLevel) -> AlertLevel:
        """Take in one reading, and return the level that sets the pace from now on.

        Args:
            pressing: The worst level that this reading itself speaks for.
            standing: The worst level that any alert stands at, after this reading.
        """
        if pressing.rank >= self.level.rank:
            self._calm.clear()
            self.level = pressing
        else:
            self._calm.append(pressing)
            if len(self._calm) >= CALM_READINGS:
                self.level = worst(*self._calm)
                self._calm.clear()
        return self.see(standing)


def worst(*levels: AlertLevel) -> AlertLevel:
    """Return the worst of some levels; calm where there are none."""
    return max(levels, key=lambda level: level.rank, default=AlertLevel.OK)

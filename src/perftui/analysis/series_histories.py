"""Application metrics over the time of a recording: a history for each series, and figures of it, in bounded memory."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from perftui.analysis.meter_history import MeterHistory
from perftui.model.derivation import DERIVED, MOST_DERIVED
from perftui.model.series import Series, SeriesKind, SeriesValues

MOST_SERIES = 2_000
"""As many as a session file holds, room for those of a budget among them; what is beyond is counted."""
_MOST_LEFT_OUT = 10_000
"""Series beyond the bound that are told apart, to count them."""
_FINE_SERIES = 64
"""The first series, and derived ones, are kept in as many points as the meters; any more in fewer: a scrape may bring
hundreds."""
_COARSE_POINTS = 512


class SeriesHistories:
    """What all series have shown."""

    def __init__(self) -> None:
        self._all: dict[Series, MeterHistory] = {}
        self._by_name: dict[str, list[Series]] = {}
        self._left_out: set[Series] = set()
        self.last_s = 0.0
        """Time of the last values."""

    def __len__(self) -> int:
        return len(self._all)

    def add(self, values: SeriesValues) -> None:
        """Add what some series were at one moment."""
        at_s, known = values.at_s, self._all
        # Sources hand over side by side, so that one may be a little late.
        late = at_s < self.last_s
        if not late:
            self.last_s = at_s
        for series, value in values.values:
            history = known.get(series)
            if history is None:
                history = self._begun(series)
                if history is None:
                    continue
            history.append(max(at_s, history.last_s) if late else at_s, value)

    @property
    def all(self) -> Mapping[Series, MeterHistory]:
        """Histories by series, in the order of first sight."""
        return MappingProxyType(self._all)

    def named(self, name: str) -> Mapping[Series, MeterHistory]:
        """Return the histories of a name, one for each set of labels, origin and kind."""
        return {series: self._all[series] for series in self._by_name.get(name, ())}

    @property
    def left_out(self) -> int:
        """Series that came when there were too many already."""
        return len(self._left_out)

    def _begun(self, series: Series) -> MeterHistory | None:
        if len(self._all) >= (MOST_SERIES if series.origin == DERIVED else MOST_SERIES - MOST_DERIVED):
            if len(self._left_out) < _MOST_LEFT_OUT:
                self._left_out.add(series)
            return None
        fine = len(self._all) < _FINE_SERIES or series.origin == DERIVED
        # What a workload told of a level stands until it tells another.
        holds = not series.origin and series.kind is SeriesKind.GAUGE
        history = MeterHistory(holds=holds) if fine else MeterHistory(holds=holds, most_points=_COARSE_POINTS)
        self._all[series] = history
        self._by_name.setdefault(series.name, []).append(series)
        return history

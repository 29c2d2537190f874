"""Application metrics as they may be told to strangers: what their labels name of this machine is blotted out."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

from perftui.model.series import Series, SeriesValues


def redacted_series(looks: Collection[SeriesValues], text: Callable[[str], str]) -> tuple[SeriesValues, ...]:
    """Return the same values with the names and labels that `text` makes; series that differed stay apart."""
    told: dict[Series, Series] = {}
    used: dict[Series, int] = {}
    return tuple(
        replace(look, values=tuple((_told(series, told, used, text), value) for series, value in look.values))
        for look in looks
    )


def _told(series: Series, told: dict[Series, Series], used: dict[Series, int], text: Callable[[str], str]) -> Series:
    known = told.get(series)
    if known is None:
        labels = tuple((text(name), text(value)) for name, value in series.labels)
        known = replace(series, name=text(series.name), origin=text(series.origin), labels=labels)
        number = used[known] = used.get(known, 0) + 1
        if number > 1:
            known = replace(known, labels=(*labels, ("redacted", str(number))))
        told[series] = known
    return known

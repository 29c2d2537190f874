"""The list of figures: ranked, filtered, below headings."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perftui.analysis.trend_columns import column_of, trend_columns
from perftui.analysis.trend_lines import KindLine, SortTrends, TrendLine, list_lines
from perftui.errors import UsageError
from perftui.model.trend import Trend, TrendChange, TrendKind, TrendPoint
from perftui.units import Unit


def line(name: str, kind: TrendKind = TrendKind.METRIC, *, change: tuple[float, float] | None = None) -> TrendLine:
    changes = () if change is None else (TrendChange(1, *change),)
    return TrendLine(kind, name, name, "shop/app.py", Unit.SECONDS, (1.0, 2.0), changes=changes)


def named(found: list[object]) -> list[str]:
    return [each.name if isinstance(each, TrendLine) else f"# {each.kind.value}" for each in found]  # type: ignore[attr-defined]


LINES = (
    line("wall_s", change=(2.0, 1.0)),
    line("cpu_s"),
    line("work", TrendKind.FUNCTION, change=(1.0, 1.1)),
    line("load", TrendKind.FUNCTION, change=(0.0, 1.0)),
)


def test_figures_stand_below_their_kinds_and_a_kind_without_any_has_no_heading() -> None:
    found = list_lines(LINES, sort=SortTrends.KIND)
    assert named(list(found)) == ["# metric", "wall_s", "cpu_s", "# function", "work", "load"]
    assert found[0] == KindLine(TrendKind.METRIC, 2)


def test_what_became_worse_comes_first_and_what_never_changed_last() -> None:
    assert named(list(list_lines(LINES, sort=SortTrends.CHANGE))) == ["load", "work", "wall_s", "cpu_s"]


def test_a_pattern_is_looked_for_in_names_and_files_and_nonsense_is_refused_with_a_sentence() -> None:
    assert named(list(list_lines(LINES, sort=SortTrends.NAME, pattern="_S$"))) == ["cpu_s", "wall_s"]
    assert len(list_lines(LINES, sort=SortTrends.NAME, pattern="app.py")) == len(LINES)
    with pytest.raises(UsageError, match="not a regular expression"):
        list_lines(LINES, sort=SortTrends.NAME, pattern="(")


def trend(*values: float, changes: tuple[TrendChange, ...] = ()) -> Trend:
    points = tuple(TrendPoint(f"{at}", "run", "2026-01-01T00:00:00", value) for at, value in enumerate(values))
    return Trend("wall_s", TrendKind.METRIC, Unit.SECONDS, "demo", "box", points, changes)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=40), st.integers(1, 60))
def test_all_that_is_drawn_lies_on_the_scale_and_every_point_has_its_column(values: list[float], columns: int) -> None:
    found = trend_columns(trend(*values), columns)
    assert found.places == tuple(column_of(at, len(values), columns) for at in range(len(values)))
    assert sorted(found.places) == list(found.places)
    assert all(0 <= place < columns for place in found.places)
    ends = [value for value in found.values if value is not None]
    ends += [end for band in found.noise if band is not None for end in band]
    # A level's band may reach below zero, where no value is.
    assert all(found.axis.holds(end) or end < 0 for end in ends)
    assert {found.values[place] is None for place in found.places} == {False}


def test_levels_are_the_medians_between_changes_with_their_deviation() -> None:
    found = trend_columns(trend(1.0, 1.2, 1.4, 9.0, 9.0, 9.0, changes=(TrendChange(3, 1.2, 9.0),)), 11)
    assert [(level.first, level.last, level.value) for level in found.levels] == [(0, 4, 1.2), (6, 10, 9.0)]
    assert found.noise[0] == pytest.approx((1.2 - 0.29652, 1.2 + 0.29652))
    assert found.noise[10] == (9.0, 9.0)
    assert found.noise[5] is None, "between two levels there is none"

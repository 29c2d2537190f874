"""A trend drawn in braille."""

from __future__ import annotations

from perftui.model.trend import Trend, TrendChange, TrendKind, TrendPoint
from perftui.reports.cells import cells_of
from perftui.reports.trend_chart import EMPTY_CELL, trend_chart
from perftui.units import Unit


def trend(*values: float, changes: tuple[TrendChange, ...] = ()) -> Trend:
    points = tuple(
        TrendPoint(f"{number}", "run", f"2026-01-{1 + number % 28:02d}T00:00:00", value)
        for number, value in enumerate(values)
    )
    return Trend("wall_s", TrendKind.METRIC, Unit.SECONDS, "demo", "box", points, changes)


def test_the_highest_value_stands_at_the_top_and_changes_are_marked() -> None:
    drawn = trend_chart(trend(*[1.0] * 10, *[2.0] * 10, changes=(TrendChange(10, 1.0, 2.0),)), width=60, rows=3)
    assert [line[:9].rstrip() for line in drawn[:3]] == ["2.00 s ┤", "       ┤", "1.00 s ┤⡀"]
    # The lower level ends before the mark, the upper one begins at it.
    assert drawn[3].index("▲") == len(drawn[0]) - len(drawn[0][8:].lstrip())
    assert len(drawn[2]) < drawn[3].index("▲")
    assert (drawn[4].split(), cells_of(drawn[4])) == (["2026-01-01", "2026-01-20"], 48)


def test_every_cell_of_a_page_is_braille_so_that_levels_stand_where_they_are() -> None:
    drawn = trend_chart(trend(*[1.0] * 10, *[2.0] * 10), width=60, rows=3, blank=EMPTY_CELL)
    assert not any(" " in line.partition("┤")[2] for line in drawn[:3])
    in_a_terminal = trend_chart(trend(*[1.0] * 10, *[2.0] * 10), width=60, rows=3)
    assert tuple(line.replace(EMPTY_CELL, " ") for line in drawn) == in_a_terminal


def test_no_line_is_wider_than_there_is_room() -> None:
    for count in (2, 7, 100, 3_000):
        for width in (60, 80, 160):
            drawn = trend_chart(trend(*(1.0 + number % 7 for number in range(count))), width=width)
            assert max(map(cells_of, drawn)) <= width


def test_one_session_and_equal_values_are_drawn_without_a_trouble() -> None:
    assert trend_chart(trend(1.0), width=60) == ()
    assert "1.00 s ┤" in trend_chart(trend(1.0, 1.0), width=60)[0]

"""A trend in cells: curve, points, levels, changes and the cursor."""

from __future__ import annotations

from dataclasses import replace

from perftui.model.trend import Trend, TrendChange, TrendKind, TrendPoint
from perftui.ui.widgets.sparkline import sparkline
from perftui.ui.widgets.trend_drawing import columns_in, drawn_trend
from perftui.units import Unit


def trend(*values: float, changes: tuple[TrendChange, ...] = ()) -> Trend:
    points = tuple(TrendPoint(f"{at}", "run", "2026-01-01T00:00:00", value) for at, value in enumerate(values))
    return Trend("wall_s", TrendKind.METRIC, Unit.SECONDS, "demo", "box", points, changes)


def texts(found: Trend, cells: int, rows: int, at: int) -> list[str]:
    return [
        "".join(text for text, _ in row)
        for row in drawn_trend(found, columns_in(found, cells), cells, rows, at=at).rows
    ]


def test_few_points_have_signs_of_their_own_and_the_cursor_another() -> None:
    drawn = texts(trend(1.0, 1.0, 1.0, 5.0, 5.0, 5.0, changes=(TrendChange(3, 1.0, 5.0),)), 21, 5, at=5)
    assert [len(row) for row in drawn] == [21] * 5
    assert drawn[0].count("●") == 2
    assert drawn[0][20] == "◆"
    assert drawn[-1].count("●") == 3
    assert {row[12] for row in drawn} == {"╎", "●"}, "the change stands where its first point is"
    assert {row[20] for row in drawn[1:]} == {"│"}


def test_many_points_share_columns_and_what_they_range_over_is_shaded() -> None:
    drawn = texts(trend(*(float(number % 10) for number in range(400))), 20, 6, at=0)
    assert not any("●" in row for row in drawn)
    assert sum(row.count("░") for row in drawn) > 40


def test_one_point_and_values_that_never_vary_are_drawn() -> None:
    assert sum(row.count("◆") for row in texts(trend(3.0), 10, 3, at=0)) == 1
    assert sum(row.count("◆") for row in texts(trend(0.0, 0.0), 10, 3, at=1)) == 1
    noisy = trend(3.0, 4.0)
    noisy = replace(noisy, points=tuple(replace(point, low=2.0, high=5.0) for point in noisy.points))
    assert {row[0] for row in texts(noisy, 10, 8, at=1)[1:-1]} == {"░", "●", "╌"}


def test_a_course_goes_from_the_lowest_to_the_highest_value() -> None:
    assert sparkline([1, 2, 3], 9) == "▁▄▇"
    assert sparkline([4.0, 4.0], 9) == "▄▄"
    assert len(sparkline(list(range(500)), 12)) == 12
    assert sparkline([1.0], 0) == sparkline([], 5) == ""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from perftui.analysis.distribution import Box, box_of
from perftui.analysis.value_axis import ValueAxis
from perftui.ui.widgets.distribution_strip import Limit, scale_of, strip_of, tick_text
from perftui.units import Unit

AXIS = ValueAxis(0.0, 20.0)


def text(box: Box | None, *values: float, smooth: bool = False, limits: tuple[Limit, ...] = ()) -> str:
    return "".join(part.text for part in strip_of(box, values, AXIS, 20, smooth=smooth, limits=limits))


def test_a_box_has_its_quartiles_its_median_and_its_ends() -> None:
    assert text(Box(2.0, 5.0, 8.0, 10.0, 16.0)) == "  ├──━━━╋━━─────┤   "
    assert text(Box(3.0, 3.0, 3.0, 3.0, 3.0)) == "   ╋                "
    assert text(None) == " " * 20


def test_a_density_is_highest_where_most_values_are() -> None:
    values = sorted([4.2] * 3 + [5.1] * 9 + [5.6] * 9 + [6.5] * 3 + [15.5])
    drawn = text(box_of(values), *values, smooth=True)
    assert drawn[5] == "█"
    assert drawn[15] == "▁"
    assert drawn[10] == " "


def test_limits_are_marks_that_differ_in_shape() -> None:
    assert text(None, limits=(Limit(4.0, "warn"), Limit(9.0, "fail"), Limit(40.0, "fail"))) == "    ╎    ║          "


@given(st.lists(st.floats(-5, 30), min_size=1, max_size=30), st.integers(0, 60), st.booleans())
def test_a_strip_has_exactly_its_cells(values: list[float], cells: int, smooth: bool) -> None:
    ordered = sorted(values)
    parts = strip_of(box_of(ordered), ordered, AXIS, cells, smooth=smooth)
    assert sum(len(part.text) for part in parts) == cells


def test_labels_below_an_axis_leave_each_other_room() -> None:
    row = scale_of(AXIS, 20, ["0 s", "5 s", "6 s", "20 s"], ticks=[0.0, 5.0, 6.0, 20.0])
    assert row == "0 s  6 s        20 s"


def test_a_limit_does_not_hide_the_median() -> None:
    limits = (Limit(5.0, "fail"), Limit(8.0, "fail"))
    assert text(Box(2.0, 5.0, 8.0, 10.0, 16.0), limits=limits) == "  ├──║━━╋━━─────┤   "


def test_round_values_have_no_digits_that_were_not_measured() -> None:
    written = [tick_text(value, Unit.SECONDS) for value in (0.001, 0.0015, 0.1, 2.5e-6, 1.16e-6, 20.0)]
    assert written == ["1 ms", "1.5 ms", "100 ms", "2.5 µs", "1.16 µs", "20 s"]


def test_values_beyond_the_reach_of_the_whiskers_are_an_arrow() -> None:
    box = Box(2.0, 5.0, 8.0, 10.0, 900.0)
    drawn = "".join(part.text for part in strip_of(box, (), AXIS, 20, reach=(2.0, 16.0)))
    assert drawn == "  ├──━━━╋━━─────▸   "

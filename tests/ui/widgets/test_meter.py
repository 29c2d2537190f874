"""Meters with their history."""

from __future__ import annotations

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.model.heap import HeapTimeline
from perftui.model.reading import METER_BY_METRIC, ResourceReading
from perftui.model.verdict import RuleVerdict, Verdict
from perftui.ui.widgets.braille import Stroke, area, overlay, rule
from perftui.ui.widgets.meter import MeterPanel, heights, limits_of
from perftui.units import Unit
from tests.ui.widgets.stage import Repaints, staged

MIB = float(1 << 20)
CPU = (METER_BY_METRIC["cpu_percent"],)


def cpu(*percents: float | None) -> list[ResourceReading]:
    return [ResourceReading(at_s=float(i), cpu_percent=percent) for i, percent in enumerate(percents)]


def verdict(fail: float, *, breached_at_s: float | None = None, metric: str = "cpu_percent") -> RuleVerdict:
    return RuleVerdict(
        "resources.cpu", "CPU", metric, Unit.PERCENT, 1.0, None, fail, Verdict.FAIL, breached_at_s=breached_at_s
    )


def test_an_area_is_as_high_as_its_values() -> None:
    assert area([0, 25, 50, 75, 100, 100], 100, 1) == ["⣀⣴⣿"]
    assert area([50, 100], 100, 2) == ["⢸", "⣿"]
    assert area([None, 100, None], 100, 1) == ["⢸ "]


@given(st.lists(st.one_of(st.none(), st.floats(0, 1e12)), max_size=80), st.integers(1, 6))
def test_an_area_has_a_cell_for_every_two_values(values: list[float | None], rows: int) -> None:
    lines = area(values, 1e12, rows)
    assert len(lines) == rows
    assert {len(line) for line in lines} == {(len(values) + 1) // 2}


def test_a_level_line_lies_where_its_value_would() -> None:
    assert rule(100, 100, 2) == (0, "⠉")
    assert rule(50, 100, 2) == (1, "⠉")
    assert rule(12, 100, 2) == (1, "⣀")
    assert rule(101, 100, 2) is None


@pytest.mark.parametrize(
    ("count", "rows", "expected"),
    [(0, 5, []), (3, 3, [1, 1, 1]), (2, 5, [4, 1]), (3, 9, [3, 3, 3]), (1, 9, [6]), (3, 7, [3, 3, 1])],
)
def test_the_first_meters_of_a_column_get_the_room(count: int, rows: int, expected: list[int]) -> None:
    assert heights(count, rows) == expected


async def test_a_meter_has_label_value_peak_scale_and_chart() -> None:
    async with staged(MeterPanel(meters=CPU), size=(40, 3)) as (stage, pilot):
        stage.widget.add(cpu(0, 50, 100, 150, 80))
        stage.widget.show(end_s=5.0, whole=True)
        await pilot.pause()
        assert stage.text.split("\n") == [
            "CPU 80.0 %                    peak 150 %",
            "           ⢠⣤⣤⣤⣤⣤⣿⣿⣿⣿⣿⣿⣀⣀⣀⣀⣀⣀ 150 %",
            "⣀⣀⣀⣀⣀⣰⣶⣶⣶⣶⣶⣾⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿ 0",
        ]


async def test_a_line_of_one_row_still_tells_value_and_peak() -> None:
    async with staged(MeterPanel(meters=CPU), size=(60, 1)) as (stage, pilot):
        stage.widget.add(cpu(0, 50, 100))
        stage.widget.show(end_s=2.0)
        await pilot.pause()
        assert stage.text.split() == ["CPU", "100", "%", "⣀⣀⣤⣤⡆", "↑100", "%"]


async def test_what_is_over_its_limit_turns_and_the_moment_is_marked() -> None:
    async with staged(MeterPanel(meters=CPU), size=(40, 4)) as (stage, pilot):
        stage.widget.add(cpu(*[20] * 10, *[90] * 10))
        stage.widget.show(end_s=19.5, verdicts=[verdict(50.0, breached_at_s=12.0)])
        await pilot.pause()
        assert "limit 50.0 %" in stage.text
        assert stage.text.split("\n")[1].index("▼") == 12
        chart = [segment for segment in stage.widget.render_line(2) if "⣿" in segment.text]
        colours = {segment.style.color for segment in chart if segment.style}
        assert stage.widget.pen("meter--fail").color in colours
        assert stage.widget.pen("meter--target").color not in colours


async def test_what_was_never_measured_takes_no_room() -> None:
    async with staged(MeterPanel(), size=(60, 6)) as (stage, pilot):
        stage.widget.add(cpu(None, None))
        stage.widget.show(end_s=2.0)
        await pilot.pause()
        assert stage.text == "no reading of any meter"
        stage.widget.add(cpu(10, 20))
        stage.widget.show(end_s=2.0)
        await pilot.pause()
        assert "CPU" in stage.text
        assert "heap" not in stage.text


async def test_all_meters_share_the_room_in_columns_the_targets_first() -> None:
    async with staged(MeterPanel(), size=(160, 12)) as (stage, pilot):
        stage.widget.add([ResourceReading(at_s=0, cpu_percent=1, rss_bytes=2, threads=3, load_1=1, open_files=5)])
        stage.widget.show(end_s=0.5)
        await pilot.pause()
        first = stage.text.split("\n")[0]
        assert [first.index(label) for label in ("CPU", "RSS", "threads")] == sorted(
            first.index(label) for label in ("CPU", "RSS", "threads")
        )
        assert "load" in stage.text


async def test_a_chart_moves_on_and_a_finished_one_shows_everything() -> None:
    readings = cpu(*[100] * 10, *[10] * 190)
    async with staged(MeterPanel(meters=CPU), size=(40, 3)) as (stage, pilot):
        stage.widget.add(readings)
        stage.widget.show(end_s=199.5)
        await pilot.pause()
        assert "⣿" not in stage.text
        stage.widget.show(end_s=199.5, whole=True)
        await pilot.pause()
        assert stage.text.split("\n")[1].startswith("⣿")


async def test_a_second_reading_of_the_same_repaints_nothing() -> None:
    async with staged(MeterPanel(meters=CPU), size=(40, 3)) as (stage, pilot):
        stage.widget.add(cpu(10, 20))
        stage.widget.show(end_s=1.2)
        await pilot.pause()
        repaints = Repaints(stage.widget)
        stage.widget.show(end_s=1.4)
        assert repaints.rows == []


def test_the_strictest_of_several_limits_counts() -> None:
    limits = limits_of([verdict(90.0, breached_at_s=3.0), verdict(70.0, breached_at_s=5.0), verdict(5, metric="x")])
    assert limits["cpu_percent"].fail == 70.0
    assert limits["cpu_percent"].breaches == ((3.0, True), (5.0, True))


async def test_a_limit_that_warns_and_one_that_fails_are_two_lines() -> None:
    rule_of_both = RuleVerdict(
        "r", "CPU", "cpu_percent", Unit.PERCENT, 60.0, 50.0, 90.0, Verdict.WARN, breached_at_s=9.0
    )
    async with staged(MeterPanel(meters=CPU), size=(50, 5)) as (stage, pilot):
        stage.widget.add(cpu(*[20] * 9, 60))
        stage.widget.show(end_s=9.5, verdicts=[rule_of_both])
        await pilot.pause()
        pens = {segment.style for y in range(5) for segment in stage.widget.render_line(y)}
        assert {stage.widget.pen("meter--warn-limit"), stage.widget.pen("meter--fail-limit")} <= pens
        assert stage.widget.pen("meter--warn") in pens
        assert stage.widget.pen("meter--fail") not in pens


def memory(*pairs: tuple[float, float]) -> list[ResourceReading]:
    return [
        ResourceReading(at_s=float(i), heap_bytes=heap * MIB, rss_bytes=rss * MIB, cpu_percent=50.0)
        for i, (heap, rss) in enumerate(pairs)
    ]


def test_a_line_over_an_area_is_drawn_above_it_and_left_out_inside_it() -> None:
    assert [row[0] for row in overlay([50, 50], [100, 100], 100, 2)] == [("⠉", Stroke.LINE), ("⣿", Stroke.AREA)]
    assert [row[0] for row in overlay([100, 100], [50, 50], 100, 2)] == [("⣿", Stroke.AREA), ("⣶", Stroke.AREA)]


@given(
    st.lists(st.tuples(*[st.one_of(st.none(), st.floats(0, 1e12))] * 2), max_size=80),
    st.integers(1, 6),
)
def test_both_curves_have_a_cell_for_every_two_values(
    values: list[tuple[float | None, float | None]], rows: int
) -> None:
    cells = overlay([heap for heap, _ in values], [rss for _, rss in values], 1e12, rows)
    assert len(cells) == rows
    assert {len(row) for row in cells} == {(len(values) + 1) // 2}
    alone = area([heap for heap, _ in values], 1e12, rows)
    without = overlay([heap for heap, _ in values], [None] * len(values), 1e12, rows)
    assert ["".join(character for character, _ in row) for row in without] == alone


async def test_heap_and_rss_share_one_scale_and_cpu_stands_below() -> None:
    async with staged(MeterPanel(), size=(42, 12)) as (stage, pilot):
        stage.widget.add(memory(*[(100, 160)] * 10, *[(230, 250)] * 10))
        stage.widget.show(end_s=20.0, whole=True)
        await pilot.pause()
        lines = stage.text.split("\n")
        assert lines[0] == "▆ heap 230 MiB                peak 230 MiB"
        assert lines[1] == "━ RSS 250 MiB                 peak 250 MiB"
        assert [line.split()[-2:] for line in lines if "256 MiB" in line] == [["256", "MiB"]], "one scale for both"
        assert any(line.startswith("CPU 50.0 %") for line in lines)
        assert "RSS" not in "".join(lines[2:])


async def test_limits_and_breaches_of_memory_are_marked_on_its_chart() -> None:
    limit = RuleVerdict(
        "memory.runtime_peak_mb", "peak heap", "heap_bytes", Unit.BYTES, 230.0 * MIB, None, 200.0 * MIB, Verdict.FAIL,
        breached_at_s=10.0,
    )  # fmt: skip
    growth = RuleVerdict(
        "memory.max_growth", "growth", "growth", Unit.BYTES_PER_MINUTE, 9.0 * MIB, None, 1.0 * MIB, Verdict.FAIL,
        breached_at_s=15.0,
    )  # fmt: skip
    assert limits_of([growth])["heap_bytes"].strictest is None, "a slope is no level"
    async with staged(MeterPanel(), size=(51, 9)) as (stage, pilot):
        stage.widget.add(memory(*[(100, 160)] * 10, *[(230, 250)] * 10))
        stage.widget.show(end_s=20.0, verdicts=[limit, growth], whole=True)
        await pilot.pause()
        lines = stage.text.split("\n")
        assert "limit 200 MiB" in lines[0]
        assert [i for i, character in enumerate(lines[2]) if character == "▼"] == [20, 30]
        pens = {segment.style for y in range(2, 9) for segment in stage.widget.render_line(y)}
        assert {stage.widget.pen(f"meter--{part}") for part in ("fail", "fail-limit", "heap", "target")} <= pens


async def test_a_far_limit_does_not_press_two_curves_into_one() -> None:
    far = RuleVerdict("r", "RSS", "rss_bytes", Unit.BYTES, 250.0 * MIB, None, 900.0 * MIB, Verdict.PASS)
    async with staged(MeterPanel(), size=(51, 9)) as (stage, pilot):
        stage.widget.add(memory(*[(230, 250)] * 4))
        stage.widget.show(end_s=4.0, verdicts=[far], whole=True)
        await pilot.pause()
        assert "limit 900 MiB" in stage.text
        assert "256 MiB" in stage.text


async def test_a_capture_that_was_read_knows_heap_and_rss_of_the_whole_run() -> None:
    line = HeapTimeline(1, array("d", [0.0, 5.0]), array("d", [10.0 * MIB, 400.0 * MIB]), array("d", [20.0 * MIB] * 2))
    other = HeapTimeline(2, array("d", [2.0, 3.0]), array("d", [50.0 * MIB] * 2), array("d", [60.0 * MIB] * 2))
    async with staged(MeterPanel(), size=(60, 9)) as (stage, pilot):
        stage.widget.add(memory(*[(1, 2)] * 4))
        stage.widget.add_timelines([line, other])
        stage.widget.show(end_s=6.0, whole=True)
        await pilot.pause()
        assert "▆ heap 400 MiB" in stage.text
        assert "peak 80.0 MiB" in stage.text, "both processes together, while both lived"


def test_memory_gets_its_chart_before_others_get_theirs() -> None:
    assert heights(4, 12, first=9) == [7, 3, 1, 1]
    assert heights(3, 30, first=9) == [9, 6, 6]
    assert heights(3, 3, first=9) == [1, 1, 1]

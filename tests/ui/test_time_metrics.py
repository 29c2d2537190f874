"""Application metrics on the axis of time: read at the cursor, over a range, and among very many."""

from __future__ import annotations

from collections.abc import Iterable

from scenes import saved

from perftui.model.derivation import DERIVED, METRIC_KEY
from perftui.model.series import Series, SeriesKind, SeriesValues
from perftui.model.session import Event, EventKind
from perftui.model.verdict import RuleVerdict, Verdict
from perftui.recording.update import Update
from perftui.ui.screens.dashboard import DashboardScreen
from perftui.ui.widgets.time_pane import TimePane
from perftui.units import Unit
from tests.ui.stage import shown
from tests.ui.test_time import line_of, lines_of, pane_of

P95 = Series("p95", DERIVED, unit=Unit.SECONDS)
REQUESTS = Series("http_requests_total", "shop", SeriesKind.COUNTER, (("code", "200"), ("path", "/parcels")))


def with_series(looks: Iterable[SeriesValues], *marks: Event) -> DashboardScreen:
    screen = saved()
    model = screen._model
    model.apply(Update(model.meta, model.phase, model.elapsed_s, series=tuple(looks), events=marks))
    return screen


def looks(others: int) -> Iterable[SeriesValues]:
    many = [Series(f"gauge_{number}", "shop") for number in range(others)]
    for at in range(31):
        own = ((REQUESTS, 50.0 * at), (P95, 0.01 * (1 + at % 5)))
        yield SeriesValues(float(at), (*((series, float(at)) for series in many), *own))


async def choose(pane: TimePane, label: str, pilot: object) -> None:
    while not pane.lane.label.startswith(label):
        await pilot.press("down")  # type: ignore[attr-defined]


async def test_metrics_are_read_at_the_cursor_and_over_a_range() -> None:
    marks = [Event(at_s, EventKind.MARK, name) for at_s, name in ((21.0, "cache is warm"), (26.0, "a" * 50))]
    screen = with_series(looks(2), *marks)
    async with shown(screen, size=(160, 50)) as pilot:
        await pilot.press("9")
        pane = pane_of(screen)
        assert "10.0 ms" in line_of(pane, "p95")
        assert "◆cache " in line_of(pane, "events")
        assert "aaaa…" in line_of(pane, "events")
        await choose(pane, "p95", pilot)
        await pilot.press("shift+left")
        assert "p95 in sight: 10.0 ms to 50.0 ms, mean 29.4 ms" in lines_of(pane)[0]
        await pilot.press("left_square_bracket")
        await choose(pane, "http_requests", pilot)
        assert 'arcels"}/s in the range: 50/s to 50/s, mean 50/s' in lines_of(pane)[0]
        await pilot.press("w")
        assert pane.axis.read_s == 1.0


async def test_of_five_hundred_the_derived_ones_are_in_sight_and_all_can_be_reached() -> None:
    screen = with_series(looks(500))
    async with shown(screen, size=(80, 24)) as pilot:
        await pilot.press("9", "z")
        pane = pane_of(screen)
        assert any(line[1:].startswith("p95") for line in lines_of(pane))
        assert "more" in lines_of(pane)[-1]
        await pilot.press("pagedown", "pagedown", "pagedown")
        assert pane.lane.label.startswith("gauge_")
        pane.action_lane(600)
        await pilot.pause()
        assert pane.lane.label.startswith("http_requests_total")
        assert any("▸" in line for line in lines_of(pane))


async def test_levels_below_zero_are_drawn_from_the_least_of_them() -> None:
    below, across = Series("below"), Series("across")
    told = [SeriesValues(float(at), ((below, -10.0 - at), (across, 15.0 - at))) for at in range(31)]
    screen = with_series(told)
    async with shown(screen, size=(160, 50)) as pilot:
        await pilot.press("9", "z")
        pane = pane_of(screen)
        pane.action_lane(600)
        await pilot.pause()
        lanes = {lane.label: pane._sheet.scale(lane) for lane in pane._sheet.lanes if lane.told}
        assert lanes == {"below": ("-40", "0"), "across": ("-15", "15")}
        drawn = [cell for cell in line_of(pane, "below") if "⠀" < cell <= "⣿"]
        assert drawn[0] > "⣀", "-10 stands above -40"


async def test_the_chosen_lane_stays_in_sight_where_fewer_have_room() -> None:
    screen = with_series(looks(40))
    async with shown(screen, size=(160, 60)) as pilot:
        await pilot.press("9", "z")
        pane = pane_of(screen)
        pane.action_lane(30)
        await pilot.pause()
        assert any("▸" in line for line in lines_of(pane))
        for rows in (24, 14, 60, 9):
            await pilot.resize_terminal(160, rows)
            await pilot.pause()
            assert any("▸" in line for line in lines_of(pane)), rows


async def test_what_a_metric_should_not_fall_below_is_drawn_into_its_lane() -> None:
    rule = 'metrics."p95".min'
    verdict = RuleVerdict(
        rule, "p95", f"{METRIC_KEY}p95", Unit.SECONDS, 0.01, 0.03, 0.02, Verdict.FAIL, lower_is_better=False
    )
    screen = with_series(looks(0))
    screen._model.apply(Update(screen._model.meta, screen._model.phase, screen._model.elapsed_s, verdicts=(verdict,)))
    async with shown(screen, size=(160, 60)) as pilot:
        await pilot.press("9", "z")
        pane = pane_of(screen)
        sheet, lane = pane._sheet, next(lane for lane in pane._sheet.lanes if lane.label == "p95")
        assert "at least 20.0 ms" in sheet.facts_of(lane)
        inks = {run.component for line in sheet.lines(lane, 6) for run in line.runs}
        assert {"time-pane--fail", "time-pane--warn", "time-pane--warn-limit", "time-pane--fail-limit"} <= inks
        assert "at least" in "\n".join(lines_of(pane))

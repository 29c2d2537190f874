"""Header, key bar and search bar."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.geometry import Offset
from textual.widgets import Input

from perftui.model.sample import SamplingQuality
from perftui.ui.commands import DASHBOARD, Command
from perftui.ui.widgets.header_bar import HeaderBar, HeaderFacts
from perftui.ui.widgets.key_bar import KeyBar
from perftui.ui.widgets.search_bar import SearchBar
from tests.ui.widgets.stage import staged

QUALITY = SamplingQuality(10_934, 100.0, 98.2, 110.1, 112.3, failed=12, sampler_cpu_s=1.9)
FACTS = HeaderFacts(
    "shop",
    "/usr/bin/python -m shop --all the --arguments there --are",
    4711,
    "recording",
    elapsed_s=112.3,
    quality=QUALITY,
)


async def test_the_header_tells_state_and_quality_in_two_lines() -> None:
    async with staged(HeaderBar(), size=(80, 4)) as (stage, pilot):
        stage.widget.show(FACTS)
        await pilot.pause()
        assert stage.text.split("\n") == [
            " shop  python -m shop --all the --arguments the…  pid 4711  ● RECORDING  1m 52s",
            " 10.9 k samples  98/100 Hz  coverage 98.0 %  failed 12  sampler 1.7 %",
        ]


async def test_trouble_takes_the_place_of_the_quality() -> None:
    async with staged(HeaderBar(), size=(80, 4)) as (stage, pilot):
        stage.widget.show(replace(FACTS, trouble="no permission to read the process"))
        await pilot.pause()
        assert stage.text.split("\n")[1] == " ▲ no permission to read the process"


async def test_frozen_approximate_and_exit_code_stand_out() -> None:
    async with staged(HeaderBar(), size=(100, 4)) as (stage, pilot):
        quality = replace(QUALITY, approximate=True)
        stage.widget.show(replace(FACTS, frozen_s=75.9, state="ended", exit_code=-9, quality=quality))
        await pilot.pause()
        assert "❚❚ FROZEN 1m 15s, recording goes on" in stage.text
        assert "■ ENDED signal 9" in stage.text
        assert "≈ APPROXIMATE" in stage.text


async def test_a_header_says_the_live_mode_and_what_goes_on_behind_a_frozen_view() -> None:
    async with staged(HeaderBar(), size=(80, 4)) as (stage, pilot):
        stage.widget.show(replace(FACTS, mode="last 10 s", frozen_s=3.2, recording=False))
        await pilot.pause()
        assert "❚❚ FROZEN 3 s, recording ended  last 10 s  ● " in stage.text
        await pilot.resize_terminal(60, 4)
        await pilot.pause()
        assert "❚❚ FROZEN 3 s  last 10 s  ● " in stage.text


@pytest.mark.parametrize("width", [10, 20, 40, 60, 79])
async def test_a_narrow_header_keeps_the_state(width: int) -> None:
    async with staged(HeaderBar(), size=(width, 4)) as (stage, pilot):
        stage.widget.show(FACTS)
        await pilot.pause()
        assert "●" in stage.text


async def test_keys_can_be_clicked() -> None:
    async with staged(KeyBar(), size=(300, 2)) as (stage, pilot):
        stage.widget.show(DASHBOARD)
        await pilot.pause()
        at = stage.text.index("freeze")
        await pilot.click(KeyBar, offset=Offset(at, 0))
        assert stage.of(KeyBar.Pressed)[0].action == "freeze"
        await pilot.click(KeyBar, offset=Offset(299, 0))
        assert len(stage.of(KeyBar.Pressed)) == 1


async def test_where_keys_do_not_fit_the_last_two_stay() -> None:
    commands = [Command(f"c{i}", str(i), str(i), f"command{i}", "", ()) for i in range(9)]
    async with staged(KeyBar(), size=(50, 2)) as (stage, pilot):
        stage.widget.show_commands(commands)
        await pilot.pause()
        assert stage.text.split() == ["0", "command0", "1", "command1", "7", "command7", "8", "command8"]


async def test_typing_searches_at_once_enter_keeps_and_escape_drops() -> None:
    async with staged(SearchBar(), size=(80, 3)) as (stage, pilot):
        stage.widget.open("old")
        await pilot.press("a", "b")
        await pilot.press("enter")
        await pilot.press("escape")
        await pilot.pause()
        assert [message.pattern for message in stage.of(SearchBar.Changed)][-2:] == ["a", "ab"]
        assert [(message.pattern, message.keep) for message in stage.of(SearchBar.Closed)] == [
            ("ab", True),
            ("ab", False),
        ]


async def test_result_and_error_stand_beside_the_pattern() -> None:
    async with staged(SearchBar(), size=(100, 3)) as (stage, pilot):
        stage.widget.open("x")
        stage.widget.show_result("3 functions, 12.5 % of the profile")
        await pilot.pause()
        assert "3 functions, 12.5 % of the profile" in stage.text
        stage.widget.show_error("not a regular expression: missing )")
        await pilot.pause()
        assert "missing )" in stage.text
        assert stage.widget.query_one(Input).value == "x"

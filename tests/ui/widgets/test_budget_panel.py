"""The budget panel."""

from __future__ import annotations

from textual.geometry import Offset

from perftui.model.verdict import RuleVerdict, Verdict
from perftui.ui.widgets.budget_panel import BudgetPanel
from perftui.units import Unit
from tests.ui.widgets.stage import staged

CPU = RuleVerdict("resources.cpu", "CPU", "cpu_percent", Unit.PERCENT, 62.0, 70.0, 80.0, Verdict.PASS)
RSS = RuleVerdict(
    "resources.rss", "peak RSS", "rss_bytes", Unit.BYTES, 412 * 2**20, None, 300 * 2**20, Verdict.FAIL,
    "over its limit", breached_at_s=12.3,
)  # fmt: skip
QPS = RuleVerdict(
    "throughput.qps", "qps", "qps", Unit.PER_SECOND, 900.0, 1000.0, 800.0, Verdict.WARN, lower_is_better=False
)


async def test_what_fails_stands_first_with_word_sign_figures_and_moment() -> None:
    async with staged(BudgetPanel(), size=(60, 8)) as (stage, pilot):
        stage.widget.show([CPU, RSS, QPS])
        await pilot.pause()
        assert stage.text.split("\n") == [
            "Budget  1 FAIL  1 WARN  1 PASS",
            "✘ FAIL    peak RSS              ━━━━━━▶ 412 MiB > 300 MiB",
            "          at 12.3 s  over its limit",
            "▲ WARN    qps                   ━━━━━╸  900/s < 1000/s",
            "✔ PASS    CPU                   ━━━━╸─  62.0 % ≤ 80.0 %",
        ]


async def test_a_wide_panel_puts_the_story_on_the_same_line() -> None:
    async with staged(BudgetPanel(), size=(120, 8)) as (stage, pilot):
        stage.widget.show([CPU, RSS])
        await pilot.pause()
        assert stage.text.split("\n")[1].endswith("412 MiB > 300 MiB       at 12.3 s  over its limit")
        assert len(stage.text.split("\n")) == 3


async def test_the_heading_falls_back_to_signs_where_words_do_not_fit() -> None:
    async with staged(BudgetPanel(), size=(28, 8)) as (stage, pilot):
        stage.widget.show([CPU, RSS, QPS])
        await pilot.pause()
        assert stage.text.split("\n")[0] == "Budget  1 ✘  1 ▲  1 ✔"


async def test_without_a_budget_it_says_how_to_add_one() -> None:
    async with staged(BudgetPanel(), size=(70, 12)) as (stage, pilot):
        stage.widget.show([])
        await pilot.pause()
        assert "--budget" in stage.text
        assert "[resources.cpu_percent]" in stage.text


async def test_trouble_with_the_file_is_in_the_heading() -> None:
    async with staged(BudgetPanel(), size=(70, 4)) as (stage, pilot):
        stage.widget.show([CPU], trouble="budgets/x.toml:3: not a number")
        await pilot.pause()
        assert stage.text.split("\n")[0] == "Budget  budgets/x.toml:3: not a number"


async def test_the_mouse_tells_the_whole_rule() -> None:
    async with staged(BudgetPanel(), size=(60, 8)) as (stage, pilot):
        stage.widget.show([CPU, RSS])
        await pilot.hover(BudgetPanel, offset=Offset(4, 2))
        assert stage.of(BudgetPanel.Hovered)[-1].text == (
            "FAIL resources.rss  ·  412 MiB > 300 MiB  ·  headroom -37 %  ·  first broken at 12.3 s  ·  over its limit"
        )
        await pilot.hover(BudgetPanel, offset=Offset(4, 6))
        assert stage.of(BudgetPanel.Hovered)[-1].text == ""


async def test_its_height_follows_its_rules() -> None:
    panel = BudgetPanel()
    panel.styles.height = "auto"
    async with staged(panel, size=(60, 12)) as (_, pilot):
        panel.show([CPU, RSS])
        await pilot.pause()
        assert panel.size.height == 4
        panel.show([CPU])
        await pilot.pause()
        assert panel.size.height == 2


async def test_a_narrow_panel_gives_up_its_bars_before_the_names() -> None:
    async with staged(BudgetPanel(), size=(42, 8)) as (stage, pilot):
        stage.widget.show([CPU, RSS, QPS])
        await pilot.pause()
        assert "peak RSS" in stage.text
        assert "412 MiB > 300 MiB" in stage.text

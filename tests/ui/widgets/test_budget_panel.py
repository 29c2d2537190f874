"""The budget panel."""

from __future__ import annotations

from dataclasses import replace

from textual.geometry import Offset

from perftui.model.verdict import HeldAgainst, RuleVerdict, Verdict
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

RECALL = RuleVerdict(
    "operations.memory.recall.max_increase_pct", "memory.recall increase", "max_increase_pct", Unit.PERCENT, 12.2,
    None, 8.0, Verdict.FAIL, "search may be slower, as long as the index is being built anew",
    held_against=HeldAgainst(0.045, Unit.SECONDS, 0.0505, "baseline:main", 12.2, (10.1, 14.0), 0.0079, (5, 7)),
)  # fmt: skip
GET = RuleVerdict(
    "operations.storage.get.max_increase_pct", "storage.get increase", "max_increase_pct", Unit.PERCENT, 9.0,
    None, 5.0, Verdict.INCONCLUSIVE, "too few values to tell (n=3 and 3): need about 2 more runs a side",
    held_against=HeldAgainst(2.3e-9, Unit.SECONDS, 2.507e-9, "baseline:main", 9.0, runs=(3, 3)),
)  # fmt: skip


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
        stage.widget.show([], has_budget=True)
        await pilot.pause()
        assert "The budget states no limit; alerts are told among the events." in stage.text
        assert "No budget" not in stage.text


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


async def test_a_change_shows_both_values_its_sign_and_how_many_values_it_is_of() -> None:
    async with staged(BudgetPanel(), size=(80, 8)) as (stage, pilot):
        stage.widget.show([CPU, GET, RECALL])
        await pilot.pause()
        assert [line.rstrip() for line in stage.text.split("\n")][1:5] == [
            "✘ FAIL    memory.recall increase           ━━━━━━━━━━▶ +12.2 % > +8.0 %",
            "          45.0 ms → 50.5 ms  n 5 → 7  search may be slower, as long as the ind…",
            "? INCONC… storage.get increase             ━━━━━━━━━━▶ +9.0 % > +5.0 %",
            "          2.30 ns → 2.51 ns  n 3 → 3  too few values to tell (n=3 and 3): need…",
        ]


async def test_the_chosen_rule_tells_all_of_its_reason_and_moves_with_the_keys_and_the_mouse() -> None:
    async with staged(BudgetPanel(chooses=True), size=(80, 14)) as (stage, pilot):
        stage.widget.show([CPU, GET, RECALL])
        stage.widget.focus()
        await pilot.pause()
        told = [
            "          45.0 ms → 50.5 ms  n 5 → 7  ·  95 %: +10.1 … +14.0 %, p 0.0079",
            "          search may be slower, as long as the index is being built anew",
            "          against baseline:main  ·  headroom -52 %",
            "          operations.memory.recall.max_increase_pct",
        ]
        assert [line.rstrip() for line in stage.text.split("\n")][2:6] == told
        await pilot.press("down")
        assert told[2] not in stage.text
        assert "need about 2 more runs a side" in stage.text
        await pilot.press("end")
        assert "resources.cpu" in stage.text
        # A verdict that changes moves the rule, and the choice stays with it.
        stage.widget.show([CPU, RECALL])
        await pilot.press("up")
        assert told[3] in [line.rstrip() for line in stage.text.split("\n")]
        await pilot.click(BudgetPanel, offset=Offset(4, 1))
        assert told[3] not in [line.rstrip() for line in stage.text.split("\n")]


async def test_names_that_would_look_alike_when_cut_have_a_line_for_themselves() -> None:
    names = ("memory.one.hybrid_search increase", "memory.one.hybrid_search p95")
    rules = [replace(RECALL, rule=name, subject=name) for name in names]
    async with staged(BudgetPanel(), size=(52, 8)) as (stage, pilot):
        stage.widget.show(rules)
        await pilot.pause()
        assert [line.rstrip() for line in stage.text.split("\n")][1:3] == [
            "✘ FAIL    memory.one.hybrid_search increase",
            "          +12.2 % > +8.0 %  45.0 ms → 50.5 ms  n 5…",
        ]
        stage.widget.show([RECALL])
        await pilot.pause()
        assert "▶" in stage.text

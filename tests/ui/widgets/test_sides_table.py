from __future__ import annotations

import pytest

from perftui.analysis.measures import Measures
from perftui.analysis.paired_figures import BudgetPair, FigurePair, meter_pairs
from perftui.model.change import Condition
from perftui.model.reading import ResourceReading
from perftui.model.verdict import RuleVerdict, Verdict
from perftui.ui.widgets.sides_lines import budget_lines, condition_lines, figure_lines, meter_lines
from perftui.ui.widgets.sides_table import SidesTable
from perftui.units import Unit
from tests.ui.widgets.stage import Stage

BROKEN = RuleVerdict("cpu", "CPU", "cpu_percent", Unit.PERCENT, 90.0, None, 80.0, Verdict.FAIL)
HELD = RuleVerdict("cpu", "CPU", "cpu_percent", Unit.PERCENT, 60.0, None, 80.0, Verdict.PASS)
CONDITIONS = [
    Condition("Python", "3.11.7", "3.12.1", sentence="another interpreter"),
    Condition("host", "a1\x1b[2J", "a1\x1b[2J"),
    Condition("load", "0.10", "0.35", matters=False),
    Condition("governor", "", ""),
]


async def test_figures_stand_beside_each_other_with_their_difference() -> None:
    before, after = Measures(), Measures()
    before.reading(ResourceReading(1.0, cpu_percent=60.0))
    after.reading(ResourceReading(1.0, cpu_percent=90.0))
    after.reading(ResourceReading(2.0, cpu_percent=120.0))
    lines = [
        *figure_lines(
            "run", [FigurePair("wall", Unit.SECONDS, 2.0, 3.0), FigurePair("CPU time", Unit.SECONDS, None, 2)]
        ),
        *meter_lines(meter_pairs([before], [after])),
        *budget_lines([BudgetPair("cpu", "CPU", Unit.PERCENT, HELD, BROKEN)]),
        *budget_lines([BudgetPair("cpu", "CPU", Unit.PERCENT, None, BROKEN)]),
    ]
    table = SidesTable()
    app = Stage(table)
    async with app.run_test(size=(80, 16)) as pilot:
        table.show(lines)
        await pilot.pause()
        text = app.text
        assert " ".join(text.split("\n")[1].split()) == "wall 2.00 s 3.00 s +1.00 s +50 %"
        assert " ".join(text.split("\n")[2].split()) == "CPU time – 2.00 s"
        assert "peak" in text
        assert "✔ 60.0 %" in text
        assert "✘ 90.0 %" in text
        assert "not judged" in text


async def test_what_several_runs_lie_between_stands_beside_the_figures_or_below_them() -> None:
    pair = FigurePair("high watermark", Unit.BYTES, 7e6, 9e6, ((7e6, 8e6), (9e6, 9.5e6)))
    table = SidesTable()
    app = Stage(table)
    async with app.run_test(size=(140, 6)) as pilot:
        table.show(figure_lines("run", [pair]))
        await pilot.pause()
        assert "runs, baseline" in app.text.split("\n")[0]
        assert "6.68 … 7.63 MiB" in app.text.split("\n")[1]
        await pilot.resize_terminal(80, 6)
        for _ in range(600):
            if table.size.width == 80:
                break
            await pilot.pause(0.05)
        assert "runs 6.68 … 7.63 MiB and 8.58 … 9.06 MiB" in app.text.split("\n")[2]


async def test_what_differs_and_matters_stands_first_with_a_sign() -> None:
    table = SidesTable()
    app = Stage(table)
    async with app.run_test(size=(80, 12)) as pilot:
        table.show(condition_lines(CONDITIONS, remarks=["a run was ended by perftui"]))
        await pilot.pause()
        lines = app.text.split("\n")
        assert lines[0].startswith(" ▲ a run was ended")
        assert "1 condition differs, and may explain a change" in lines[1]
        assert lines[2].startswith("▲ Python")
        assert "3.11.7" in lines[2]
        assert "3.12.1" in lines[2]
        assert lines[3].strip() == "another interpreter"
        assert any(line.startswith("≠ load") for line in lines)
        assert any("a1" in line and "both" in line for line in lines)
        assert "not known" in app.text
        assert "\x1b" not in app.text


async def test_the_same_conditions_are_said_to_be_the_same_and_none_at_all_too() -> None:
    table = SidesTable()
    app = Stage(table)
    async with app.run_test(size=(80, 12)) as pilot:
        table.show(condition_lines(CONDITIONS[1:2]))
        await pilot.pause()
        assert "✔ same conditions" in app.text
        table.show(condition_lines(()))
        await pilot.pause()
        assert "nothing was noted" in app.text
        table.show([*meter_lines(()), *budget_lines(())])
        await pilot.pause()
        assert "no meter was read" in app.text
        assert "budget" in app.text


@pytest.mark.parametrize("width", [1, 8, 20, 33, 50, 120, 240])
async def test_it_has_no_width_that_it_does_not_fit(width: int) -> None:
    table = SidesTable()
    async with Stage(table).run_test(size=(width, 4)) as pilot:
        table.show([*condition_lines(CONDITIONS), *figure_lines("run", [FigurePair("wall", Unit.SECONDS, 2.0, 3.0)])])
        table.focus()
        await pilot.press("down", "pagedown", "end", "up")
        await pilot.pause()
        assert all(table.render_line(y).cell_length == width for y in range(4))

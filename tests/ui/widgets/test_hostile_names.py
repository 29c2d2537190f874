"""Names from outside are drawn as they are, and no row grows over its neighbour."""

from __future__ import annotations

from typing import Any

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot

from perftui.analysis.aggregate import tree_of
from perftui.analysis.hotspots import hotspots
from perftui.analysis.operation_sheet import OperationSheet
from perftui.model.frame import Frame
from perftui.model.operation import Operation
from perftui.model.session import OutputChunk
from perftui.model.verdict import RuleVerdict, Verdict
from perftui.ui.operations_look import OperationsLook
from perftui.ui.view_state import ViewState
from perftui.ui.widgets.budget_panel import BudgetPanel
from perftui.ui.widgets.flame_graph import FlameGraph
from perftui.ui.widgets.header_bar import HeaderBar, HeaderFacts
from perftui.ui.widgets.hotspot_table import HotspotTable
from perftui.ui.widgets.line_canvas import LineCanvas
from perftui.ui.widgets.operation_detail import OperationDetail
from perftui.ui.widgets.operation_sections import facts_of
from perftui.ui.widgets.operation_table import OperationTable
from perftui.ui.widgets.output_log import OutputLog
from perftui.units import Unit
from tests.ui.widgets.stage import Stage, staged

NAMES = (
    "[bold red]x[/] [/]",
    "\x1b[31mred\x1b[0m",
    "日本語の関数名がとても長い",
    "שלום_עולם",
    "مرحبا",
    "e\u0301\u0301\u0301\u0301combining",
    "👨‍👩‍👧‍👦.family",
    "🇩🇪🇩🇪",
    "\u202eevil\u2066",
    "new\nline\rreturn\ttab\x00nul",
    "<lambda>",
    "K.method.<locals>.<listcomp>",
    "",
    " ",
    "\ud800",
    "a" * 500,
)
SIZES = ((80, 24), (33, 9), (161, 30), (7, 3))


async def _check(stage: Stage[Any], pilot: Pilot[None]) -> None:
    for width, height in SIZES:
        await pilot.resize_terminal(width, height)
        await pilot.pause()
        widget: LineCanvas = stage.widget
        for y in range(widget.size.height):
            strip = widget.render_line(y)
            assert sum(cell_len(segment.text) for segment in strip) == strip.cell_length == widget.size.width
            assert not any(ord(character) < 0x20 or ord(character) == 0x7F for character in strip.text)
            strip.text.encode("utf-8")


def _tree() -> Any:
    rows = [
        ([Frame("main", "/x/[a]/m.py"), Frame(name, f"/x/{name}.py", 3)], 1.0 + i, 1) for i, name in enumerate(NAMES)
    ]
    rows += [([Frame(name, "")], 2.0, 2) for name in NAMES]
    return tree_of(rows, Unit.SECONDS)


async def test_flames_keep_to_their_cells() -> None:
    tree = _tree()
    async with staged(FlameGraph()) as (stage, pilot):
        stage.widget.show(tree, view=ViewState())
        await _check(stage, pilot)
        for node in range(len(tree)):
            assert "\x1b" not in stage.widget.describe(node)
            assert "\n" not in stage.widget.describe(node)
        for name in (NAMES[0], NAMES[2], NAMES[3], NAMES[11]):
            stage.widget.show(tree_of([([Frame(name)], 1.0, 1)], Unit.SECONDS), view=ViewState())
            await pilot.resize_terminal(80, 24)
            await pilot.pause()
            assert f"▏{name} " in stage.text


async def test_the_table_keeps_to_its_cells() -> None:
    async with staged(HotspotTable()) as (stage, pilot):
        stage.widget.show(hotspots(_tree()))
        await _check(stage, pilot)


async def test_the_header_keeps_to_its_cells() -> None:
    async with staged(HeaderBar()) as (stage, pilot):
        for trouble in ("", "".join(NAMES)):
            name = "".join(NAMES)
            stage.widget.show(HeaderFacts(name, command=name, pid=7, state=NAMES[1], trouble=trouble, note=name))
            await _check(stage, pilot)


@pytest.mark.parametrize("verdict", Verdict)
async def test_the_budget_keeps_to_its_cells(verdict: Verdict) -> None:
    rows = [RuleVerdict(n, n, n, Unit.BYTES, 1e30, 1.0, 2.0, verdict, reason=n, breached_at_s=1e9) for n in NAMES]
    async with staged(BudgetPanel()) as (stage, pilot):
        stage.widget.show(rows)
        await _check(stage, pilot)


async def test_the_output_keeps_to_its_cells() -> None:
    async with staged(OutputLog()) as (stage, pilot):
        stage.widget.write(OutputChunk(0.0, name.encode("utf-8", "surrogatepass") + b"\n") for name in NAMES)
        await _check(stage, pilot)


def _operation(name: str) -> Operation:
    values = tuple(1.0 + i / 7 for i in range(30))
    return Operation(
        name, name, name, runs=(values, values), failed=2, ok=28, errors={name: 2}, tool=name, tool_version=name
    )


async def test_operations_keep_to_their_cells() -> None:
    operations = [_operation(name) for name in NAMES]
    baseline = {each.key: each for each in operations[::2]}
    async with staged(OperationTable()) as (stage, pilot):
        stage.widget.show(OperationSheet(operations, baseline), OperationsLook())
        await _check(stage, pilot)
    async with staged(OperationDetail()) as (stage, pilot):
        for each in operations[:5:2]:
            stage.widget.show(facts_of(OperationSheet(operations, baseline), each.key, ref=each.name))
            await _check(stage, pilot)

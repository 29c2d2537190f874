"""Every number on the compare screen is the one in the document."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from scenes import MEMORY, MEMORY_NEXT, packaging_comparison
from scenes import comparison as comparison_screen

from perftui.analysis.change_words import chance_text, interval_text, ratio_text, signed_text, value_text, word_of
from perftui.model.change import Certainty, ChangeVerdict
from perftui.recording.compare_document import compare_document
from perftui.recording.comparison import Comparison, compare_paths
from perftui.ui.screens.compare import CompareScreen
from perftui.ui.widgets.change_table import ChangeTable
from perftui.units import Unit, format_seconds
from tests.ui.stage import shown, text_of

_ROUNDED = 5e-7
WIDE = (400, 190)
"""Large enough for every column and every function."""


def certainty(row: dict[str, Any]) -> Certainty:
    return Certainty(ci=None if row["ci"] is None else tuple(row["ci"]), p=row["p"], q=row["q"])


def near(value: float, unit: Unit, make: Callable[[float, Unit], str]) -> set[str]:
    """The texts of a figure whose last digits the document rounded away: they may have decided about one more digit."""
    return {make(value + sign * _ROUNDED, unit) for sign in (-1, 0, 1)}


def told(row: dict[str, Any], unit: Unit) -> list[set[str]]:
    """What the screen must say of a row of the document, each in one of several ways."""
    key = "s" if unit is Unit.SECONDS else "bytes"
    counts = row["samples"] if unit is Unit.SECONDS else [row["baseline_count"], row["current_count"]]
    words = [
        {word_of(ChangeVerdict(row["verdict"]), unit)},
        near(row[f"delta_{key}"], unit, signed_text),
        near(row[f"baseline_{key}"], unit, value_text),
        near(row[f"current_{key}"], unit, value_text),
        {ratio_text(row[f"baseline_{key}"], row[f"current_{key}"])},
        {f"{counts[0]:,} → {counts[1]:,}"},
        {f"{100 * row['baseline_share']:.1f} → {100 * row['current_share']:.1f} %"},
    ]
    if unit is Unit.SECONDS:
        known = certainty(row)
        words += [{interval_text(known)}, {chance_text(known.q if known.q is not None else known.p)}]
    return words


def says(line: str, words: Iterable[set[str]]) -> bool:
    return all(any(word in line for word in ways) for ways in words)


async def drawn(comparison: Comparison, *actions: str) -> tuple[str, str]:
    """All of the table, and the first line, of a screen that is large enough."""
    screen = CompareScreen(comparison)
    async with shown(screen, WIDE) as pilot:
        table = screen.query_one(ChangeTable)
        for action in actions:
            await screen.run_action(action)
            await pilot.pause()
        lines = [
            "".join(segment.text for segment in table.draw_line(at, table.size.width - 1)) for at in range(table.listed)
        ]
        return "\n".join(lines), text_of(pilot).split("\n")[0]


@pytest.mark.parametrize("make", [comparison_screen, packaging_comparison], ids=["runs", "groups"])
async def test_times_are_those_of_the_document(make: Callable[[], CompareScreen]) -> None:
    comparison = make()._whole
    document = compare_document(comparison)
    table, title = await drawn(comparison, "sort", "sort", "sort")
    lines = table.split("\n")
    ordered = sorted(document["deltas"], key=lambda row: (row["function"], row["file"]))
    assert len(lines) == len(ordered) == document["summary"]["functions"]
    for line, row in zip(lines, ordered, strict=True):
        assert row["function"] in line
        assert says(line, told(row, Unit.SECONDS)), (row, line)
    totals = document["totals"]
    for word in (
        format_seconds(totals["baseline_s"]),
        format_seconds(totals["current_s"]),
        signed_text(totals["delta_s"], Unit.SECONDS),
        totals["verdict"],
        interval_text(Certainty(ci=tuple(totals["ci"]))),
    ):
        assert word in title
    clear = sum(document["summary"][word] for word in ("slower", "faster", "appeared", "vanished"))
    assert f"{clear} clear change" in title
    assert f"of {document['summary']['functions']} functions" in title


async def test_bytes_are_those_of_the_document() -> None:
    comparison = compare_paths(MEMORY, MEMORY_NEXT)
    document = compare_document(comparison)["memory"]
    table, title = await drawn(comparison.of(None), "lens", "sort", "sort", "sort")
    ordered = sorted(document["deltas"], key=lambda row: (row["function"], row["file"]))
    lines = table.split("\n")
    assert len(lines) == len(ordered)
    for line, row in zip(lines, ordered, strict=True):
        assert says(line, told(row, Unit.BYTES)), (row, line)
    assert signed_text(document["delta_bytes"], Unit.BYTES) in title
    assert word_of(ChangeVerdict(document["verdict"]), Unit.BYTES) in title


async def test_conditions_are_those_of_the_document() -> None:
    comparison = compare_paths(MEMORY, MEMORY_NEXT)
    conditions = compare_document(comparison)["conditions"]
    screen = CompareScreen(comparison)
    async with shown(screen, WIDE) as pilot:
        await screen.run_action("pane('conditions')")
        await pilot.pause()
        text = text_of(pilot)
        for condition in conditions:
            assert condition["name"] in text
            assert condition["current"] in text
            assert condition["baseline"] in text
        differing = sum(not each["same"] and each["matters"] for each in conditions)
        assert f"▲ {differing} condition" in text or not differing

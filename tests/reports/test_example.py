"""The example of the documents: its figures are those of the sessions that it speaks of."""

from __future__ import annotations

from pathlib import Path

from perftui.recording.comparison import compare_paths
from perftui.reports.of_comparison import report_of
from perftui.reports.text import comparison_text
from perftui.storage.catalogue import Catalogue

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs" / "example-comparison.md"


def test_every_line_of_the_example_is_one_of_the_report() -> None:
    runs = Catalogue(ROOT / "tests" / "fixtures" / "sessions" / "packaging")
    comparison = compare_paths(runs.runs_of("packaging-25.0"), runs.runs_of("packaging-26.0"))
    text = comparison_text(report_of(comparison, flames=False), width=100, top=1_000)
    said = {" ".join(line.split()) for line in text.splitlines()}
    found = EXAMPLE.read_text(encoding="utf-8").partition("## What was found")[2]
    shown = [" ".join(line.split()) for line in found.splitlines() if line.startswith("    ")]
    assert len(shown) > 10
    assert [line for line in shown if line not in said] == []

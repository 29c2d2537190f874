"""Every number of a report is the one in the document: text, Markdown and the page of the same groups of runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from perftui.analysis.change_words import interval_text
from perftui.cli.comparison_output import comparison_in
from perftui.cli.report_options import ReportFormat, ReportOptions
from perftui.model.change import Certainty
from perftui.recording.comparison import Comparison, compare_paths
from perftui.reports.html import comparison_html
from perftui.reports.markdown import comparison_markdown
from perftui.reports.of_comparison import report_of
from perftui.reports.text import comparison_text
from perftui.storage.catalogue import Catalogue
from perftui.units import Unit, format_percent, format_value
from tests.reports.reports import report
from tests.reports.test_html import data_of

SESSIONS = Path(__file__).parents[1] / "fixtures" / "sessions"
DEMO, NEXT = SESSIONS / "demo.perftui", SESSIONS / "demo-next.perftui"
MEMORY, MEMORY_NEXT = SESSIONS / "memory.perftui", SESSIONS / "memory-next.perftui"
RUNS = Catalogue(SESSIONS / "packaging")
GROUPS = {
    "two groups of runs": tuple(list(RUNS.runs_of(f"packaging-{release}")) for release in ("25.0", "26.0")),
    "one run against one": ([DEMO], [NEXT]),
    "memory beside CPU": ([MEMORY], [MEMORY_NEXT]),
}
ALL = 100_000


@pytest.fixture(scope="module", params=list(GROUPS))
def comparison(request: pytest.FixtureRequest) -> Comparison:
    before, after = GROUPS[request.param]
    return compare_paths(before, after)


@pytest.fixture
def document(comparison: Comparison) -> dict[str, Any]:
    found = json.loads(written(comparison, ReportFormat.JSON))
    assert isinstance(found, dict)
    return found


def written(comparison: Comparison, chosen: ReportFormat) -> str:
    return comparison_in(comparison, ReportOptions(chosen, top=ALL))


def figures(row: dict[str, Any]) -> list[str]:
    """What is to be read of a function, from the document alone."""
    unit, names = (Unit.SECONDS, "s") if "baseline_s" in row else (Unit.BYTES, "bytes")
    before, after, delta = (row[f"{side}_{names}"] for side in ("baseline", "current", "delta"))
    counts = row.get("samples") or [row["baseline_count"], row["current_count"]]
    found = [
        format_value(before, unit),
        format_value(after, unit),
        ("+" if delta > 0 else "") + format_value(delta, unit),
        f"{counts[0]:,} → {counts[1]:,}",
    ]
    if row.get("ci"):
        found.append(interval_text(Certainty(ci=tuple(row["ci"]))))
    return found


def rows_of(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [*document["deltas"], *(document["memory"] or {"deltas": []})["deltas"]]


def clear(row: dict[str, Any]) -> bool:
    return row["verdict"] not in ("within noise", "inconclusive")


def test_the_document_has_something_to_say(document: dict[str, Any]) -> None:
    assert any(map(clear, rows_of(document)))


def test_text_says_what_the_document_says(comparison: Comparison, document: dict[str, Any]) -> None:
    lines = comparison_text(report_of(comparison, flames=False), width=400, top=ALL).splitlines()
    totals = document["totals"]
    assert totals is not None
    whole = [format_value(totals[f"{side}_s"], Unit.SECONDS) for side in ("baseline", "current")]
    assert any(line.startswith("running threads: ") and f"{whole[0]} → {whole[1]}" in line for line in lines)
    if (cpu_time := document["cpu_time"]) is not None:
        kernel = [format_value(cpu_time[f"{side}_s"], Unit.SECONDS) for side in ("baseline", "current")]
        assert any(line.startswith("CPU time: ") and f"{kernel[0]} → {kernel[1]}" in line for line in lines)
    for row in filter(clear, rows_of(document)):
        named = [line for line in lines if line.endswith(f"{row['function']}  {row['file']}".rstrip())]
        assert any(all(figure in line for figure in figures(row)) for line in named), (row, named)


def test_markdown_says_what_the_document_says(comparison: Comparison, document: dict[str, Any]) -> None:
    lines = written(comparison, ReportFormat.MARKDOWN).replace("\N{NO-BREAK SPACE}", " ").splitlines()
    for row in filter(clear, rows_of(document)):
        name = f"`{row['function']}`" + (f"<br>`{row['file']}`" if row["file"] else "")
        named = [line for line in lines if f"| {name} |" in line or f"| {name}<br>" in line]
        assert any(all(f"| {figure} |" in line for figure in figures(row)) for line in named), (row, named)


def test_the_page_holds_every_number_of_the_document(comparison: Comparison, document: dict[str, Any]) -> None:
    lenses = data_of(written(comparison, ReportFormat.HTML))["lenses"]
    assert sum(len(lens["rows"]) for lens in lenses) == len(rows_of(document))
    for lens in lenses:
        rows = document["deltas"] if lens["unit"] == "s" else document["memory"]["deltas"]
        held = {(row["function"], row["file"]): row for row in rows}
        for row in lens["rows"]:
            name, file = lens["names"][row["name"]]
            said = held[name, lens["files"][file]]
            *numbers, smallest = (0 if each is None else each for each in row["numbers"])
            assert numbers_of(said) == pytest.approx(numbers, abs=2e-6)
            assert (said.get("smallest_detectable_pct") or 0) == pytest.approx(100 * smallest, abs=0.006)
            assert row["texts"][:3] == figures(said)[:3]
            shares = [format_percent(100 * said[f"{side}_share"]) for side in ("baseline", "current")]
            assert row["texts"][7] == " → ".join(shares)
    totals = document["totals"]
    for total, meant in zip(lenses[0]["totals"], filter(None, (totals, document["cpu_time"])), strict=True):
        weights = [meant["baseline_s"], meant["current_s"]]
        assert [total["baseline"], total["current"]] == pytest.approx(weights, abs=1e-6)
        assert (total["ci"] or []) == pytest.approx(meant["ci"] or [], abs=1e-6)


def numbers_of(row: dict[str, Any]) -> list[float]:
    names = "s" if "baseline_s" in row else "bytes"
    weights = [row[f"{side}_{names}"] for side in ("baseline", "current")]
    shares = [row["baseline_share"], row["current_share"]]
    totals = [row[f"{side}_total_{names}"] for side in ("baseline", "current")]
    counts = row.get("samples") or [row["baseline_count"], row["current_count"]]
    certain = [*(row.get("ci") or (0, 0)), row.get("p") or 0, row.get("q") or 0]
    return [*weights, *shares, *totals, *counts, *certain]


def test_every_report_says_what_intervals_lie_beyond() -> None:
    slowed = report(shared=1.87)
    told = "all functions share ×1.87"
    assert told in comparison_text(slowed)
    assert "All functions share ×1.87" in comparison_markdown(slowed).replace("&#215;", "×")
    assert data_of(comparison_html(slowed))["lenses"][0]["beyond"].startswith(told)
    assert "functions share" not in comparison_text(report(shared=1.01))


def test_meters_of_several_runs_are_medians_and_the_document_has_what_they_lie_between() -> None:
    before, after = (list(RUNS.runs_of(f"packaging-{release}")) for release in ("25.0", "26.0"))
    found = compare_paths(before, after)
    document = json.loads(written(found, ReportFormat.JSON))
    wall = next(figure for figure in document["figures"] if figure["name"] == "wall time")
    assert wall["baseline_range"][0] < wall["baseline"] < wall["baseline_range"][1]
    shown = format_value(wall["baseline"], Unit.SECONDS)
    for chosen in (ReportFormat.TEXT, ReportFormat.MARKDOWN, ReportFormat.HTML):
        assert shown in written(found, chosen)
    lengths = sorted(meta.duration_s for meta in found.sides[0].metas)
    assert wall["baseline_range"] == [lengths[0], lengths[-1]]

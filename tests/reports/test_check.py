"""A check in every format: the same verdicts and numbers, and nothing from outside that acts."""

from __future__ import annotations

import csv
import io
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from rich.cells import cell_len

from perftui.budgets.gate import Strictness
from perftui.budgets.spec import Gate
from perftui.errors import ExitCode
from perftui.model.verdict import RuleVerdict, Verdict
from perftui.recording.check import Check, CheckedSide
from perftui.reports.cells import cells_of
from perftui.reports.check_csv import COLUMNS, check_csv
from perftui.reports.check_document import check_document
from perftui.reports.check_junit import check_junit
from perftui.reports.check_sheet import check_sheet
from perftui.reports.github import annotation_lines, outputs
from perftui.reports.rule_places import RulePlaces
from perftui.reports.sheet_html import sheet_html
from perftui.reports.sheet_markdown import sheet_markdown
from perftui.reports.sheet_text import sheet_text
from tests.reports.checks import BUDGET, HOSTILE, change, check_of, every_kind, limit, stored_budget

ROOT = Path(__file__).parents[2]
BASELINE = CheckedSide("baseline:v1.1.5", "shop", "2026-11-19T05:50:58+0000", 5)


class Cells(HTMLParser):
    """The texts of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def page_of(check: Check) -> Cells:
    cells = Cells()
    cells.feed(sheet_html(check_sheet(check)))
    return cells


def text_of(check: Check, width: int = 160) -> str:
    return sheet_text(check_sheet(check, wide=width >= 120), width=width)


@pytest.fixture
def check() -> Check:
    return check_of(*every_kind(), baseline=BASELINE, differences=("the baseline was recorded on another host",))


# The same in every format.


def test_text_markdown_and_page_say_the_same_cells(check: Check) -> None:
    rows = [row for table in check_sheet(check).tables for row in table.rows]
    text = text_of(check)
    page, markdown = "\n".join(page_of(check).texts), MarkdownIt("commonmark").enable("table")
    told = re.sub("<[^>]*>", "", markdown.render(sheet_markdown(check_sheet(check))))
    told = told.replace("\N{NO-BREAK SPACE}", " ").replace("&quot;", '"')
    for cell in {cell for row in rows for cell in row.cells if cell}:
        assert cell in text
        assert cell in page
        assert cell in told


def test_the_table_of_values_holds_the_figures_of_the_document(check: Check) -> None:
    document = check_document(check)
    rows = list(csv.DictReader(io.StringIO(check_csv(check))))
    assert [row["rule"] for row in rows] == [verdict["rule"] for verdict in document["verdicts"]]
    for row, verdict in zip(rows, document["verdicts"], strict=True):
        for column in ("baseline", "current", "change_pct", "p", "warn", "fail"):
            assert (float(row[column]) if row[column] else None) == verdict[column]
        assert [row["ci_low"], row["ci_high"]] == ([repr(end) for end in verdict["ci"]] if verdict["ci"] else ["", ""])


def test_the_document_has_the_published_shape(check: Check) -> None:
    document = json.loads(json.dumps(check_document(check), allow_nan=False))
    assert document["schema"] == "perftui.check/1"
    first = document["verdicts"][0]
    assert {"rule", "subject", "metric", "unit", "baseline", "baseline_ref", "current", "change_pct", "ci", "p", "n",
            "warn", "fail", "verdict", "reason"} <= set(first)  # fmt: skip
    assert (first["unit"], first["limit_unit"], first["baseline"], first["current"]) == ("s", "%", 0.045, 0.0495)
    assert (first["n"], first["ci"], first["baseline_ref"]) == ([5, 7], [7.25, 12.5], "baseline:v1.1.5")
    assert document["summary"] == {
        "pass": 2, "warn": 1, "fail": 2, "inconclusive": 1, "missing": 1, "unbudgeted": 1,
    }  # fmt: skip
    assert document["exit_code"] == 1
    schema = json.loads((ROOT / "docs/schemas/check.schema.json").read_text(encoding="utf-8"))
    for said in (document, check_document(check_of())):
        jsonschema.validate(said, schema)
        # Nothing is said that is not published.
        assert set(said) == set(schema["properties"])
    published = schema["definitions"]["verdict"]["properties"]
    assert all(set(verdict) == set(published) for verdict in document["verdicts"])


def test_the_columns_of_an_operation_are_those_of_a_release_table(check: Check) -> None:
    lines = text_of(check).splitlines()
    heading = next(line for line in lines if line.startswith("operation"))
    assert heading.split("  ")[0] == "operation"
    assert re.split(r"\s{2,}", heading) == [
        "operation",
        "v1.1.5",
        "current",
        "change",
        "95 %",
        "p",
        "n",
        "budget",
        "verdict",
    ]
    row = next(line for line in lines if line.startswith("memory.recall"))
    assert re.split(r"\s{2,}", row) == [
        "memory.recall", "45.0 ms", "49.5 ms", "+10.0 %", "+7.2 … +12.5 %", "0.008", "5 → 7", "≤ +8.0 %", "FAIL",
    ]  # fmt: skip


def test_the_worst_comes_first_and_the_sum_last(check: Check) -> None:
    lines = text_of(check).splitlines()
    assert lines[0] == "FAIL  shop"
    assert lines[-1] == "Summary: 3/6 within budget (2 failed, 1 inconclusive, 1 warned, 1 missing, 1 unbudgeted)"
    order = [
        lines.index(next(line for line in lines if line.endswith(f"  {word}"))) for word in ("INCONCLUSIVE", "WARN")
    ]
    assert order == sorted(order)
    assert "! the baseline was recorded on another host" in lines


@pytest.mark.parametrize("width", [60, 80, 119, 160])
def test_no_line_is_wider_than_asked_for(check: Check, width: int) -> None:
    assert max(cells_of(line) for line in text_of(check, width).splitlines()) <= width


@given(st.text(max_size=90), st.text(max_size=300), st.integers(60, 160))
def test_no_name_and_no_reason_makes_a_line_wider(name: str, reason: str, width: int) -> None:
    check = check_of(
        change(f"operations.{name}", reason=reason, ref=name),
        limit(name, reason=reason, verdict=Verdict.FAIL),
        limit(reason, reason=name, verdict=Verdict.MISSING),
        differences=(reason,),
    )
    assert max(cell_len(line) for line in text_of(check, width).splitlines()) <= width


def test_where_there_is_no_room_for_columns_the_interval_stands_below_its_row(check: Check) -> None:
    assert "    95 %: +7.2 … +12.5 %; p 0.008" in text_of(check, 80).splitlines()


# Text from outside.


def test_a_hostile_name_stays_text_in_every_format(tmp_path: Path) -> None:
    hostile = check_of(change(rule=f'operations."{HOSTILE}"', reason=HOSTILE), limit(rule=HOSTILE, reason=HOSTILE))
    assert "\x1b" not in text_of(hostile) + text_of(hostile, 80)
    page = page_of(hostile)
    assert not {"img", "script", "a"} & set(page.tags)
    rendered = MarkdownIt("commonmark").enable("table").render(sheet_markdown(check_sheet(hostile)))
    assert "<img" not in rendered.replace("&lt;img", "")
    assert all(len(re.findall(r"(?<!\\)\|", line)) == 11 for line in sheet_markdown(check_sheet(hostile)).splitlines()
               if line.startswith("| <code>operations"))  # fmt: skip
    root = ElementTree.fromstring(check_junit(hostile))
    assert len(root.findall(".//testcase")) == 2
    (error,) = annotation_lines(check_of(limit(rule=HOSTILE, reason=HOSTILE, verdict=Verdict.FAIL)), tmp_path)
    assert "\n" not in error


def test_nothing_in_a_table_of_values_is_a_formula() -> None:
    for begin in ("=1+1", "+1", "-1", "@SUM(A1)", " =1"):
        rows = list(csv.reader(io.StringIO(check_csv(check_of(limit(reason=begin))))))
        assert rows[1][COLUMNS.index("reason")] == f"'{begin}"
        assert rows[1][COLUMNS.index("unit")] == "%"


def test_the_page_asks_nothing_of_any_other_place(check: Check) -> None:
    page = sheet_html(check_sheet(check))
    assert "default-src &#x27;none&#x27;" in page
    assert not re.search(r"https?://|<script|<[^>]+\son\w+=|url\(|@import", page)


# What a CI server reads.


def test_what_closes_the_gate_is_a_failure_and_what_was_not_judged_is_skipped(check: Check) -> None:
    suite = ElementTree.fromstring(check_junit(check)).find("testsuite")
    assert suite is not None
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("9", "2", "3")
    assert len(suite.findall("testcase/failure")) == 2
    assert len(suite.findall("testcase/skipped")) == 3
    first = suite.findall("testcase")[0]
    assert (first.get("classname"), first.get("name")) == ("operations.memory.recall", "max_increase_pct")
    failure = first.find("failure")
    assert failure is not None
    assert "45.0 ms → 49.5 ms (+10.0 %)" in (failure.get("message") or "")


def test_a_rule_is_found_at_its_line(tmp_path: Path) -> None:
    budget = stored_budget(tmp_path)
    places = RulePlaces(budget.path)
    lines = BUDGET.splitlines()
    found = {rule.name: places.line(rule.name) for rule in budget.rules}
    assert lines[(found['functions."app/se.arch.py:Index.query".max_share_pct'] or 0) - 1] == "max_share_pct = 25"
    assert lines[(found["operations.memory.set.max_increase_pct"] or 0) - 1].startswith("set = ")
    assert all(found.values())
    assert RulePlaces(tmp_path / "gone.toml").line("resources.cpu_percent") is None


def test_annotations_name_the_file_and_the_line(tmp_path: Path) -> None:
    check = check_of(*every_kind(), budget=stored_budget(tmp_path))
    lines = list(annotation_lines(check, tmp_path))
    assert lines[0].startswith(
        "::error file=budget.toml,line=5,title=operations.memory.recall.max_increase_pct::operations.memory.recall"
    )
    assert [line.partition(" ")[0] for line in lines] == ["::error"] * 2 + ["::warning"] * 3


def test_later_steps_can_ask_for_the_verdict_and_the_counts(check: Check) -> None:
    told = dict(line.split("=", 1) for line in outputs(check).splitlines())
    assert told == {
        "verdict": "fail", "pass": "2", "warn": "1", "fail": "2", "inconclusive": "1", "missing": "1",
        "unbudgeted": "1", "exit_code": "1",
    }  # fmt: skip


def test_what_is_missing_for_one_reason_is_told_once() -> None:
    reasons = ("no baseline is named", "not measured", "no baseline is named")
    check = check_of(*(limit(f"rule{at}", verdict=Verdict.MISSING, reason=why) for at, why in enumerate(reasons)))
    lines = text_of(check, 80).splitlines()
    begin = lines.index("rule")
    assert lines[begin + 1 : begin + 6] == ["rule0", "rule2", "    no baseline is named", "rule1", "    not measured"]


# The exit code.


def ended(*verdicts: RuleVerdict, **strictness: object) -> ExitCode:
    return check_of(*verdicts, strictness=Strictness(**strictness), baseline=BASELINE).exit_code  # type: ignore[arg-type]


def test_only_a_failure_closes_the_gate_unless_more_is_asked_for() -> None:
    warned, missing = limit(verdict=Verdict.WARN), limit(verdict=Verdict.MISSING)
    assert ended(limit(), warned, missing) is ExitCode.OK
    assert ended(limit(), change()) is ExitCode.FAILED_CHECK
    assert ended(limit(), warned, warn_fails=True) is ExitCode.FAILED_CHECK
    assert ended(limit(), missing, missing_fails=True) is ExitCode.FAILED_CHECK


@pytest.mark.parametrize(
    ("gate", "warn_fails", "code"),
    [
        (Gate.PASS, True, ExitCode.OK),
        (Gate.WARN, False, ExitCode.OK),
        (Gate.WARN, True, ExitCode.FAILED_CHECK),
        (Gate.FAIL, False, ExitCode.FAILED_CHECK),
    ],
)
def test_inconclusive_means_what_the_budget_says(gate: Gate, *, warn_fails: bool, code: ExitCode) -> None:
    doubtful = limit(verdict=Verdict.INCONCLUSIVE)
    assert ended(limit(), doubtful, on_inconclusive=gate, warn_fails=warn_fails) is code


def test_nothing_measured_is_no_pass() -> None:
    missing = check_of(limit(verdict=Verdict.MISSING), limit(verdict=Verdict.UNBUDGETED))
    assert (missing.exit_code, missing.word) == (ExitCode.NO_DATA, Verdict.MISSING)
    assert check_of().exit_code is ExitCode.NO_DATA


def test_a_change_without_any_baseline_is_no_pass() -> None:
    rule = "operations.memory.recall.max_increase_pct"
    unheld = check_of(limit(), limit(rule=rule, current=None, verdict=Verdict.MISSING))
    assert unheld.exit_code is ExitCode.NO_DATA
    held = check_of(limit(), limit(rule=rule, current=None, verdict=Verdict.MISSING), baseline=BASELINE)
    assert held.exit_code is ExitCode.OK

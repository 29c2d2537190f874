"""A comparison as Markdown: it fits a comment, and no name gets out of its cell."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from perftui.reports.markdown import MOST_BYTES, code, comparison_markdown, plain
from perftui.text import printable
from tests.reports.reports import CHANGES, HOSTILE, named, report

PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
OURS = {f"<{end}{tag}>" for tag in ("details", "summary", "sub", "code") for end in ("", "/")} | {"<br>"}


def tokens(text: str) -> list[Any]:
    found = []
    for token in PARSER.parse(text):
        found += [token, *(token.children or [])]
    return found


def rows_of(text: str) -> list[int]:
    """The number of cells of each row of each table."""
    counts: list[int] = []
    for token in PARSER.parse(text):
        if token.type == "tr_open":
            counts.append(0)
        elif token.type in ("td_open", "th_open"):
            counts[-1] += 1
    return counts


def assert_harmless(text: str) -> None:
    for token in tokens(text):
        assert (
            token.type not in ("link_open", "image", "em_open", "s_open", "heading_open")
            or token.tag == "h2"
            or (token.tag in ("h3", "em"))
        ), token
        if token.type == "html_inline":
            assert token.content in OURS, token.content
        if token.type == "html_block":
            assert token.content.startswith(("<details><summary>", "</details>")), token.content


def test_a_pull_request_reads_the_verdict_first() -> None:
    text = comparison_markdown(report()).replace("\N{NO-BREAK SPACE}", " ")
    assert text.startswith("## shop → shop: ▲ slower\n")
    assert "| running threads | 10.0 s | 11.5 s | **▲ slower** | 95 %&#58; &#43;10 … &#43;20 %, p 0.003" in text
    assert (
        "| ▲ slower | `render`<br>`app.py` | 1.00 s | 1.50 s | +500 ms | +38 … +66 % | 0.012 | 1,000 → 1,500 | 12.3 % |"
        in text
    )
    assert "<details><summary>1 inconclusive that might matter</summary>" in text
    assert "> - the interpreters differ (Python 3.11.7 against 3.12.1)" in text
    assert_harmless(text)


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_name_stays_in_its_cell(name: str) -> None:
    plainly = report([named("harmless")], name="harmless", remarks=("harmless",))
    hostile = report([named(name)], name=name, remarks=(name,))
    run = replace(hostile.baseline.runs[0], id=name, created=name)
    text = comparison_markdown(replace(hostile, baseline=replace(hostile.baseline, runs=(run,))))
    assert rows_of(text) == rows_of(comparison_markdown(plainly))
    assert_harmless(text)
    assert "\x1b" not in text


@settings(max_examples=150)
@given(st.text(alphabet=st.sampled_from("ab`|\\<>&*_[]()!#@:/.w~$-+=\"' \n\t"), max_size=24))
def test_whatever_a_name_is_it_comes_out_as_it_was(name: str) -> None:
    text = f"| a | b |\n| --- | --- |\n| {code(name)} | {plain(name)} |\n\n- {plain(name)}\n"
    assert rows_of(text) == [2, 2]
    assert_harmless(text)
    cells = [token for token in PARSER.parse(text) if token.type == "inline"][2:4]
    wanted = printable(name).strip()
    for cell in cells:
        shown = "".join(child.content for child in cell.children or [] if child.type in ("text", "code_inline"))
        shown = shown.replace("\u200b", "")
        assert " ".join(shown.split()) == " ".join(wanted.split())


def test_addresses_and_mentions_are_cut_so_that_nobody_makes_links_of_them() -> None:
    text = plain("see https://evil.example or www.evil.example, ask me@evil.example or @somebody #12 :tada:")
    assert "://" not in text
    assert "www." not in text
    assert "@" not in text
    (paragraph,) = [token for token in PARSER.parse(text) if token.type == "inline"]
    shown = "".join(child.content for child in paragraph.children or [])
    assert re.findall(r"\w@|[@#:]\w|://|www\.", shown) == []
    assert shown.replace("\u200b", "").endswith("ask me@evil.example or @somebody #12 :tada:")


def test_it_fits_a_comment_whatever_the_functions_are_called() -> None:
    many = [named(f"{'名' * 90}{n}|`") for n in range(3_000)]
    text = comparison_markdown(report(many, remarks=("x|" * 4_000,) * 50), top=3_000)
    assert len(text.encode()) <= MOST_BYTES
    assert "more*" in text
    assert set(rows_of(text)) <= {3, 4, 5, 6, 9}


def test_bytes_of_conditions_and_names_are_bounded_too() -> None:
    from perftui.model.change import Condition

    conditions = tuple(Condition(f"<{n}>" * 99, "a" * 9_999, "b" * 9_999) for n in range(500))
    text = comparison_markdown(report(conditions=conditions, name="n" * 9_999))
    assert len(text.encode()) <= MOST_BYTES
    assert len(CHANGES) == 5

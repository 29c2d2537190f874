"""A comparison as one page: it asks nothing of the world, and what it was given comes out again as it was."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from typing import Any

import pytest

from perftui.reports.html import MOST_BYTES, comparison_html
from perftui.text import printable
from tests.reports.reports import HOSTILE, named, report


class Page(HTMLParser):
    """The tags of a page with what stands in scripts and styles."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append((self.tags[-1][0] if self.tags else "", data))

    def all(self, tag: str) -> list[str]:
        return [text for name, text in self.texts if name == tag and text.strip()]


def data_of(page: str) -> dict[str, Any]:
    (block,) = re.findall(r'<script type="application/json" id="report">(.*?)</script>', page, re.S)
    data = json.loads(block)
    assert isinstance(data, dict)
    return data


def test_the_page_may_run_its_own_script_and_style_and_fetch_nothing() -> None:
    page = Page(comparison_html(report()))
    (policy,) = [tag["content"] for name, tag in page.tags if tag.get("http-equiv") == "Content-Security-Policy"]
    assert policy is not None
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    for tag in ("script", "style"):
        digest = b64encode(sha256(page.all(tag)[-1].encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy


def test_nothing_is_named_that_lies_elsewhere() -> None:
    text = comparison_html(report())
    page = Page(text)
    assert not [tag for tag in page.tags if {"src", "href", "srcset", "action", "style", "data"} & set(tag[1])]
    assert not [name for tag in page.tags for name in tag[1] if name.startswith("on")]
    addresses = set(re.findall(r"\w+://[^\s\"']+", text))
    assert addresses == {"http://www.w3.org/2000/svg"}, "the name of SVG is no address that anybody asks"
    for way_out in (
        "innerHTML",
        "outerHTML",
        "insertAdjacent",
        "document.write",
        "eval(",
        "fetch(",
        "XMLHttp",
        "import(",
    ):
        assert way_out not in text


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_name_is_data(name: str) -> None:
    harmless, hostile = (comparison_html(report([named(each)], name=each, remarks=(each,))) for each in ("name", name))
    assert [tag for tag, _ in Page(hostile).tags] == [tag for tag, _ in Page(harmless).tags]
    (block,) = re.findall(r'id="report">(.*?)</script>', hostile, re.S)
    assert not set(block) & set("<>&\u2028\u2029")
    lens = data_of(hostile)["lenses"][0]
    shown = lens["names"][lens["rows"][0]["name"]][0]
    assert shown == printable(name) or (len(name) > 100 and shown.endswith(printable(name)[-20:]))


def test_numbers_are_there_to_sort_by_and_as_they_are_shown() -> None:
    lens = data_of(comparison_html(report()))["lenses"][0]
    (row,) = [row for row in lens["rows"] if lens["names"][row["name"]][0] == "render"]
    assert row["verdict"] == "s"
    assert row["numbers"] == [1, 1.5, 0.1, 0.14, 1, 1.5, 1000, 1500, 1.38, 1.66, 0.0004, 0.012, 0.123]
    assert row["texts"][:4] == ["1.00 s", "1.50 s", "+500 ms", "+38 … +66 %"]
    assert lens["totals"][0]["ci"] == [1.1, 1.2]
    assert lens["words"]["s"] == ["▲", "slower"]
    assert sum(lens["tree"]["baseline"]) == 39
    assert sum(lens["tree"]["current"]) == 41


def test_large_trees_and_many_functions_are_cut_and_it_is_said() -> None:
    before = "\n".join(f"main;{'deep;' * (n % 7)}f{n} {n % 13 + 1}" for n in range(12_000))
    many = [named(f"{'long' * 80}{n}") for n in range(2_500)]
    text = comparison_html(report(many, trees=(before, before)))
    assert len(text.encode()) <= MOST_BYTES
    lens = data_of(text)["lenses"][0]
    tree = lens["tree"]
    assert tree["left_out"] == tree["nodes"] - len(tree["name"]) > 0
    assert sum(tree["baseline"]) == sum(n % 13 + 1 for n in range(12_000))
    assert lens["rows_left_out"] == 2_500 - len(lens["rows"])
    assert len(tree["rests"]) == len(tree["parent"]) - len(tree["name"])
    assert all(above < node for node, above in enumerate(tree["parent"]))


def test_what_json_cannot_say_is_not_said() -> None:
    from dataclasses import replace

    from perftui.model.change import Certainty

    odd = replace(named("odd"), certainty=Certainty(ci=(0.5, float("inf")), p=float("nan")))
    numbers = data_of(comparison_html(report([odd])))["lenses"][0]["rows"][0]["numbers"]
    assert numbers[8:11] == [0.5, None, None]

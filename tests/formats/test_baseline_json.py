"""Committed baselines: the same bytes for the same runs, read back as they were, and nothing else is taken for one."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from perftui.errors import ConfigError, ExitCode, NoDataError
from perftui.formats.baseline_json import MOST_VALUES, looks_like_baseline, thinned, write_baseline
from perftui.formats.baseline_reader import parse_baseline, read_baseline
from perftui.model.operation import Operation
from perftui.model.run_figures import RunFigures
from tests.formats.baselines import FIGURES, RECALL, run_figures

FILE = Path("main.json")


def read(text: str) -> RunFigures:
    return parse_baseline(text.encode(), FILE, ref="x.json")


@settings(max_examples=60, deadline=None)
@given(run_figures())
def test_what_is_written_is_read_as_it_was_and_written_the_same_again(figures: RunFigures) -> None:
    text = write_baseline(figures)
    found = read(text)
    assert found == figures
    assert write_baseline(found) == text


def test_the_text_is_for_people_who_review_it() -> None:
    text = write_baseline(FIGURES)
    assert text.endswith("}\n")
    assert '      "runs": [\n        [0.045, 0.0471],\n' in text
    assert '"mean": 0.04575' in text
    assert max(map(len, text.splitlines())) <= 100
    assert list(json.loads(text)) == sorted(json.loads(text))
    assert looks_like_baseline(text.encode())


def test_the_order_of_what_is_known_does_not_matter() -> None:
    turned = replace(
        FIGURES, environment=dict(sorted(FIGURES.environment.items(), reverse=True)), functions=FIGURES.functions[::-1]
    )
    assert write_baseline(turned) == write_baseline(FIGURES)


def test_the_last_digits_that_adding_up_changes_are_not_written() -> None:
    one, other = (replace(FIGURES, seconds=(value, 1.0)) for value in (0.1 + 0.2, 0.3))
    assert write_baseline(one) == write_baseline(other)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 40), min_size=1, max_size=30), st.integers(1, 60))
def test_thinning_keeps_at_most_so_many_values_and_some_of_every_run(lengths: list[int], most: int) -> None:
    runs = tuple(tuple(float(100 * number + at) for at in range(length)) for number, length in enumerate(lengths))
    weights = tuple(tuple(range(1, len(run) + 1)) for run in runs)
    whole = Operation("", "x", runs=runs, weights=weights)
    kept = thinned(whole, most)
    assert len(kept.values) <= most
    assert set(kept.values) <= set(whole.values)
    assert [len(run) for run in kept.weights] == [len(run) for run in kept.runs]
    if len(whole.values) > most >= sum(map(bool, lengths)):
        assert len(kept.runs) == sum(map(bool, lengths))


def test_what_was_left_out_is_said_and_the_summary_is_of_all() -> None:
    many = replace(RECALL, runs=(tuple(number / 1000 for number in range(5000)),))
    document = json.loads(write_baseline(replace(FIGURES, operations={many.key: many})))
    operation = document["operations"][many.key]
    assert (operation["summary"]["values"], operation["summary"]["values_kept"]) == (5000, MOST_VALUES)
    assert operation["summary"]["mean"] == 2.4995
    assert operation["runs"][0][:2] == [0.002, 0.007], "evenly from the beginning to the end"
    assert read(json.dumps(document)).measured == {many.key: 5000}
    assert read(write_baseline(FIGURES)).measured == {}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"schema": "perftui.baseline/2"}, "and this program reads 'perftui.baseline/1'"),
        ({"schema": "other/1"}, "it is no baseline"),
        ({"schema": 7}, "it is no baseline"),
        ({"runs": 0}, "no run"),
        ({"runs": True}, "whole number"),
        ({"runs": 1e9}, "whole number"),
        ({"runs": 10**9}, "more than"),
        ({"samples": [1]}, "expected 2 values"),
        ({"seconds": [1, -1]}, "less than nothing"),
        ({"seconds": [1e300, 1]}, "too great"),
        ({"seconds": [10**1000, 1]}, "too great"),
        ({"seconds": "long"}, "expected a list"),
        ({"name": 3}, "expected text"),
        ({"name": "x" * 5000}, "letters"),
        ({"name": "\ud800"}, "half a letter"),
        ({"nme": "x"}, "unknown key"),
        ({"operations": []}, "expected a table"),
        ({"operations": {"a": {"name": "b"}}}, "say 'b'"),
        ({"operations": {"a": {"name": "a", "unit": "hours"}}}, "no unit"),
        ({"operations": {"a": {"name": "a", "runs": [[1], 2]}}}, "expected a list"),
        ({"operations": {"a": {"name": "a", "runs": [[1]], "weights": [[1, 2]]}}}, "one weight for each value"),
        ({"operations": {"a": {"name": "a", "runs": [[1]], "weights": [[0]]}}}, "one execution"),
        ({"figures": {"wall_s": {"unit": "s", "values": [1, 2, 3]}}}, "1 to 2 values"),
        ({"functions": [{"function": "f", "samples": [1, 2]}]}, "expected 2 values"),
        ({"environment": {"cpu": 4}}, "expected text"),
    ],
)
def test_what_is_wrong_is_one_sentence_with_its_place(change: dict[str, object], said: str) -> None:
    document = json.loads(write_baseline(FIGURES)) | change
    with pytest.raises(ConfigError, match=said) as caught:
        read(json.dumps(document))
    assert caught.value.exit_code is ExitCode.USAGE
    assert caught.value.hint
    assert str(caught.value).startswith("main.json")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not JSON"),
        ("[]", "expected a table"),
        ("{", "not JSON"),
        ('{"runs": NaN}', "NaN is no measurement"),
        ('{"runs": -Infinity}', "no measurement"),
        ('{"runs": 1, "runs": 2}', "stands twice"),
        ("[" * 100_000, "without end"),
        ('{"runs": ' + "9" * 10_000 + "}", "too many digits"),
    ],
)
def test_what_is_no_json_of_ours_is_one_sentence(text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        read(text)


def test_a_file_that_is_not_there_is_no_data(tmp_path: Path) -> None:
    with pytest.raises(NoDataError, match="cannot read"):
        read_baseline(tmp_path / "none.json")


TEXT = write_baseline(FIGURES).encode()
_PIECES = [b"NaN", b"1e999", b"null", b"[]", b"{}", b'"', b"\xff", b"-1", b"9" * 5000, b"[" * 2000, b",", b":", b""]


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**32))
@example(0)
@example(331)  # A name of thousands of letters.
def test_a_damaged_file_is_refused_in_one_sentence_or_read(seed: int) -> None:
    chance = random.Random(seed)
    data = bytearray(TEXT)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(data) + 1)
        data[at : at + chance.choice([0, 1, 1, 2, 30])] = chance.choice(_PIECES)
    said = ""
    try:
        write_baseline(parse_baseline(bytes(data), FILE))
    except ConfigError as error:
        said = str(error)
    assert "\n" not in said
    assert len(said) < 500

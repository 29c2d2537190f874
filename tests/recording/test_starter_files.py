"""The files that a project begins with: valid whatever it is called, with limits that its sessions keep to."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import tomli
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from perftui.analysis.starter_limits import round_up
from perftui.budgets.load import parse_budget
from perftui.cli.schema import schema_text
from perftui.model.operation import Operation
from perftui.model.run_figures import FunctionRuns
from perftui.recording.saved_verdicts import judge_saved
from perftui.recording.starter_files import Seen, budget_text, profile_text, seen_before
from perftui.settings.load import load_profile
from perftui.settings.project import Candidate
from perftui.storage.catalogue import Catalogue
from perftui.storage.session_file import open_session
from tests.formats.baselines import FIGURES, run_figures
from tests.storage.sessions import saved

WORDS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20)


@settings(max_examples=60, deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=4), WORDS, st.booleans())
def test_a_profile_of_any_command_is_read_as_that_command(words: list[str], why: str, ends: bool) -> None:
    other = Candidate("x", ("cargo", *words), why)
    text = profile_text("app", Candidate("app", ("tool", *words), why, "criterion", ends), [other])
    document = tomli.loads(text)
    if all(word.isprintable() and "\xa0" not in word for word in words):
        assert document["workload"]["command"] == ["tool", *words]
    assert Draft7Validator(json.loads(schema_text("profile"))).is_valid(document)
    assert ("duration" in document["run"]) is not ends


@settings(max_examples=60, deadline=None)
@given(st.none() | run_figures(), st.lists(WORDS, max_size=5))
def test_a_budget_of_whatever_was_measured_is_a_budget(figures: object, sessions: list[str]) -> None:
    seen = None if figures is None else Seen(figures, tuple(sessions))  # type: ignore[arg-type]
    text = budget_text("app", seen, Path("/nowhere"))
    budget = parse_budget(text)
    assert budget.rules
    assert Draft7Validator(json.loads(schema_text("budget"))).is_valid(tomli.loads(text))


def test_limits_come_from_the_worst_session_with_headroom_and_say_from_which(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "search.py").touch()
    own = replace(FIGURES.functions[0], samples=(300, 310))
    other = FunctionRuns("loads", "<stdlib>/json.py", (200, 200), (2.0, 2.0), (2.0, 2.0))
    odd = Operation("a.b", "x y", "100", runs=((1.0,),))
    figures = replace(FIGURES, functions=(other, own), operations={**FIGURES.operations, odd.key: odd})
    text = budget_text("app", Seen(figures, ("run-2 (id2)", "run-1 (id1)")), tmp_path)
    assert "taken from run-2 (id2), run-1 (id1)" in text
    document = tomli.loads(text)
    assert document["resources"]["wall"] == {"target": "7.9s", "limit": "9.5s"}
    assert document["resources"]["rss"] == {"target": "1.3MB", "limit": "1.5MB"}
    assert list(document["functions"]) == ["app/search.py:Index.query"], "only what is the project's own"
    assert document["functions"]["app/search.py:Index.query"] == {"warn_share_pct": 61, "max_share_pct": 71}
    assert document["operations"] == {
        "memory": {"recall": {"max_increase_pct": 5}},
        "a.b": {"x y[100]": {"max_increase_pct": 5}},
    }
    assert parse_budget(text).remarks == ()


@pytest.mark.parametrize(("value", "rounded"), [(0.0, 0.0), (1.0, 1.0), (1.01, 1.1), (0.0123, 0.013), (987.0, 990.0)])
def test_a_limit_is_a_round_number_that_is_not_less(value: float, rounded: float) -> None:
    assert round_up(value) == pytest.approx(rounded)


def test_sessions_of_the_command_in_any_python_are_found_and_keep_to_their_own_limits(tmp_path: Path) -> None:
    folder = tmp_path / "sessions"
    for number, program in enumerate(("python3", "/opt/bin/python3.12", "ruby")):
        saved(
            folder,
            f"2026010{number + 1}-120000-aaaa",
            name=f"run-{number}",
            cwd=str(tmp_path),
            command=(program, "a.py"),
        )
    seen = seen_before(Catalogue(folder), "app", ("{python}", "a.py"), tmp_path)
    assert seen is not None
    assert [title.partition(" ")[0] for title in seen.sessions] == ["run-1", "run-0"]
    assert seen_before(Catalogue(folder), "app", ("{python}", "b.py"), tmp_path) is None
    budget = parse_budget(budget_text("app", seen, tmp_path))
    for path in Catalogue(folder).runs_of("run-0"):
        found = {each.rule: each.verdict.value for each in judge_saved([open_session(path)], budget)}
        passed = {rule for rule, verdict in found.items() if verdict == "pass"}
        assert {"resources.wall", "resources.rss", "memory.runtime_peak_mb"} <= passed
        assert all(rule.startswith("operations.") for rule in found.keys() - passed), "these need a baseline"


def test_the_profile_is_read_with_its_budget(tmp_path: Path) -> None:
    for folder, text in (
        ("profiles", profile_text("app", Candidate("app", ("{python}", "a.py"), "a.py is there"), ())),
        ("budgets", budget_text("app", None, tmp_path)),
    ):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "app.toml").write_text(text, encoding="utf-8")
    profile = load_profile(tmp_path / "profiles" / "app.toml")
    assert profile.budget == tmp_path / "budgets" / "app.toml"
    assert profile.workload.argv[1:] == ("a.py",)

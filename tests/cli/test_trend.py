"""What `perftui trend` prints of a figure over sessions."""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from perftui.cli import main
from perftui.model.operation import Operation
from perftui.model.session import WATCH, RunSide, SessionState
from perftui.recording import session_figures
from perftui.storage import catalogue_cache
from tests.storage.sessions import Recording, begin, finish, verdict


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PERFTUI_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr("sys.stdin", None)  # pytest's own has no descriptor
    monkeypatch.setattr(catalogue_cache, "_SETTLED_NS", 0)
    return tmp_path / "sessions"


def recorded(directory: Path, number: int, wall_s: float, **changes: object) -> Path:
    """A session of an hour of its own, with samples, an operation and a verdict."""
    facts = {"host": "box", "git_commit": f"{number:02d}aaaaaaaaaaaa", "git_branch": "main", "git_changes": "yes"}
    known: dict[str, object] = {"name": f"run-{number}", "environment": facts, "cwd": "/srv/shop"} | changes
    writer = begin(directory, f"202601{1 + number // 24:02d}-{number % 24:02d}0000-abcd", **known)
    writer.add_window(Recording().window("main;Shop.sell", "main;Shop.sell", "main;rest"))
    writer.set_verdicts([verdict()])
    writer.set_operations([Operation("shop", "sell", "10", runs=((wall_s / 100,) * 8,))])
    created = f"2026-01-{1 + number // 24:02d}T{number % 24:02d}:00:00+00:00"
    return finish(writer, duration_s=wall_s, created=changes.get("created", created))


@pytest.fixture
def shop(home: Path) -> Path:
    """Twenty runs, of which the last eight take a tenth longer."""
    chance = random.Random(5)
    for number in range(20):
        recorded(home, number, (11.0 if number >= 12 else 10.0) * chance.gauss(1, 0.005))
    return home


def trend(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of `perftui trend`."""
    code = main(["trend", *words])
    said = capsys.readouterr()
    return code, said.out, said.err


def document(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    code, out, err = trend(capsys, *words, "--json")
    assert code == 0, err
    return json.loads(out)


def values(found: Any) -> Sequence[float]:
    return [point["value"] for point in found["points"]]


def test_a_change_is_told_with_its_commit_its_size_and_each_verdict(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = document(capsys, "wall_s")
    (change,) = found["changes"]
    assert (change["at"], change["commit"], change["better"]) == (12, "12aaaaaaaaaaaa", False)
    assert change["change_pct"] == pytest.approx(10, abs=1)
    assert (found["workload"], found["host"], found["unit"]) == ("demo", "box", "s")
    assert {(point["verdict"], point["dirty"], point["branch"]) for point in found["points"]} == {
        ("fail", True, "main")
    }

    code, out, err = trend(capsys, "wall_s", "--rows", "3")
    assert code == 0
    assert max(map(len, out.splitlines())) <= 100
    assert "worse since 2026-01-01, commit 12aaaaaaaa" in out
    assert all(text in out for text in ("12aaaaaaaa*", "and 17 more", "▲"))
    assert "next: perftui compare 20260101-110000-abcd 20260101-190000-abcd" in err


def test_operations_and_functions_have_trends_with_their_noise(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("shop.sell[10]", "sell[10]", "shop.sell[10]:mean"):
        found = document(capsys, name)
        assert (found["kind"], found["changes"][0]["at"]) == ("operation", 12), name
    assert found["points"][0]["low"] is None
    assert document(capsys, "shop.sell[10]")["points"][0]["low"] is not None
    for name in ("Shop.sell", "sell", "app.py:Shop.sell"):
        found = document(capsys, name)
        assert (found["kind"], found["changes"]) == ("function", []), name
        assert values(found) == pytest.approx([0.02] * 20)
        assert found["points"][0]["low"] < 0.02 < found["points"][0]["high"]
    assert values(document(capsys, "Shop.sell", "--by", "share"))[0] == pytest.approx(200 / 3)


def test_what_was_read_once_is_not_read_again_and_says_the_same(
    shop: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = document(capsys, "Shop.sell")

    def refuse(path: Path) -> None:
        raise AssertionError(path)

    monkeypatch.setattr(session_figures, "_texts_of", refuse)
    assert document(capsys, "Shop.sell") == first
    monkeypatch.undo()


def test_a_deleted_session_leaves_the_trend(
    shop: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(document(capsys, "wall_s")["points"]) == 20
    assert main(["sessions", "delete", "run-3"]) == 0
    capsys.readouterr()
    assert len(document(capsys, "wall_s")["points"]) == 19


def test_a_misspelt_name_is_told_what_it_may_mean(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = trend(capsys, "wal_s")
    assert (code, "did you mean wall_s?" in err) == (4, True)
    code, _, err = trend(capsys, "wall_s", "--workload", "dmo")
    assert (code, "did you mean demo?" in err) == (4, True)
    code, _, err = trend(capsys, "wall_s", "--since", "7")
    assert (code, "write it like 7d or 12h" in err) == (2, True)
    assert trend(capsys, "wall_s", "--since", "1h")[0] == 4


def test_other_machines_other_code_and_broken_runs_are_left_out(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recorded(shop, 2 * 24, 99.0, environment={"host": "other"})
    recorded(shop, 3 * 24, 99.0, environment={"host": "box"}, side=RunSide.BASE, group="g")
    writer = begin(shop, "20260105-000000-abcd", cwd="/srv/shop")
    writer.finalise(replace(writer.meta, state=SessionState.INTERRUPTED))
    recorded(shop, 24, 10.0)
    (shop / "20260109-000000-abcd.perftui").write_bytes(b"nothing")
    found = document(capsys, "wall_s", "--workload", "demo")
    # The newest machine is the one that is shown.
    assert (found["host"], len(found["points"])) == ("other", 1)
    assert found["remarks"] == ["21 sessions of the machine box are left out"]


def test_runs_that_were_recorded_together_are_one_point(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number, wall_s in enumerate((10.0, 14.0, 11.0), start=1):
        recorded(home, number, wall_s, name="three", group="g-1", repeat_index=number)
    recorded(home, 30, 12.0)
    first, second = document(capsys, "wall_s")["points"]
    assert (first["value"], first["low"], first["high"], first["runs"]) == (11.0, 10.0, 14.0, 3)
    assert (second["value"], second["low"], second["runs"]) == (12.0, None, 1)
    assert values(document(capsys, "wall_s", "--last", "1")) == [12.0]


def test_each_part_of_a_watch_is_a_point(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number in (1, 2, 4):
        facts = {"host": "box", WATCH: "yes"}
        recorded(home, number, 10.0 * number, name="web", group="g-1", repeat_index=number, environment=facts)
    recorded(home, 3, 35.0)
    assert values(document(capsys, "wall_s")) == [10.0, 20.0, 35.0, 40.0]


def test_every_format_holds_the_same_and_nothing_from_outside_is_markup(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    facts = {"host": "box", "git_branch": "<script>alert(1)</script>"}
    recorded(home, 1, 10.0, name="=1+1", environment=facts)
    recorded(home, 2, 12.5, name="<b>bold</b>", environment=facts)
    html = trend(capsys, "wall_s", "--format", "html")[1]
    assert [text in html for text in ("<script", "<b>", "12.5 s")] == [False, False, True]
    markdown = trend(capsys, "wall_s", "--format", "md")[1]
    assert all(text in markdown.replace("\N{NO-BREAK SPACE}", " ") for text in ("12.5 s", "```text"))
    rows = list(csv.DictReader(io.StringIO(trend(capsys, "wall_s", "--format", "csv")[1])))
    assert [(row["name"], row["value"], row["unit"]) for row in rows] == [
        ("'=1+1", "10.0", "s"),
        ("<b>bold</b>", "12.5", "s"),
    ]
    assert trend(capsys, "wall_s", "-o", str(tmp_path / "trend.html"))[0] == 0
    assert (tmp_path / "trend.html").read_text(encoding="utf-8") == html

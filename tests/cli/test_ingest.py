"""`perftui ingest`: sessions of what benchmark tools have measured, and how they are shown."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from perftui.cli import main
from perftui.storage.session_file import open_session, verify
from tests.formats.operations.results import GO, TEXTS, criterion_result


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PERFTUI_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("sys.stdin", None)  # pytest's own has no descriptor
    monkeypatch.chdir(tmp_path)
    for tool, text in TEXTS.items():
        (tmp_path / f"{tool}.result").write_bytes(text)
    return tmp_path / "home"


class Said:
    """What a command said, and how it ended."""

    def __init__(self, capsys: pytest.CaptureFixture[str], *words: str) -> None:
        self.code = main(list(words))
        captured = capsys.readouterr()
        self.out, self.err = captured.out, captured.err

    @property
    def document(self) -> Any:
        return json.loads(self.out)


def piped(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))


@pytest.mark.parametrize("tool", TEXTS)
def test_a_result_becomes_a_session_with_every_raw_value(tool: str, capsys: pytest.CaptureFixture[str]) -> None:
    made = Said(capsys, "ingest", f"{tool}.result", "--json").document
    saved = open_session(Path(made["path"]))
    assert [operation.key for operation in saved.operations] == [each["key"] for each in made["operations"]]
    assert saved.meta.environment["benchmark_tool"] == tool
    assert saved.meta.knows_times is False
    assert verify(saved.path) == []
    shown = Said(capsys, "show", made["id"], "--json").document
    assert [each["runs"] for each in shown["operations"]] == [
        [list(run) for run in operation.runs] for operation in saved.operations
    ]


def test_what_comes_through_a_pipe_is_ingested(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    piped(monkeypatch, GO)
    said = Said(capsys, "ingest", "go", "-", "--name", "nightly", "--tag", "ci")
    assert (said.code, said.out) == (0, "")
    assert "note: line 8: Broken failed" in said.err
    assert "ingested 7 operations as nightly" in said.err
    text = Said(capsys, "show", "nightly").out
    assert "sched.Sort[size=100]" in text
    assert "n/a (n=2)" in text
    assert "no Python samples" not in text
    listed = Said(capsys, "sessions", "list").out.splitlines()
    assert "operations" in listed[0]
    assert "7" in listed[1].split()


def test_criterion_is_found_where_it_usually_is(capsys: pytest.CaptureFixture[str]) -> None:
    for size in (100, 1000, 10_000):
        criterion_result(Path("target/criterion"), "g", "sort", str(size), times=[size, size], iters=[1, 1])
    criterion_result(Path("target/criterion"), "g", "sort", "1", times=[5.0], iters=[1], saved="main")
    assert Said(capsys, "ingest", "criterion").code == 0
    text = Said(capsys, "show").out
    assert "1.00 (95 % interval 1.00 to 1.00)" in text
    assert "about linear" in text
    assert Said(capsys, "ingest", "criterion", "--saved", "main").code == 0
    assert "g.sort[1]" in Said(capsys, "show", "main").out


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        ([], 2, "say what to ingest"),
        (["criterion"], 2, "say where criterion has left its result"),
        (["goo", "go.result"], 2, "there is no benchmark format 'goo'"),
        (["none.json"], 4, "there is no file none.json"),
        (["hyperfine", "go.result"], 2, "go.result: line 1, column 1: not JSON"),
        (["-"], 2, "the input is empty"),
        (["a", "b", "c"], 2, "say what to ingest"),
        ([""], 2, "say what to ingest"),
        (["go", ""], 2, "say what to ingest"),
        (["events.json"], 2, "events.json: holds events of `go test -json`"),
        (["a" * 300], 2, "cannot read aaa"),
        (["go.result", "bencher.result"], 2, "one result at a time"),
        (["go.result", "--saved", "main"], 2, "only criterion keeps results by names"),
    ],
)
def test_what_cannot_be_ingested_is_one_sentence_and_leaves_nothing(
    words: list[str], code: int, says: str, capsys: pytest.CaptureFixture[str], home: Path
) -> None:
    Path("events.json").write_text('{"Time":"2026-01-01T00:00:00Z","Action":"output","Output":"BenchmarkA-2\\n"}\n')
    said = Said(capsys, "ingest", *words)
    assert said.code == code
    assert says in said.err
    assert "Traceback" not in said.err
    assert not list(home.glob("sessions/*"))


def test_nothing_is_noted_of_a_machine_that_has_not_measured(capsys: pytest.CaptureFixture[str]) -> None:
    elsewhere = Said(capsys, "ingest", "bencher.result", "--elsewhere", "--json").document
    here = Said(capsys, "ingest", "bencher.result", "--json").document
    other_cpu = Said(capsys, "ingest", "go.result", "--json").document
    facts = [open_session(Path(made["path"])).meta.environment for made in (elsewhere, here, other_cpu)]
    assert set(facts[0]) == {"benchmark_tool"}
    assert "host" in facts[1]
    assert (facts[2].get("host"), facts[2]["cpu"]) == (None, "Example Processor")


def test_what_failed_is_told_without_what_acts_on_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    result = {"command": "x \x1b]0;evil\x07", "times": [1.0], "exit_codes": [3]}
    Path("h.json").write_text(json.dumps({"results": [result]}))
    assert Said(capsys, "ingest", "h.json", "--name", "hostile").code == 0
    text = Said(capsys, "show", "hostile").out
    assert "1 execution failed (exit code 3: 1)" in text
    assert not {"\x1b", "\x07"} & set(text)


def test_a_mark_of_byte_order_does_not_matter(capsys: pytest.CaptureFixture[str]) -> None:
    Path("bom.txt").write_bytes(b"\xef\xbb\xbf" + GO)
    plain, marked = (Said(capsys, "ingest", name, "--json").document for name in ("go.result", "bom.txt"))
    assert marked["operations"] == plain["operations"]


def test_passwords_on_a_command_line_are_blotted_out(capsys: pytest.CaptureFixture[str]) -> None:
    command = "curl --token hunter2 'http://u:pw@x/'"
    Path("h.json").write_text(json.dumps({"results": [{"command": command, "times": [1.0], "mean": 1.0}]}))
    made = Said(capsys, "ingest", "h.json", "--json").document
    assert made["operations"][0]["name"] == "curl --token *** http://***@x/"
    assert b"hunter2" not in Path(made["path"]).read_bytes()


def test_ingesting_needs_no_screen_and_no_profiler(capsys: pytest.CaptureFixture[str]) -> None:
    assert Said(capsys, "ingest", "--help").code == 0
    assert "perftui.cli.ingest" in sys.modules


@pytest.mark.parametrize("tool", ["hyperfine", "pytest-benchmark", "go"])
def test_who_takes_a_result_for_a_profile_is_told_the_right_verb(tool: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = Said(capsys, "import", f"{tool}.result")
    assert said.code == 6
    assert f"{tool}.result is what a benchmark tool has measured, not a profile" in said.err
    assert f"perftui ingest {tool}.result" in said.err


def test_results_of_two_tools_have_baselines_of_their_own(capsys: pytest.CaptureFixture[str]) -> None:
    made = [
        Said(capsys, "ingest", *words, "--json").document["path"]
        for words in (["go.result"], ["bencher.result"], ["go.result", "--workload", "nightly"])
    ]
    for path in made:
        assert Said(capsys, "baseline", "save", "main", path).code == 0
    assert [open_session(Path(path)).meta.baseline for path in made] == ["main"] * 3
    again = Said(capsys, "ingest", "go.result", "--json").document["path"]
    assert Said(capsys, "baseline", "save", "main", again).code == 0
    assert [open_session(Path(path)).meta.baseline for path in made] == ["", "main", "main"]

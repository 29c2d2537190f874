"""What `perftui baseline` says and does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from perftui.cli import main
from tests.storage.sessions import saved

OLD, NEW = "20260101-120000-aaa1", "20260102-120000-aaa2"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PERFTUI_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("sys.stdin", None)
    project = tmp_path / "project"
    project.mkdir()
    monkeypatch.chdir(project)
    for day, session_id in enumerate((OLD, NEW), start=1):
        facts = {"git_commit": "abcdef1234", "git_changes": "yes"}
        created = f"2026-01-0{day}T12:00:00+0000"
        saved(tmp_path / "home" / "sessions", session_id, name=f"run-{day}", created=created, environment=facts)
    return tmp_path / "home"


def perftui(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr."""
    code = main(list(words))
    said = capsys.readouterr()
    return code, said.out, said.err


def test_a_baseline_is_saved_listed_shown_exported_and_forgotten(capsys: pytest.CaptureFixture[str]) -> None:
    assert perftui(capsys, "baseline", "list")[1:2] == ("",)
    code, out, err = perftui(capsys, "baseline", "save", "main", "run-1", "commit:abcdef")
    assert (code, out) == (0, "")
    assert "baseline main: 2 runs of run-2" in err
    assert "changes that are not in that commit" in err
    assert "run-1" in perftui(capsys, "baseline", "save", "main")[2], "the former one is told"

    _, out, _ = perftui(capsys, "baseline", "list", "--json")
    (listed,) = json.loads(out)["baselines"]
    assert (listed["name"], listed["sessions"], listed["runs"]) == ("main", [NEW], 1)

    code, out, _ = perftui(capsys, "baseline", "show", "main")
    assert code == 0
    assert "baseline:main  (run-2, 1 run)" in out
    assert "cpu_percent" in out

    code, _, err = perftui(capsys, "baseline", "export", "main")
    written = Path("benchmarks/baselines/main.json")
    text = written.read_text(encoding="utf-8")
    assert (code, json.loads(text)["schema"]) == (0, "perftui.baseline/1")
    assert "written to benchmarks/baselines/main.json: 1 run" in err
    assert "unchanged" in perftui(capsys, "baseline", "export", "main")[2]
    assert perftui(capsys, "baseline", "export", "main", "-o", "-")[1] == text
    assert "replaced" in perftui(capsys, "baseline", "export", "@latest", "--name", "main", "--top", "1")[2]

    assert perftui(capsys, "show", str(written), "--json")[1].count("perftui.baseline/1") == 1

    assert perftui(capsys, "baseline", "rm", "main")[0] == 0
    code, _, err = perftui(capsys, "baseline", "rm", "main")
    assert code == 4
    assert "git rm benchmarks/baselines/main.json" in err
    assert "main.json" in perftui(capsys, "baseline", "list")[1]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("baseline", "show", "none"), 4, "perftui baseline save none @latest"),
        (("baseline", "rm", "@latest"), 4, "@latest is no baseline"),
        (("baseline", "save", "a\nb"), 2, "cannot be a name"),
        (("baseline", "export", "nothing"), 4, "there is no baseline 'nothing'"),
        (("open", "main.json"), 2, "holds figures, and no stacks"),
        (("export", "main.json", "-f", "collapsed"), 2, "holds figures, and no stacks"),
        (("compare", "main.json", "@latest"), 2, "holds figures, and no stacks"),
        (("baseline", "show", "broken.json"), 2, "broken.json:1: it is not JSON"),
    ],
)
def test_what_is_wrong_is_one_sentence_with_what_mends_it(
    words: tuple[str, ...], code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    perftui(capsys, "baseline", "export", "@latest", "-o", "main.json")
    Path("broken.json").write_text('{"schema": "perftui.baseline/1"')
    got, _, err = perftui(capsys, *words)
    assert got == code
    assert said in err
    assert "Traceback" not in err


def test_a_session_is_compared_with_a_baseline_by_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    perftui(capsys, "baseline", "save", "main", "run-1")
    code, out, _ = perftui(capsys, "compare", "@latest", "--baseline", "main", "--json")
    document = json.loads(out)
    assert (code, document["schema"]) == (0, "perftui.compare/2")
    assert document["baseline"]["id"] == OLD
    perftui(capsys, "baseline", "export", "main", "--name", "v1")
    code, out, _ = perftui(capsys, "compare", "@latest", "--baseline", "v1")
    assert code == 0
    assert "against benchmarks/baselines/v1.json: 1 run against 1 run" in out
    assert "wall time" in out
    code, out, _ = perftui(capsys, "compare", "run-2", "--baseline", "benchmarks/baselines/v1.json", "--json")
    assert json.loads(out)["runs"] == [1, 1]
    for words, said in (
        (("@latest", "--baseline", "v9"), "there is no baseline 'v9'"),
        (("@latest",), "name two sessions"),
        (("a", "b", "--baseline", "v1"), "one session is named"),
        (("@latest", "--baseline", "v1", "--format", "html"), "figures alone"),
    ):
        code, _, err = perftui(capsys, "compare", *words)
        assert code in (2, 4)
        assert said in err


def test_what_a_benchmark_tool_measured_is_held_against_what_it_measured_before(
    capsys: pytest.CaptureFixture[str],
) -> None:
    result = Path("bench.txt")
    result.write_text("test recall ... bench:       1,000 ns/iter (+/- 12)\n")
    code, _, err = perftui(capsys, "ingest", "bencher", str(result), "--save-baseline", "main")
    assert code == 0
    assert "baseline main: bench" in err
    result.write_text("test recall ... bench:       2,000 ns/iter (+/- 12)\n")
    code, out, _ = perftui(capsys, "ingest", "bencher", str(result), "--baseline", "main", "--json")
    held = json.loads(out)["held_against"]
    assert (held["baseline"], held["figures"][0]["name"]) == ("baseline:main", "recall")
    assert held["figures"][0]["change_pct"] == 100
    code, out, err = perftui(capsys, "ingest", "bencher", str(result), "--save-baseline", "main")
    assert "against baseline:main: 1 run against 1 run" in out
    assert "was that before" in err
    before = perftui(capsys, "sessions", "list")[1]
    assert perftui(capsys, "ingest", "bencher", str(result), "--baseline", "v9")[0] == 4
    assert perftui(capsys, "sessions", "list")[1] == before, "nothing was made that is held against nothing"
    listed = json.loads(perftui(capsys, "baseline", "list", "--json")[1])["baselines"]
    assert [each["runs"] for each in listed] == [1]


def test_two_results_are_compared_in_text_too(capsys: pytest.CaptureFixture[str]) -> None:
    for name, nanoseconds in (("before", "1.2"), ("after", "2.4")):
        line = f"BenchmarkFill-2   1000   {nanoseconds} ns/op\n"
        Path(f"{name}.txt").write_text(line * 6)
        assert perftui(capsys, "ingest", f"{name}.txt")[0] == 0
    code, out, _ = perftui(capsys, "compare", "before", "after")
    assert code == 0
    assert "against before: 1 run against 1 run" in out
    assert "1.20 ns" in out
    assert "slower, within these runs" in out
    code, out, _ = perftui(capsys, "compare", "before", "after", "--json")
    assert (code, json.loads(out)["figures"][0]["change_pct"]) == (0, 100)
    code, _, err = perftui(capsys, "compare", "before", "after", "--format", "html")
    assert code == 2
    assert "perftui check after --baseline before" in err


def test_a_session_that_takes_another_name_of_a_baseline_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert "note:" not in perftui(capsys, "baseline", "save", "main", "run-1")[2]
    _, _, err = perftui(capsys, "baseline", "save", "v1", "run-1")
    assert "what was baseline main is v1 now" in err
    code, _, err = perftui(capsys, "baseline", "save", "v1.json", "run-1")
    assert code == 2
    assert "would be taken for a file" in err


def test_a_poor_baseline_is_saved_and_said_to_be_one(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    saved(home / "sessions", "20260103-120000-aaa3", name="failed", created="2026-01-03T12:00:00+0000", exit_code=3)
    saved(home / "sessions", "20260104-120000-aaa4", name="other", created="2026-01-04T12:00:00+0000", cwd="/elsewhere")
    assert (
        "the workload of failed (20260103-120000-aaa3) failed: exit code 3"
        in perftui(capsys, "baseline", "save", "main", "failed")[2]
    )
    perftui(capsys, "baseline", "save", "main", "other")
    out = perftui(capsys, "baseline", "list")[1]
    assert "elsewhere" in out, "which project, where there are several"

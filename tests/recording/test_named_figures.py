"""What a person names as a side: marked sessions, the project's committed file, a session, in this order."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from perftui.errors import ConfigError, ExitCode, NoDataError, PerftuiError, UsageError
from perftui.formats.baseline_json import write_baseline
from perftui.formats.baseline_reader import parse_baseline
from perftui.recording.named_figures import (
    baseline_file,
    baseline_of,
    committed_baselines,
    committed_file,
    figures_of_baseline,
    figures_of_refs,
)
from perftui.recording.run_figures import figures_of_sessions
from perftui.storage.catalogue import Catalogue
from tests.formats.baselines import FIGURES
from tests.recording.test_side_runs import runs


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    found = Catalogue(tmp_path / "sessions")
    for path in runs(tmp_path / "sessions", 2, command=("python", "bench.py")):
        path.rename(found.directory / f"{path.parent.name}.perftui")
    return found


def commit(project: Path, name: str, runs_of: int = 2) -> Path:
    path = committed_file(name, project)
    path.parent.mkdir(parents=True, exist_ok=True)
    figures = replace(FIGURES, name=name)
    path.write_text(write_baseline(figures), encoding="utf-8")
    return path


def test_marked_sessions_come_before_the_committed_file_and_that_before_a_session(
    project: Path, catalogue: Catalogue
) -> None:
    session = str(catalogue.list()[0].path)
    with pytest.raises(NoDataError, match="there is no baseline 'nightly'") as told:
        figures_of_baseline(catalogue, "nightly")
    assert "perftui baseline save nightly @latest" in told.value.hint
    assert told.value.exit_code is ExitCode.NO_DATA
    commit(project, "feature/x")
    assert figures_of_baseline(catalogue, "feature/x").ref == "benchmarks/baselines/feature-x.json"
    assert figures_of_baseline(catalogue, "baseline:feature/x").operations == FIGURES.operations
    catalogue.save_baseline([session], "feature/x")
    assert figures_of_baseline(catalogue, "feature/x").ref == "baseline:feature/x"
    catalogue.rename(session, "by-name")
    assert figures_of_baseline(catalogue, "by-name").ref == "by-name"
    assert figures_of_baseline(catalogue, session).runs == 1


def test_a_file_is_a_whole_side(project: Path, catalogue: Catalogue) -> None:
    path = commit(project, "main")
    assert figures_of_refs(catalogue, [str(path)]) == replace(FIGURES, ref=str(path), name="main")
    with pytest.raises(UsageError, match="holds all runs"):
        figures_of_refs(catalogue, [str(path), "@latest"])
    with pytest.raises(NoDataError, match=r"cannot read none\.json"):
        figures_of_refs(catalogue, ["none.json"])


@pytest.mark.parametrize("ref", ["~\0x.json", "x\0.json", "/", "..", "", "commit:\0", "baseline:", "~nobody/x.json"])
def test_whatever_is_named_is_a_side_or_one_sentence(project: Path, catalogue: Catalogue, ref: str) -> None:
    for find in (figures_of_baseline, lambda where, what: figures_of_refs(where, [what])):
        with pytest.raises(PerftuiError) as told:
            find(catalogue, ref)
        assert "\n" not in str(told.value)


def test_a_json_file_of_another_tool_is_no_baseline(project: Path) -> None:
    (project / "speedscope.json").write_text('{"$schema": "https://www.speedscope.app/file-format-schema.json"}')
    assert baseline_file("speedscope.json") is None
    assert baseline_file("commit:x.json") is None


@pytest.mark.parametrize(
    "spoilt",
    [lambda text: f"<<<<<<< HEAD\n{text}=======\n{text}>>>>>>> other\n", lambda text: text[:400]],
    ids=["with both sides of a merge", "cut off"],
)
def test_a_baseline_that_is_damaged_is_told_to_be_one(
    project: Path, catalogue: Catalogue, spoilt: Callable[[str], str]
) -> None:
    path = commit(project, "main")
    path.write_text(spoilt(path.read_text()))
    assert baseline_file(str(path)) == path
    with pytest.raises(ConfigError, match="it is not JSON"):
        figures_of_baseline(catalogue, str(path))


def test_a_pipe_where_a_baseline_should_be_is_never_waited_for(project: Path, catalogue: Catalogue) -> None:
    path = committed_file("main", project)
    path.parent.mkdir(parents=True, exist_ok=True)
    os.mkfifo(path)
    ((_, trouble),) = committed_baselines(project)
    assert "that is no file" in str(trouble)
    with pytest.raises(NoDataError, match="that is no file"):
        figures_of_baseline(catalogue, str(path))


def test_several_sessions_are_the_runs_of_a_side_and_a_file_of_them_says_the_same(
    project: Path, catalogue: Catalogue
) -> None:
    paths = [str(entry.path) for entry in catalogue.list()]
    figures, name = baseline_of(catalogue, paths)
    assert (figures.runs, name) == (2, "run")
    catalogue.save_baseline(paths, "v1.1.5")
    figures, name = baseline_of(catalogue, ["v1.1.5"])
    assert name == "v1.1.5"
    text = write_baseline(figures)
    read = parse_baseline(text.encode(), Path("x.json"), ref=figures.ref)
    # Twelve digits are kept; everything else is as it was.
    assert write_baseline(read) == text
    assert (read.environment, read.samples, read.runs) == (figures.environment, figures.samples, figures.runs)
    assert [row.samples for row in read.functions] == [row.samples for row in figures.functions]
    again = figures_of_sessions([Path(path) for path in paths], "v1.1.5")
    turned = figures_of_sessions([Path(path) for path in paths[::-1]], "v1.1.5")
    assert turned == again
    assert write_baseline(replace(again, name=figures.name)) == text, "in whatever order they were named"


def test_committed_files_that_cannot_be_read_are_listed_with_their_trouble(project: Path) -> None:
    commit(project, "main")
    committed_file("odd", project).write_text("{")
    (_, good), (_, bad) = committed_baselines(project)
    assert not isinstance(good, Exception)
    assert isinstance(bad, ConfigError)

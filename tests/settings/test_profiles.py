"""Workload profiles: which one a name means, and what it says."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from perftui.errors import ConfigError
from perftui.model.workload import BenchmarkResult, MemoryOptions, RecordMode, Retention, SamplingMode, SamplingOptions
from perftui.settings.directories import BUNDLED, find_budget
from perftui.settings.profiles import WorkloadProfile, find_profile, list_entries, list_profiles, similar_profile
from perftui.settings.spec import Settings

ROOT = Path(__file__).parents[2]


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def profile(tmp_path: Path, text: str) -> WorkloadProfile:
    """What a profile in a project says."""
    write(tmp_path / "pyproject.toml", "")
    write(tmp_path / "profiles" / "it.toml", text)
    found = find_profile("it", start=tmp_path)
    assert found is not None
    return found


COMMAND = '[workload]\ncommand = ["true"]\n'


def test_a_profile_says_how_to_launch_and_how_to_observe(tmp_path: Path) -> None:
    write(tmp_path / "budgets" / "web.toml", "")
    write(tmp_path / "requests.txt", "")
    (tmp_path / "src").mkdir()
    found = profile(
        tmp_path,
        """
        name = "service"
        tags = ["a", "b"]
        budget = "web.toml"
        description = "what it is"
        [workload]
        command = ["{python}", "-m", "app", "--path={python}"]
        cwd = "src"
        env = { A = "1", B = "" }
        stdin = "requests.txt"
        terminal = true
        [sampling]
        rate_hz = 250
        window_s = 1.5
        mode = "nonblocking"
        follow_children = false
        overhead_percent = 3
        native = true
        [run]
        duration = "1m30s"
        repeat = 3
        keep_target = true
        ingest = "pytest-benchmark:out/bench.json"
        """,
    )
    assert (found.name, found.tags, found.description) == ("service", ("a", "b"), "what it is")
    assert found.budget == tmp_path / "budgets" / "web.toml"
    assert found.workload.argv == (sys.executable, "-m", "app", f"--path={sys.executable}")
    assert (found.workload.cwd, dict(found.workload.env)) == (tmp_path / "src", {"A": "1", "B": ""})
    assert (found.stdin, found.terminal) == (tmp_path / "requests.txt", True)
    assert found.sampling == SamplingOptions(250, 1.5, SamplingMode.NONBLOCKING, False, 3.0, True)
    assert (found.duration_s, found.repeat, found.keep_target) == (90.0, 3, True)
    assert found.ingest == BenchmarkResult("pytest-benchmark", "out/bench.json")


def test_a_profile_needs_nothing_but_a_command(tmp_path: Path) -> None:
    found = profile(tmp_path, COMMAND)
    assert (found.name, found.path) == ("it", tmp_path / "profiles" / "it.toml")
    assert (found.workload.argv, found.workload.cwd) == (("true",), tmp_path)
    assert found.sampling == SamplingOptions()
    assert (found.duration_s, found.repeat, found.keep_target, found.budget, found.stdin) == (
        None,
        1,
        False,
        None,
        None,
    )


def test_a_command_in_one_string_is_split_like_in_a_shell(tmp_path: Path) -> None:
    found = profile(tmp_path, "[workload]\ncommand = \"python -c 'print(1, 2)' \\\"a b\\\"\"\ndescription = 'd'")
    assert found.workload.argv == ("python", "-c", "print(1, 2)", "a b")
    assert found.description == "d"


def test_what_a_profile_does_not_say_is_left_to_the_settings(tmp_path: Path) -> None:
    write(tmp_path / "profiles" / "it.toml", COMMAND + "[sampling]\nrate_hz = 7\n")
    usual = SamplingOptions(rate_hz=50, window_s=2.0, mode=SamplingMode.BLOCKING)
    found = find_profile("it", start=tmp_path, settings=Settings(sampling=usual))
    assert found is not None
    assert found.sampling == SamplingOptions(rate_hz=7, window_s=2.0, mode=SamplingMode.BLOCKING)


MEMORY = """
[memory]
native = true
pymalloc = true
children = true
capture = "drop"
"""


def test_a_profile_says_what_is_traced_of_memory(tmp_path: Path) -> None:
    found = profile(tmp_path, f'mode = "both"\n{COMMAND}{MEMORY}')
    assert (found.mode, found.two_pass) == (RecordMode.BOTH, False)
    assert found.memory == MemoryOptions(native=True, pymalloc=True, children=True, retention=Retention.DROP)
    plain = profile(tmp_path, COMMAND)
    assert (plain.mode, plain.two_pass, plain.memory) == (RecordMode.CPU, False, MemoryOptions())


def test_two_passes_record_cpu_and_memory(tmp_path: Path) -> None:
    found = profile(tmp_path, f"two_pass = true\n{COMMAND}")
    assert (found.mode, found.two_pass) == (RecordMode.BOTH, True)


def test_what_a_profile_does_not_say_of_memory_is_left_to_the_settings(tmp_path: Path) -> None:
    write(tmp_path / "profiles" / "it.toml", COMMAND + "[memory]\nnative = false\n")
    usual = Settings(mode=RecordMode.MEMORY, memory=MemoryOptions(native=True, children=True))
    found = find_profile("it", start=tmp_path, settings=usual)
    assert found is not None
    assert (found.mode, found.memory) == (RecordMode.MEMORY, MemoryOptions(native=False, children=True))


def test_the_nearest_profile_of_a_name_is_meant(tmp_path: Path) -> None:
    home = {"PERFTUI_HOME": str(tmp_path / "home")}
    project, inner = tmp_path / "project", tmp_path / "project" / "a" / "b"
    inner.mkdir(parents=True)
    write(project / "pyproject.toml", "")
    # Above the project's root nothing is looked at.
    write(tmp_path / "profiles" / "demo.toml", "broken")

    def meant() -> Path:
        found = find_profile("demo", start=inner, environ=home)
        assert found is not None
        return found.path

    assert meant() == BUNDLED / "profiles" / "demo.toml"
    for directory in (tmp_path / "home", project, inner.parent, inner):
        path = write(directory / "profiles" / "demo.toml", COMMAND)
        assert meant() == path


def test_without_a_project_only_the_directory_itself_is_looked_at(tmp_path: Path) -> None:
    write(tmp_path / "profiles" / "it.toml", COMMAND)
    (tmp_path / "inner").mkdir()
    assert find_profile("it", start=tmp_path / "inner") is None
    assert find_profile("it", start=tmp_path) is not None


def test_a_profile_can_be_named_by_its_path(tmp_path: Path) -> None:
    path = write(tmp_path / "elsewhere" / "x.toml", COMMAND)
    by_path = find_profile("elsewhere/x.toml", start=tmp_path)
    assert by_path is not None
    assert (by_path.path, by_path.workload.cwd) == (path, path.parent)
    with pytest.raises(ConfigError, match="no such file"):
        find_profile("elsewhere/y.toml", start=tmp_path)


@pytest.mark.parametrize("name", ["nosuch", "", ".", "..", "../it", "a/b", "app.py", "x" * 5_000, "n\0l", "~", "-c"])
def test_what_is_no_profile_is_none(name: str, tmp_path: Path) -> None:
    assert find_profile(name, start=tmp_path) is None


def test_a_slip_in_a_name_is_recognised(tmp_path: Path) -> None:
    assert similar_profile("dmeo", start=tmp_path) == "demo"
    assert similar_profile("something_else", start=tmp_path) == ""


def test_a_broken_profile_is_listed_and_hides_no_other(tmp_path: Path) -> None:
    home = {"PERFTUI_HOME": str(tmp_path / "home")}
    write(tmp_path / "profiles" / "broken.toml", "[workload]\ncommand = 3")
    write(tmp_path / "profiles" / "fine.toml", COMMAND)
    write(tmp_path / "home" / "profiles" / "mine.toml", COMMAND)
    entries = {entry.name: entry for entry in list_entries(start=tmp_path, environ=home)}
    assert [entry.origin for entry in entries.values()] == ["project", "project", "user", "bundled"]
    assert list(entries) == ["broken", "fine", "mine", "demo"]
    assert entries["broken"].profile is None
    assert "must be a list of strings" in entries["broken"].error
    assert [found.name for found in list_profiles(start=tmp_path, environ=home)] == ["fine", "mine", "demo"]


def test_a_list_of_profiles_knows_what_holds_where_they_say_nothing(tmp_path: Path) -> None:
    write(tmp_path / "profiles" / "mine.toml", COMMAND)
    settings = Settings(mode=RecordMode.MEMORY, memory=MemoryOptions(pymalloc=True))
    mine = next(entry.profile for entry in list_entries(start=tmp_path, settings=settings) if entry.name == "mine")
    assert mine is not None
    assert (mine.mode, mine.memory) == (settings.mode, settings.memory)


def test_a_profile_of_the_user_runs_where_the_user_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERFTUI_HOME", str(tmp_path / "home"))
    write(tmp_path / "home" / "profiles" / "mine.toml", COMMAND)
    monkeypatch.chdir(tmp_path)
    for name in ("mine", "demo"):
        found = find_profile(name)
        assert found is not None
        assert found.workload.cwd == tmp_path


def test_a_budget_named_like_its_profile_is_not_the_profile_itself(tmp_path: Path) -> None:
    budget = write(tmp_path / "budgets" / "it.toml", "")
    found = profile(tmp_path, f'budget = "it.toml"\n{COMMAND}')
    assert found.budget == budget


def test_a_budget_with_a_slash_is_a_path_from_the_file_or_the_project(tmp_path: Path) -> None:
    beside = write(tmp_path / "profiles" / "own" / "b.toml", "")
    above = write(tmp_path / "limits" / "b.toml", "")
    assert profile(tmp_path, f'budget = "own/b.toml"\n{COMMAND}').budget == beside
    assert profile(tmp_path, f'budget = "limits/b.toml"\n{COMMAND}').budget == above


def test_a_budget_is_found_by_name_or_by_path(tmp_path: Path) -> None:
    path = write(tmp_path / "budgets" / "web.toml", "")
    other = write(tmp_path / "my.toml", "")
    assert find_budget("web", start=tmp_path) == find_budget("web.toml", start=tmp_path) == path
    assert find_budget("my.toml", start=tmp_path) == find_budget(str(other), start=tmp_path) == other
    assert find_budget("demo", start=tmp_path) == BUNDLED / "budgets" / "demo.toml"
    for name in ("nosuch", "", "budgets", "../budgets/web", "x" * 5_000, "nul\0"):
        assert find_budget(name, start=tmp_path) is None


BAD = [
    ("", 0, "command", "there is no command", "{python}"),
    ("[workload]\ndescription = 'x'", 1, "workload.command", "there is no command", "{python}"),
    ("[workload]\ncommand = []", 2, "workload.command", "the command is empty", ""),
    ("[workload]\ncommand = ''", 2, "workload.command", "the command is empty", ""),
    ("[workload]\ncommand = ['']", 2, "workload.command", "the command is empty", ""),
    ("[workload]\ncommand = 3", 2, "workload.command", "must be a list of strings, not a number", ""),
    ("[workload]\ncommand = ['a', 3]", 2, "workload.command", "must hold strings only", ""),
    ('[workload]\ncommand = ["a\\u0000"]', 2, "workload.command", "must hold strings only", ""),
    ('[workload]\ncommand = "a \'b"', 2, "workload.command", "no closing quotation", "quotes"),
    ("[workload]\ncomand = ['a']", 1, "workload.command", "there is no command", ""),
    (f"{COMMAND}argv = ['a']", 3, "workload.argv", 'unknown key "argv"', ""),
    (f"{COMMAND}cwd = 'nowhere'", 3, "workload.cwd", "no directory", "relative"),
    (f"{COMMAND}cwd = 3", 3, "workload.cwd", "must be a string", ""),
    (f"{COMMAND}env = 3", 3, "workload.env", "must be a table", ""),
    (f"{COMMAND}env = {{ A = 1 }}", 3, "workload.env.A", "must be a string", "quotes"),
    (f"{COMMAND}[workload.env]\n'A=B' = ''", 4, "workload.env", "no name of an environment variable", ""),
    (f"{COMMAND}stdin = 'nothing.txt'", 3, "workload.stdin", "no file", ""),
    (f"{COMMAND}terminal = 'yes'", 3, "workload.terminal", "true or false", ""),
    (f"{COMMAND}[sampling]\nrate_hz = 0", 4, "sampling.rate_hz", "greater than zero", ""),
    (f"{COMMAND}[sampling]\nrate_hz = 99.5", 4, "sampling.rate_hz", "whole number", ""),
    (f"{COMMAND}[sampling]\nrate_hz = 100000", 4, "sampling.rate_hz", "at most 1000", ""),
    (f"{COMMAND}[sampling]\nrate_hz = true", 4, "sampling.rate_hz", "must be a number", ""),
    (f"{COMMAND}[sampling]\nrate = 5", 4, "sampling.rate", "unknown key", '"rate_hz"'),
    (f"{COMMAND}[sampling]\nmode = 'blockin'", 4, "sampling.mode", "none of", '"blocking"'),
    (f"{COMMAND}[sampling]\nwindow_ms = 5", 4, "sampling.window_ms", "at least 100 ms", ""),
    (f"{COMMAND}[sampling]\noverhead_percent = nan", 4, "sampling.overhead_percent", "finite", ""),
    (f"mode = 'heap'\n{COMMAND}", 1, "mode", "none of", ""),
    (f"mode = 'memry'\n{COMMAND}", 1, "mode", "none of", '"memory"'),
    (f"mode = 'both'\ntwo_pass = true\n{COMMAND}", 2, "two_pass", "no mode to choose", ""),
    (f"two_pass = true\n{COMMAND}[run]\nkeep_target = true", 5, "run.keep_target", "cannot be left running", ""),
    (f"{COMMAND}[memory]\ncapture = 'kept'", 4, "memory.capture", "none of", '"keep"'),
    (f"{COMMAND}[memory]\npymaloc = true", 4, "memory.pymaloc", "unknown key", '"pymalloc"'),
    (f"{COMMAND}[memory]\nnative = 1", 4, "memory.native", "true or false", ""),
    (f"{COMMAND}[run]\nduration = -1", 4, "run.duration", "must not be negative", ""),
    (f"{COMMAND}[run]\nduration = 'soon'", 4, "run.duration", "not a quantity", '"5ms"'),
    (f"{COMMAND}[run]\nrepeat = 0", 4, "run.repeat", "greater than zero", ""),
    (f"{COMMAND}[run]\nkeep_target = 1", 4, "run.keep_target", "true or false", ""),
    (f"{COMMAND}[run]\ningest = 'criterio'", 4, "run.ingest", "no benchmark tool called", "did you mean criterion?"),
    (f"{COMMAND}[run]\ningest = 'pyperf'", 4, "run.ingest", "where it is told to", "pyperf:result.json"),
    (f"{COMMAND}[run]\ningest = ''", 4, "run.ingest", "no benchmark tool called", "known are"),
    (f"budget = 'nosuch.toml'\n{COMMAND}", 1, "budget", "there is no budget", "budgets/"),
    (f"budget = 3\n{COMMAND}", 1, "budget", "must be a string", ""),
    (f"tags = 'one'\n{COMMAND}", 1, "tags", "must be a list of strings", ""),
    (f"nmae = 'x'\n{COMMAND}", 1, "nmae", "unknown key", '"name"'),
    ("workload = 3", 1, "workload", "must be a table", "[workload]"),
    ("[workload]\ncommand = [", 2, "", "not valid TOML", ""),
]


@pytest.mark.parametrize(("text", "line", "place", "message", "hint"), BAD, ids=range(len(BAD)))
def test_a_broken_profile_says_what_is_wrong_and_where(
    text: str, line: int, place: str, message: str, hint: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError) as caught:
        profile(tmp_path, text)
    error = caught.value
    assert error.place.line == (line or None)
    assert place in str(error.place)
    assert message in error.message
    assert hint in error.hint


def test_every_profile_that_is_shipped_is_right_and_has_its_budget() -> None:
    entries = [entry for entry in list_entries(start=ROOT) if entry.origin == "project"]
    assert {"demo", "script", "web", "batch", "numeric", "pytest"} <= {entry.name for entry in entries}
    for entry in entries:
        assert entry.error == ""
        assert entry.profile is not None
        assert entry.profile.description
        assert entry.profile.budget == ROOT / "budgets" / f"{entry.name}.toml"
        assert entry.profile.workload.cwd == ROOT
        script = entry.profile.workload.argv[1]
        assert script == "-m" or (ROOT / script).is_file()

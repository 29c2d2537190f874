"""A command is led into the tree of another commit without becoming another command."""

from __future__ import annotations

from pathlib import Path

import pytest

from perftui.errors import UsageError
from perftui.model.workload import Workload
from perftui.recording.other_tree import (
    Trees,
    current_code,
    in_other_tree,
    runs_own_files,
    split_command,
    with_path_first,
    workload_of,
)


@pytest.fixture
def trees(tmp_path: Path) -> Trees:
    """A checkout with an environment, a script of today and data that git does not keep; both have src/app.py."""
    found = Trees(tmp_path / "project", tmp_path / "elsewhere" / "tree", "v1")
    for top in (found.top, found.tree):
        (top / "src").mkdir(parents=True)
        (top / "src" / "app.py").touch()
    (found.top / ".venv" / "bin").mkdir(parents=True)
    (found.top / ".venv" / "bin" / "python").touch()
    (found.top / "today.py").write_text("print()")
    (found.top / "data.json").write_text("{}")
    (found.top / "only_here").mkdir()
    return found


def led(trees: Trees, *argv: str, cwd: str = "", env: dict[str, str] | None = None) -> tuple[Workload, tuple[str, ...]]:
    return in_other_tree(Workload(argv, trees.top / cwd, env or {}), trees)


def test_the_directory_and_absolute_paths_lead_into_the_other_tree(trees: Trees) -> None:
    workload, remarks = led(trees, "python", str(trees.top / "src" / "app.py"), "app.py", "-m", "app", cwd="src")
    assert workload.cwd == trees.tree / "src"
    assert workload.argv == ("python", str(trees.tree / "src" / "app.py"), "app.py", "-m", "app")
    assert remarks == ()


def test_the_interpreter_stays_the_same_also_where_it_lies_in_the_checkout(trees: Trees) -> None:
    here = str(trees.top / ".venv" / "bin" / "python")
    assert led(trees, ".venv/bin/python", "x")[0].argv[0] == here
    assert led(trees, here)[0].argv[0] == here
    assert led(trees, "../.venv/bin/python", cwd="src")[0].argv[0] == here
    assert led(trees, "/usr/bin/python3")[0].argv[0] == "/usr/bin/python3"


def test_what_the_other_commit_does_not_have_is_brought_there_and_that_is_said(trees: Trees) -> None:
    workload, remarks = led(trees, "python", "today.py", f"--data={trees.top / 'data.json'}")
    assert workload.argv == ("python", "today.py", f"--data={trees.tree / 'data.json'}")
    assert [remark.partition(":")[0] for remark in remarks] == ["v1 has no today.py", "v1 has no data.json"]
    copied = trees.tree / "today.py"
    assert copied.read_text() == "print()"
    assert not copied.is_symlink(), "Python looks for modules where a link leads"
    assert (trees.tree / "data.json").read_text() == "{}"


def test_a_checkout_that_is_reached_by_a_link_is_the_same(trees: Trees, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(trees.top)
    workload, _ = led(trees, "python", str(link / "src" / "app.py"), env={"PYTHONPATH": str(link / "src")})
    assert workload.argv[1] == str(trees.tree / "src" / "app.py")
    assert workload.env == {"PYTHONPATH": str(trees.tree / "src")}
    assert current_code([str(link / "src" / "app.py")], trees) == ["src/app.py"]


def test_words_that_are_no_files_of_the_checkout_stay_as_they_are(trees: Trees) -> None:
    words = ("-k", "test_a or test_b", "tests/test_x.py::test_y", "/etc/hosts", "", "--level=3", "a" * 5000)
    assert led(trees, "pytest", *words)[0].argv[1:] == words


def test_a_directory_that_the_other_commit_does_not_have_is_refused(trees: Trees) -> None:
    with pytest.raises(UsageError, match="v1 has no directory only_here"):
        led(trees, "python", cwd="only_here")


def test_paths_of_imports_into_the_checkout_lead_into_the_other_tree(trees: Trees) -> None:
    workload, _ = led(trees, "python", env={"PYTHONPATH": f"{trees.top / 'src'}:/opt/lib:src", "LEVEL": "1"})
    assert workload.env == {"PYTHONPATH": f"{trees.tree / 'src'}:/opt/lib:src", "LEVEL": "1"}
    first = with_path_first(workload, [trees.tree, trees.tree / "src"])
    assert first.env["PYTHONPATH"] == f"{trees.tree}:{trees.tree / 'src'}:/opt/lib:src"


def test_files_that_ran_from_the_checkout_although_the_other_tree_has_them_are_found(trees: Trees) -> None:
    good = [str(trees.tree / "src" / "app.py"), "/usr/lib/python3.11/json.py", "<string>", str(trees.top / "today.py")]
    assert current_code(good, trees) == []
    inside = str(trees.top / ".venv" / "lib" / "site-packages" / "src" / "app.py")
    wrong = [str(trees.top / "src" / ".." / "src" / "app.py"), str(trees.top / "src" / "app.py"), inside]
    assert current_code(good + wrong, trees) == ["src/app.py"]
    assert runs_own_files(good, trees.tree)
    assert not runs_own_files([inside], trees.top)


@pytest.mark.parametrize(
    ("text", "argv", "env"),
    [
        ("python old.py 'a b'", ("python", "old.py", "a b"), {}),
        ("LEVEL=1 OTHER='x y' python old.py A=1", ("python", "old.py", "A=1"), {"LEVEL": "1", "OTHER": "x y"}),
    ],
)
def test_a_command_in_one_word_is_split_as_a_shell_does(text: str, argv: tuple[str, ...], env: dict[str, str]) -> None:
    workload = workload_of(split_command(text))
    assert (workload.argv, workload.env) == (argv, env)


@pytest.mark.parametrize("text", ["python 'old.py", "", "  ", "LEVEL=1"])
def test_a_command_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--baseline-cmd"):
        split_command(text)

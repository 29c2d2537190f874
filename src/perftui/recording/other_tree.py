"""A workload in the tree of another commit: its directory, arguments and paths of imports led there."""

from __future__ import annotations

import os
import re
import shlex
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from perftui.errors import UsageError
from perftui.model.workload import Workload
from perftui.text import printable

_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(.*)", re.DOTALL)
_ENVIRONMENTS = ("site-packages", "dist-packages")
_PATH = "PYTHONPATH"


@dataclass(frozen=True, slots=True)
class Trees:
    """A checkout, and the tree of another commit of its repository."""

    top: Path
    """The checkout as it is, changes and all."""
    tree: Path
    """The other commit, outside of it."""
    ref: str
    """What the other commit was called."""

    def holds(self, path: Path) -> bool:
        """Say whether a path lies in the checkout, and not in the other tree."""
        return path.is_relative_to(self.top) and not path.is_relative_to(self.tree)

    def other(self, path: Path) -> Path:
        """Return what a path of the checkout is in the other tree."""
        return self.tree / path.relative_to(self.top)


def workload_of(words: Iterable[str], cwd: Path | None = None, env: Mapping[str, str] | None = None) -> Workload:
    """Return the workload of words, of which assignments may come first as in a shell: `LEVEL=1 python app.py`."""
    argv, variables = list(words), dict(env or {})
    while argv and (found := _ASSIGNMENT.fullmatch(argv[0])) is not None:
        variables[found[1]] = found[2]
        del argv[0]
    return Workload(tuple(argv), cwd, variables)


def split_command(text: str) -> list[str]:
    """Return the words of a command; raises `UsageError` where they cannot be told or there are none."""
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise UsageError(
            f"--baseline-cmd cannot be split into words: {str(error).lower()}", hint="close the quotes"
        ) from None
    if not workload_of(words).argv:
        raise UsageError("--baseline-cmd is empty", hint='--baseline-cmd "python old.py"')
    return words


def in_other_tree(workload: Workload, trees: Trees) -> tuple[Workload, tuple[str, ...]]:
    """Return a workload as it runs in the other tree, and what was done for that, one sentence each.

    The program stays the same one. Files that the command names and the other commit does not have are put there: a
    script beside which Python looks for modules must lie in the tree that is meant.

    Raises:
        UsageError: The directory that it runs in is not there.
    """
    cwd = (workload.cwd or Path.cwd()).resolve()
    there = trees.other(cwd)
    if not there.is_dir():
        raise UsageError(
            f"{printable(trees.ref)} has no directory {printable(str(cwd.relative_to(trees.top)))}",
            hint="run from a directory that both have",
        )
    program, *arguments = workload.argv
    remarks: list[str] = []
    argv = (_program(program, cwd, trees), *(_argument(word, cwd, trees, remarks) for word in arguments))
    return replace(workload, argv=argv, cwd=there, env=_led_there(workload.env, trees)), tuple(remarks)


def with_path_first(workload: Workload, directories: Iterable[Path]) -> Workload:
    """Return a workload that looks for modules in these directories before anywhere else."""
    before = workload.env.get(_PATH, os.environ.get(_PATH, ""))
    entries = [*map(str, directories), *filter(None, before.split(os.pathsep))]
    return replace(workload, env={**workload.env, _PATH: os.pathsep.join(dict.fromkeys(entries))})


def current_code(files: Iterable[str], trees: Trees) -> list[str]:
    """Return those files of frames that are the checkout's although the other tree has its own, without repetition."""
    elsewhere = (path for path in _own_files(files) if not path.is_relative_to(trees.tree))
    here = {path for path in map(_placed, elsewhere) if trees.holds(path) and trees.other(path).is_file()}
    return sorted(str(path.relative_to(trees.top)) for path in here if not trees.other(path).samefile(path))


def runs_own_files(files: Iterable[str], directory: Path) -> bool:
    """Say whether any file of frames lies in a directory, environments inside it aside."""
    return any(_placed(path).is_relative_to(directory) for path in _own_files(files))


def _own_files(files: Iterable[str]) -> Iterator[Path]:
    for file in files:
        # Modules that are found by a path with `..` in it say so.
        path = Path(os.path.normpath(file))
        if path.is_absolute() and not any(part in _ENVIRONMENTS for part in path.parts):
            yield path


def _placed(path: Path) -> Path:
    """Return a path by directories that are none but their own; the file itself may be a link and stays one.

    A virtual environment is known by the link that its interpreter is.
    """
    return Path(os.path.realpath(path.parent)) / path.name


def _program(program: str, cwd: Path, trees: Trees) -> str:
    """Return the program: the other tree's where it has one, else the same file; what is found by PATH stays."""
    if "/" not in program:
        return program
    here = _placed(Path(os.path.normpath(cwd / program)))
    if not trees.holds(here):
        return str(here)
    there = trees.other(here)
    return str(there if there.exists() else here)


def _argument(word: str, cwd: Path, trees: Trees, remarks: list[str]) -> str:
    """Return an argument; one that names a file of the checkout names the other tree's, which gets it if need be."""
    option, equals, value = word.partition("=") if word.startswith("-") else ("", "", word)
    if not value:
        return word
    here = _placed(Path(os.path.normpath(cwd / value)))
    if not trees.holds(here) or here == trees.top or not _exists(here):
        return word
    there = trees.other(here)
    if not there.exists() and not there.is_symlink():
        _bring(here, there)
        remarks.append(f"{trees.ref} has no {here.relative_to(trees.top)}: the base runs with the one that is here")
    return f"{option}{equals}{there}" if Path(value).is_absolute() else word


def _bring(here: Path, there: Path) -> None:
    there.parent.mkdir(parents=True, exist_ok=True)
    if here.suffix == ".py":
        # A link would be followed, and modules be looked for where it leads.
        shutil.copy2(here, there)
    else:
        there.symlink_to(here)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def _led_there(env: Mapping[str, str], trees: Trees) -> dict[str, str]:
    """Return variables whose paths of imports into the checkout lead into the other tree."""
    path = env.get(_PATH, os.environ.get(_PATH))
    if not path:
        return dict(env)
    return {**env, _PATH: os.pathsep.join(_led(entry, trees) for entry in path.split(os.pathsep))}


def _led(entry: str, trees: Trees) -> str:
    """Return where a path of imports leads in the other tree; one that is relative leads there by itself."""
    here = _placed(Path(entry))
    return str(trees.other(here)) if Path(entry).is_absolute() and trees.holds(here) else entry

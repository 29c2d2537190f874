"""How many functions of five public packages are matched across releases, years apart.

Both releases of a package are downloaded with pip as they are published (this needs the network), and unpacked into
two environments of different versions of Python. Every function that a release defines is a name: file and qualified
name. Counted are names of the older release

- that the newer one has: in the same file under the same qualified name,
- that are named as moved: found in the newer release by an equal body under another name or in another file,
- that are gone: nothing of their qualified name is in the newer release, in whatever file.

What is gone cannot be matched. So the goal is held against the names that are not gone, and the share of all names is
told beside it; a function that was renamed and rewritten at once counts as gone. How many are still at their line says
what matching by line would have made of the same releases.
"""

from __future__ import annotations

import argparse
import ast
import subprocess
import sys
import tempfile
import zipfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.table import Figure, show
from perftui.analysis.function_bodies import Definitions, bodies_of, renamed_bodies
from perftui.analysis.matching import Functions, Matching, Renames, match
from perftui.model.change import MatchKind
from perftui.model.frame import Frame

RELEASES = (
    ("requests", "2.31.0", "2.34.2"),
    ("click", "8.1.8", "8.5.1"),
    ("rich", "13.9.4", "15.0.0"),
    ("pytest", "8.0.0", "8.4.2"),
    ("fastapi", "0.110.0", "0.115.14"),
)
GOAL_PERCENT = 95.0
_ENVIRONMENTS = ("/home/a/venv/lib/python3.11/site-packages", "/opt/ci/lib/python3.13/site-packages")
_DOWNLOAD_S = 300


@dataclass(frozen=True, slots=True)
class Release:
    """The functions that one release defines."""

    definitions: Definitions
    lines: Mapping[tuple[str, str], int]
    """First line of each function."""

    def functions(self, environment: str) -> Functions:
        """Return all functions as a sampler in an environment names them."""
        names = [(file, name) for file, defined in self.definitions.items() for name in defined]
        return Functions([Frame(name, f"{environment}/{file}") for file, name in names])


def downloaded(package: str, version: str, directory: Path) -> Release:
    """Return what a published wheel defines."""
    wanted = [f"{package}=={version}", "--no-deps", "--only-binary", ":all:", "--python-version", "3.13"]
    subprocess.run(
        [sys.executable, "-m", "pip", "download", "--quiet", "--dest", str(directory), *wanted],
        check=True,
        timeout=_DOWNLOAD_S,
    )
    (wheel,) = directory.glob(f"{package}-{version}-*.whl")
    definitions: dict[str, dict[str, str]] = {}
    lines: dict[tuple[str, str], int] = {}
    with zipfile.ZipFile(wheel) as archive:
        for file in archive.namelist():
            if file.endswith(".py"):
                text = archive.read(file).decode()
                definitions[file] = bodies_of(text)
                lines |= {(file, name): line for name, line in first_lines(text).items()}
    return Release(definitions, lines)


def first_lines(text: str) -> dict[str, int]:
    """Return the line in which each bare name of a function is first defined."""
    found: dict[str, int] = {}
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.setdefault(node.name, node.lineno)
    return found


def matched(before: Release, after: Release) -> Matching:
    """Match two releases by their names and bodies alone: there is no git and there are no settings."""
    sides = before.functions(_ENVIRONMENTS[0]), after.functions(_ENVIRONMENTS[1])
    bodies = renamed_bodies(before.definitions, after.definitions, match(*sides).left_over)
    return match(*sides, Renames(baseline_bodies=bodies[0], current_bodies=bodies[1]))


def figures(title: str, before: Release, after: Release) -> tuple[list[Figure], Counter[str]]:
    """Count the names of the older release by what became of them."""
    found = matched(before, after)
    shared = Counter(found.kinds[name] for name in found.baseline.values())
    remaining = {name for defined in after.definitions.values() for name in defined}
    left_over = found.left_over[0]
    gone = sum(name not in remaining for _, name in left_over)
    counted = Counter(
        names=len(found.baseline),
        same=shared[MatchKind.SAME],
        moved=shared[MatchKind.RENAMED],
        gone=gone,
        missed=len(left_over) - gone,
    )
    at_line = sum(after.lines.get(key) == line for key, line in before.lines.items())
    rows = [
        Figure(f"{title}: functions of the older release", counted["names"], digits=0),
        Figure(f"{title}: gone, of all", percent(gone, counted["names"]), "%", digits=1),
        Figure(f"{title}: matched or moved, of all", percent(known(counted), counted["names"]), "%", digits=1),
        Figure(f"{title}: matched or moved, of what is not gone", held(counted), "%", at_least=GOAL_PERCENT, digits=1),
        Figure(f"{title}: found by an equal body", counted["moved"], digits=0),
        Figure(f"{title}: still at its line", percent(at_line, len(before.lines)), "%", digits=1),
    ]
    return rows, counted


def known(counted: Counter[str]) -> int:
    """Return the names that were found again."""
    return counted["same"] + counted["moved"]


def held(counted: Counter[str]) -> float:
    """Return the percentage of names that were found again, of those that could be."""
    return percent(known(counted), counted["names"] - counted["gone"])


def percent(part: int, whole: int) -> float:
    """Return a share in percent."""
    return 100 * part / whole if whole else 0.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=[package for package, _, _ in RELEASES], help="one package")
    options = parser.parse_args()
    rows: list[Figure] = []
    everything: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="perftui-matching-") as directory:
        for package, old, new in RELEASES:
            if options.only in (None, package):
                releases = (downloaded(package, version, Path(directory)) for version in (old, new))
                found, counted = figures(f"{package} {old} to {new}", *releases)
                rows += found
                everything += counted
    rows.append(Figure("all: matched or moved, of all", percent(known(everything), everything["names"]), "%", digits=1))
    rows.append(
        Figure("all: matched or moved, of what is not gone", held(everything), "%", at_least=GOAL_PERCENT, digits=1)
    )
    return 0 if show("Functions of public packages across releases", rows) else 1


if __name__ == "__main__":
    sys.exit(main())

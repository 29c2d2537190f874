"""What holds for every file of the repository, whoever wrote it."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from perftui.storage.session_file import read_meta

ROOT = Path(__file__).parents[2]
SRC = ROOT / "src" / "perftui"

# Written in pieces, so that this file does not name what it forbids.
MACHINE_PATH = re.compile(r"(?<![\w./-])/(?:" + "|".join(("wo" + "rk", "ro" + "ot")) + r")/\w")
REGISTRY_HOST = re.compile("|".join(("pypi" + r"\.org", "python" + "hosted", "npm" + r"js\.", "crates" + r"\.io")))
HEX_COLOUR = re.compile(r"""["'\s:(,]#(?:[0-9a-fA-F]{8}|[0-9a-fA-F]{6}|[0-9a-fA-F]{3})\b""")


def text_files() -> Iterator[tuple[str, str]]:
    """Yield (name, text) of each file that is or is about to be committed; pictures are no text."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.decode()
    for name in filter(None, listing.split("\0")):
        path = ROOT / name
        if path.is_file() and path.suffix not in {".svg", ".png", ".perftui"}:
            yield name, path.read_text(encoding="utf-8", errors="replace")


def lines_with(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{name}:{number}: {line.strip()}"
        for name, text in text_files()
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def test_no_file_names_a_path_of_somebodys_machine() -> None:
    assert lines_with(MACHINE_PATH) == []


def test_no_file_names_the_host_of_a_registry() -> None:
    assert lines_with(REGISTRY_HOST) == []


def test_colours_stand_in_the_themes_alone() -> None:
    sheets = [path for pattern in ("**/*.py", "**/*.tcss") for path in SRC.glob(pattern) if path.name != "themes.py"]
    found = [
        f"{path.relative_to(ROOT)}: {match.group().strip()}"
        for path in sheets
        for match in HEX_COLOUR.finditer(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_no_room_is_named_after_nothing() -> None:
    empty_names = {"utils", "util", "helpers", "common", "manager", "handler", "misc"}
    assert [path for path in SRC.rglob("*") if path.stem in empty_names] == []


def test_every_directory_of_tests_is_a_package_so_that_equal_names_do_not_clash() -> None:
    directories = {path.parent for path in (ROOT / "tests").rglob("test_*.py")} - {ROOT / "tests"}
    assert [path for path in directories if not (path / "__init__.py").exists()] == []


def test_ci_calls_the_same_command_as_a_developer() -> None:
    assert "make test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert ".ci/run" in (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")


def test_the_recorded_sessions_are_as_they_were_recorded() -> None:
    names = {}
    for path in sorted((ROOT / "tests" / "fixtures" / "sessions").glob("*.perftui")):
        meta = read_meta(path)
        assert not meta.pinned, f"a test wrote into {path.name}: let it work on a copy"
        names[path.stem] = meta.name
    assert {name for stem, name in names.items() if stem.startswith("demo")} == {"shop", "shop-next"}

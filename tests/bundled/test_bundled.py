"""What comes with perftui: it is what the checkout shows, and it runs."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from perftui.budgets.load import load_budget
from perftui.settings.directories import BUNDLED
from perftui.settings.profiles import find_profile

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("kind", ["profiles", "budgets"])
def test_the_installed_copies_are_the_files_of_the_checkout(kind: str) -> None:
    copies = sorted((BUNDLED / kind).glob("*.toml"))
    assert [copy.name for copy in copies] == ["demo.toml"]
    for copy in copies:
        assert copy.read_bytes() == (ROOT / kind / copy.name).read_bytes()


def test_outside_of_any_project_the_demo_is_there_with_its_budget(tmp_path: Path) -> None:
    found = find_profile("demo", start=tmp_path)
    assert found is not None
    assert found.budget == BUNDLED / "budgets" / "demo.toml"
    assert len(load_budget(found.budget).rules) == 6


def test_the_demo_knows_nothing_of_the_rest() -> None:
    for path in (BUNDLED / "demo").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                assert name.startswith("perftui.bundled.demo") or name.partition(".")[0] in sys.stdlib_module_names


@pytest.mark.integration
def test_the_demo_runs_through_its_phases_and_cleans_up(tmp_path: Path) -> None:
    environment = {"TMPDIR": str(tmp_path), "PATH": "/usr/bin:/bin"}
    command = [sys.executable, "-m", "perftui.bundled.demo", "--seconds", "3"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    for phase in ("parse", "index", "serve", "report", "tidy up"):
        assert f"{phase} done: " in done.stdout
    assert list(tmp_path.iterdir()) == []

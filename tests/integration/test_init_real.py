"""`perftui init` in a project: both files run at once, and what ran gives the limits of the next ones."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import tomli

pytestmark = pytest.mark.integration
APP = "import time\nuntil = time.monotonic() + 1\nwhile time.monotonic() < until:\n    sum(range(1000))\n"


def test_a_project_begins_with_files_that_run_and_limits_that_fit(tmp_path: Path) -> None:
    project = tmp_path / "shop"
    project.mkdir()
    (project / "pyproject.toml").write_text('[project]\nname = "shop"\n')
    (project / "src" / "shop").mkdir(parents=True)
    (project / "src" / "shop" / "__init__.py").touch()
    (project / "src" / "shop" / "__main__.py").write_text(APP)

    def perftui(*words: str) -> subprocess.CompletedProcess[str]:
        environ = {**os.environ, "PERFTUI_HOME": str(tmp_path / "home"), "VIRTUAL_ENV": ""}
        argv = [sys.executable, "-m", "perftui", *words]
        return subprocess.run(argv, cwd=project, env=environ, capture_output=True, text=True, check=False, timeout=60)

    printed = perftui("init", "--dry-run")
    assert "# profiles/shop.toml" in printed.stdout
    assert not (project / "profiles").exists()
    assert perftui("init").returncode == 0
    done = perftui("record", "--json", "-q", "shop")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert [each["verdict"] for each in document["verdicts"]] == ["pass"]

    again = perftui("init")
    assert again.returncode == 2
    assert "profiles/shop.toml and budgets/shop.toml are there already" in again.stderr
    fitted = perftui("init", "shop", "--dry-run").stdout.partition("# budgets/shop.toml\n")[2]
    assert document["id"] in fitted
    limit = tomli.loads(fitted)["resources"]["wall"]["limit"]
    assert 1.5 <= float(limit.removesuffix("s")) < 10
    assert json.loads((project / ".perftui" / "budget.schema.json").read_text())["title"] == "perftui budget"

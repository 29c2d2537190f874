"""Advice on real workloads: each planted fault is named with its line, and its clean twin is passed in silence."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="observing takes root elsewhere"),
]

PLANTED = Path(__file__).parents[1] / "workloads" / "planted"
# All of them with `make soak`, some each time. Threads are looked at once a second where the machine has air for it,
# and growth counts after five seconds.
LONG = pytest.mark.soak
NEED_LOOKS, LEAST_LOOKS = {"gil", "locks"}, 5
WORKLOADS = [
    ("serialisation", "serialisation", 1.2),
    pytest.param("logs", "logging", 1.2, marks=LONG),
    pytest.param("imports", "imports", 1.2, marks=LONG),
    ("patterns", "patterns", 1.2),
    pytest.param("copies", "copies", 1.2, marks=LONG),
    pytest.param("dates", "dates", 1.2, marks=LONG),
    pytest.param("introspection", "introspection", 1.2, marks=LONG),
    pytest.param("starting", "starting", 2.0, marks=LONG),
    pytest.param("interpreter_lock", "gil", 10.0, marks=LONG),
    ("one_by_one", "serial", 1.2),
    pytest.param("locks", "locks", 15.0, marks=LONG),
    pytest.param("growth", "growth", 17.0, marks=LONG),
]


def perftui(home: Path, *words: str | Path) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "perftui", *map(str, words)],
        env={**os.environ, "PERFTUI_HOME": str(home)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert isinstance(document, dict)
    return document


def findings(home: Path, workload: str, kind: str, seconds: float, *options: str) -> tuple[list[dict[str, Any]], int]:
    """Return what is found, and how many looks at threads there were."""
    script = PLANTED / f"{workload}.py"
    perftui(home, "record", "--json", "--name", kind, *options, "--", sys.executable, script, kind, str(seconds))
    found = perftui(home, "advise", kind, "--json")
    listed = found["findings"]
    assert isinstance(listed, list)
    return listed, int(found["looks"])


@pytest.mark.parametrize(("workload", "rule", "seconds"), WORKLOADS)
def test_a_planted_fault_is_named_with_its_line_and_its_twin_is_not(
    tmp_path: Path, workload: str, rule: str, seconds: float
) -> None:
    options = ("--mode", "memory") if rule == "growth" else ()
    assert findings(tmp_path, workload, "clean", seconds, *options)[0] == []
    found, looks = findings(tmp_path, workload, "fault", seconds, *options)
    if rule in NEED_LOOKS and looks < LEAST_LOOKS:
        assert found == []
        pytest.skip(f"the machine has no air for looks at threads ({looks}), so nothing may be said of them")
    assert [finding["rule"] for finding in found] == [rule]
    (finding,) = found
    lines = (PLANTED / f"{workload}.py").read_text(encoding="utf-8").splitlines()
    assert Path(finding["file"]).name == f"{workload}.py"
    assert lines[finding["line"] - 1].endswith("# planted")
    assert finding["evidence"]

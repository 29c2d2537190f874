"""Two checkouts of one project in other folders and environments, recorded with the real sampler, are one program."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from perftui.analysis.call_tree import ROOT, CallTree, function_key
from perftui.model.change import MatchKind
from perftui.model.workload import Workload
from perftui.recording.comparison import Comparison, compare_paths
from perftui.recording.plan import RecordingPlan
from perftui.recording.recorder import Recorder

pytestmark = pytest.mark.integration

LIBRARY = """
class Shape:
    def area(self, count):
        return sum(number * number for number in range(count))
"""
CORE = """
import json, time
from shapes import Shape

class Report:
    def lines(self, until_s):
        while time.process_time() < until_s:
            yield json.dumps([{{"number": number}} for number in range(200)])

def {work}(until_s):
    total = 0
    for line in Report().lines(until_s):
        total += len(json.loads(line)) + Shape().area(2_000) % 7
        total += sum(ord(letter) % 3 for letter in line)
    return total
"""
MAIN = "from app.core import {work}\n\ndef main():\n    {work}(2.0)\n\nmain()\n"


def other_interpreter() -> str:
    """An interpreter of another minor version, or the same one where none answers."""
    for name in ("python3.13", "python3.12", "python3.14", "python3.11"):
        found = shutil.which(name)
        told = (
            subprocess.run([found, "-c", "import sys; print(*sys.version_info[:2])"], capture_output=True, text=True)
            if found
            else None
        )
        if (
            found
            and told
            and told.returncode == 0
            and told.stdout.split() != [str(part) for part in sys.version_info[:2]]
        ):
            return found
    return sys.executable


def checkout(folder: Path, environment: Path, interpreter: str, *, work: str = "work") -> Workload:
    """A project in a folder, installed to be edited into an environment that has a library installed as usual."""
    package = folder / "src" / "app"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "core.py").write_text(CORE.format(work=work))
    (package / "__main__.py").write_text(MAIN.format(work=work))
    subprocess.run([interpreter, "-m", "venv", "--without-pip", str(environment)], check=True)
    python = environment / "bin" / "python"
    paths = "import sysconfig; print(sysconfig.get_path('purelib'))"
    site = Path(subprocess.run([python, "-c", paths], capture_output=True, text=True, check=True).stdout.strip())
    (site / "shapes.py").write_text(LIBRARY)
    (site / "app.pth").write_text(f"{folder / 'src'}\n")
    return Workload((str(python), "-m", "app"), cwd=folder, env={"PYTHONDONTWRITEBYTECODE": "1"})


def recorded(sessions: Path, workload: Workload) -> Path:
    recorder = Recorder(RecordingPlan(sessions=sessions, workload=workload))
    recorder.start()
    assert recorder.wait(60)
    assert recorder.path is not None
    return recorder.path


def matched_share(comparison: Comparison) -> float:
    """Share of the samples of both sides whose stacks are of matched functions alone.

    Not of those in which modules were imported: which of many small functions one of few samples meets is chance.
    """
    whole = matched = 0
    for side, left in zip(comparison.sides, comparison.matching.left_over if comparison.matching else (), strict=True):
        tree = side.tree
        assert isinstance(tree, CallTree)
        importing = ["importlib" in frame.file for frame in tree.functions]
        alien = [side.names[function_key(frame)] in left for frame in tree.functions]
        for node in range(1, len(tree)):
            stack = set()
            at = node
            while at != ROOT:
                stack.add(tree.function[at])
                at = tree.parent[at]
            if not any(importing[function] for function in stack):
                whole += tree.self_count[node]
                matched += 0 if any(alien[function] for function in stack) else tree.self_count[node]
    return matched / whole


def test_two_checkouts_in_two_environments_match_in_99_of_100_samples_also_where_a_function_was_renamed(
    tmp_path: Path,
) -> None:
    here, there = tmp_path / "home" / "project", tmp_path / "srv" / "ci" / "build-7"
    first = recorded(tmp_path / "sessions", checkout(here, here / ".venv", sys.executable))
    second = recorded(
        tmp_path / "sessions", checkout(there, tmp_path / "envs" / "ci", other_interpreter(), work="handle")
    )
    comparison = compare_paths(first, second, renames={})
    assert matched_share(comparison) >= 0.99
    rows = {(row.frame.file, row.frame.function): row for row in comparison.changes}
    assert rows["src/app/core.py", "Report.lines"].match is MatchKind.SAME
    assert rows["shapes.py", "Shape.area"].match is MatchKind.SAME
    assert rows["<stdlib>/json/encoder.py", "JSONEncoder.encode"].match is MatchKind.SAME
    renamed = rows["src/app/core.py", "handle"]
    assert (renamed.match, renamed.was and renamed.was.function) == (MatchKind.RENAMED, "work")
    assert min(renamed.baseline_count, renamed.current_count) > 0
    assert not [
        row for row in comparison.changes if str(tmp_path) in row.frame.file or "site-packages" in row.frame.file
    ]

"""A run held against a baseline with the real sampler: live by its budget, and when it is over."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from perftui.storage.catalogue import Catalogue
from perftui.storage.session_file import open_session
from tests.integration.test_text_interface import busy, home, perftui, recorded

__all__ = ["busy", "home"]
pytestmark = pytest.mark.integration


def test_a_run_becomes_the_baseline_of_the_next_which_its_budget_is_held_against(home: Path, busy: Path) -> None:
    command = ("--", sys.executable, busy, "1")
    first = recorded(home, "--save-baseline", "main", *command)
    assert "held_against" not in first, "there was none before it"
    budget = busy.with_name("limits.toml")
    budget.write_text('[functions."busy.py:leaf"]\nmax_increase_pct = 10\n')
    second = recorded(home, "--baseline", "main", "--budget", budget, *command)
    held = second["held_against"]
    assert (held["baseline"], held["runs"]) == ("baseline:main", [1, 1])
    assert {"wall_s", "cpu_s"} <= {figure["name"] for figure in held["figures"]}
    (verdict,) = open_session(Catalogue(home / "sessions").resolve(second["id"])).verdicts
    assert verdict.held_against is not None
    assert verdict.held_against.ref == "baseline:main"
    assert verdict.verdict.value in ("inconclusive", "pass", "warn"), "one run a side fails nothing"

    failed = perftui(home, "record", "--json", "--save-baseline", "main", "--", sys.executable, "-c", "exit(3)")
    assert "baseline main stays as it was" in failed.stderr
    listed = json.loads(perftui(home, "baseline", "list", "--json").stdout)["baselines"]
    assert [each["sessions"] for each in listed] == [[first["id"]]]

    missing = perftui(home, "record", "--baseline", "v9", *command)
    assert missing.returncode == 4
    assert "perftui baseline save v9 @latest" in missing.stderr

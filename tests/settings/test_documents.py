"""The pages on budgets, profiles and settings say what the readers do."""

from __future__ import annotations

import re
from pathlib import Path

from perftui.budgets.load import parse_budget
from perftui.budgets.spec import RESOURCES
from perftui.settings.load import load_settings
from perftui.settings.profiles import find_profile
from perftui.settings.spec import Settings
from tests.settings.test_profiles import ROOT, write

_TOML = re.compile(r"```toml\n(.*?)```", re.DOTALL)


def examples(page: str) -> list[str]:
    return _TOML.findall((ROOT / "docs" / page).read_text(encoding="utf-8"))


def test_the_examples_of_a_budget_load() -> None:
    first, *others = [parse_budget(example) for example in examples("budgets.md")]
    assert len(first.rules) == 3
    assert all(other.rules for other in others)


def test_every_name_of_a_resource_is_on_the_page() -> None:
    named = set(re.findall(r"`([a-z0-9_]+)`", (ROOT / "docs" / "budgets.md").read_text(encoding="utf-8")))
    assert set(RESOURCES) <= named


def test_the_examples_of_a_profile_and_of_settings_load(tmp_path: Path) -> None:
    profile, settings = examples("workload-profiles.md")
    write(tmp_path / "budgets" / "web.toml", "")
    write(tmp_path / "requests.txt", "")
    (tmp_path / "src").mkdir()
    write(tmp_path / "profiles" / "it.toml", profile)
    found = find_profile("it", start=tmp_path)
    assert found is not None
    assert found.workload.env == {"PYTHONUNBUFFERED": "1"}
    assert load_settings(write(tmp_path / "settings.toml", settings), Settings()).refresh_hz == 4

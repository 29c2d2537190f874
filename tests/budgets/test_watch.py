"""A budget that is edited while it is in use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from perftui.budgets.watch import BudgetFile
from perftui.errors import ConfigError


def write(path: Path, text: str) -> None:
    """Write a file as editors do: a new one, renamed onto the old."""
    other = path.with_suffix(".new")
    other.write_text(text)
    other.replace(path)


def limit(file: BudgetFile) -> float | None:
    return file.budget.rules[0].fail


@pytest.fixture
def file(tmp_path: Path) -> BudgetFile:
    path = tmp_path / "b.toml"
    path.write_text("[resources.threads]\nlimit = 3\n")
    return BudgetFile(path)


def test_a_file_that_nobody_touched_has_not_changed(file: BudgetFile) -> None:
    assert not file.changed()
    assert limit(file) == 3


def test_an_edit_takes_effect_once(file: BudgetFile) -> None:
    write(file.path, "[resources.threads]\nlimit = 4\n")
    assert file.changed()
    assert (limit(file), file.error) == (4, "")
    assert not file.changed()


def test_a_broken_edit_keeps_the_old_budget_and_says_what_is_wrong(file: BudgetFile) -> None:
    write(file.path, "[resources.threads]\nlimit = -1\n")
    assert file.changed()
    assert limit(file) == 3
    assert "must not be negative" in file.error
    write(file.path, "[resources.threads]\nlimit = 5\n")
    assert file.changed()
    assert (limit(file), file.error) == (5, "")


def test_a_file_that_vanishes_keeps_the_old_budget(file: BudgetFile) -> None:
    file.path.unlink()
    assert file.changed()
    assert (limit(file), "no such file" in file.error) == (3, True)


def test_a_file_that_is_written_anew_with_the_same_text_has_not_changed(file: BudgetFile) -> None:
    os.utime(file.path, ns=(1, 1))
    assert not file.changed()


def test_a_file_that_is_broken_at_first_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        BudgetFile(tmp_path / "missing.toml")

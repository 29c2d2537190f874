"""Private directories go with their command, and are swept where it was killed."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from perftui.errors import UsageError
from perftui.storage.scratch import Scratch, abandoned, scratch_root

MAKE_AND_DIE = """
import os, sys
from pathlib import Path
from perftui.storage.scratch import Scratch
scratch = Scratch.make(Path(sys.argv[1]), "ab")
(scratch.path / "left").write_text("behind")
print(scratch.path, flush=True)
os._exit(9)
"""


def test_a_directory_is_private_and_goes_with_its_command(tmp_path: Path) -> None:
    root = tmp_path / "scratch"
    scratch = Scratch.make(root, "ab")
    assert stat.S_IMODE(scratch.path.stat().st_mode) == 0o700
    assert abandoned(root) == [], "one that is in use is nobody else's"
    (scratch.path / "file").write_text("x")
    scratch.close()
    scratch.close()
    assert list(root.iterdir()) == []


def test_what_a_killed_command_left_is_found_and_taken_away(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", MAKE_AND_DIE, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 9
    (tmp_path / "ab-alone.lock").touch()
    assert abandoned(tmp_path, "told-") == [], "one of another kind is left to who knows it"
    (found,) = abandoned(tmp_path)
    assert str(found.path) == done.stdout.strip()
    found.close()
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_said_to_be_one(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="cannot make a directory"):
        Scratch.make(tmp_path / "file" / "below", "ab")
    assert abandoned(tmp_path / "nowhere") == []


def test_they_lie_where_the_users_own_files_do(tmp_path: Path) -> None:
    assert scratch_root({"PERFTUI_HOME": str(tmp_path)}) == tmp_path / "scratch"
    assert scratch_root({}).parts[-2:] == ("perftui", "scratch")

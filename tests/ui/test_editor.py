"""How editors are told where to open a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from perftui.ui.screens.editor import editor_command

FILE = "/srv/shop.py"


@pytest.fixture
def found(tmp_path: Path) -> str:
    """A folder of programs with an editor of each name."""
    for name in ("vi", "nvim", "nano", "emacs", "micro", "hx", "code", "codium", "subl", "ed", "my editor"):
        (tmp_path / name).touch(mode=0o755)
    return str(tmp_path)


@pytest.mark.parametrize(
    ("editor", "command"),
    [
        ("nvim", ["nvim", "+88", FILE]),
        ("nano", ["nano", "+88", FILE]),
        ("emacs -nw", ["emacs", "-nw", "+88", FILE]),
        ("micro", ["micro", "+88", FILE]),
        ("hx", ["hx", "+88", FILE]),
        ("code --wait", ["code", "--wait", "-g", f"{FILE}:88"]),
        ("codium", ["codium", "-g", f"{FILE}:88"]),
        ("subl -w", ["subl", "-w", f"{FILE}:88"]),
        ("ed", ["ed", FILE]),
        ("'my editor'", ["my editor", FILE]),
        ("", ["vi", "+88", FILE]),
        ("'", ["vi", "+88", FILE]),
        ("  ", ["vi", "+88", FILE]),
    ],
)
def test_an_editor_is_told_the_line_in_its_own_way(found: str, editor: str, command: list[str]) -> None:
    assert editor_command({"EDITOR": editor, "PATH": found}, FILE, 88) == command


def test_visual_goes_before_editor_and_a_full_path_is_known_by_its_name(found: str) -> None:
    environment = {"VISUAL": f"{found}/nvim", "EDITOR": "nano", "PATH": found}
    assert editor_command(environment, FILE, 1) == [f"{found}/nvim", "+1", FILE]


def test_an_editor_that_is_not_there_is_none(found: str, tmp_path: Path) -> None:
    assert editor_command({"EDITOR": "no-such-editor", "PATH": found}, FILE, 1) is None
    assert editor_command({"PATH": "/nowhere"}, FILE, 1) is None

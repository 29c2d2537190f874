from __future__ import annotations

import os
import sys

import pytest

from perftui.sources.heap import detour
from perftui.sources.heap.command_line import as_written


@pytest.mark.parametrize("flags", [[], ["-X", "dev"]])
def test_what_the_detour_starts_is_told_as_it_was_written(
    flags: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: os.PathLike[str]
) -> None:
    script = os.path.join(tmp_path, "app.py")  # noqa: PTH118 (the detour knows no paths)
    with open(script, "w", encoding="utf-8"):  # noqa: PTH123
        words = ["python", *flags, script, "--port", "1"]
    started: list[list[str]] = []
    monkeypatch.setattr(detour, "command_line", lambda: words)
    monkeypatch.setattr(os, "execv", lambda _program, argv: started.append(argv))
    detour.take(os.path.join(tmp_path, "capture"), "{}")  # type: ignore[no-untyped-call]  # noqa: PTH118
    [argv] = started
    assert argv[0] == sys.executable
    assert as_written(argv) == tuple(words)


def test_other_command_lines_stay_as_they_are() -> None:
    assert as_written(["python", "boot.py", "a"]) == ("python", "boot.py", "a")
    assert as_written([]) == ()

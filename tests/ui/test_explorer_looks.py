"""Scope, inversion and the sandwich in pictures that are compared by their text; `--snapshot-update` renews them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from scenes import live, saved
from textual.screen import Screen

from perftui.ui.app import PerftuiApp
from perftui.ui.themes import DARK, LIGHT
from tests.ui.heap_stage import memory_saved
from tests.ui.test_snapshots import SIZES, as_wide_as, pressing

pytestmark = pytest.mark.usefixtures("_plain_environment")

DOWN = ["down"] * 5


@pytest.fixture
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "COLORTERM", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")


@pytest.mark.parametrize("size", SIZES, ids=as_wide_as)
@pytest.mark.parametrize(
    ("screen", "keys"),
    [
        (saved, ["y"]),
        (saved, [*DOWN, "F", "up", "H", "3", "down", "X"]),
        (saved, ["i", "down", "down"]),
        (live, [*DOWN, "c"]),
        (memory_saved, ["y", "i", "down", "c"]),
    ],
    ids=["own", "chips", "inverted", "callers", "heap"],
)
def test_exploring_looks_as_it_did(
    snap_compare: Any, screen: Callable[[], Screen[None]], keys: list[str], size: tuple[int, int]
) -> None:
    assert snap_compare(PerftuiApp(screen(), theme=DARK), terminal_size=size, run_before=pressing(keys))


@pytest.mark.parametrize("keys", [["y", *DOWN, "F", "c"], ["t", "i", "down", "X", "3"]], ids=["scoped", "by-thread"])
def test_exploring_looks_as_it_did_in_the_light(snap_compare: Any, keys: list[str]) -> None:
    assert snap_compare(PerftuiApp(saved(), theme=LIGHT), terminal_size=(120, 35), run_before=pressing(keys))

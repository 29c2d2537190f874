"""How settings, data quality and a screen without colours look."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from scenes import demo_replay, live

from perftui.settings.spec import Settings
from perftui.ui.app import PerftuiApp
from perftui.ui.screens import alerting
from perftui.ui.themes import CONTRAST_LIGHT, MONO, SAFE_DARK
from tests.ui.test_snapshots import pressing


@pytest.fixture(autouse=True)
def same_everywhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("NO_COLOR", "COLORTERM", "FORCE_COLOR", "SSH_TTY", "SSH_CONNECTION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")
    monkeypatch.setenv("PERFTUI_HOME", "/home/dev/.config/perftui")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(alerting, "own_cost", lambda: (1.0, 80.0 * 2**20))


@pytest.mark.parametrize(
    ("theme", "size", "keys"),
    [
        (SAFE_DARK, (80, 24), ["D"]),
        (MONO, (120, 35), ["down"] * 5),
        (CONTRAST_LIGHT, (120, 35), ["down"] * 5),
    ],
    ids=["safe", "mono", "contrast"],
)
def test_it_looks_as_it_did(
    theme: str, size: tuple[int, int], keys: list[str], snap_compare: Callable[..., bool]
) -> None:
    app = PerftuiApp(live(demo_replay(22.0)), settings=Settings(theme=theme))
    assert snap_compare(app, terminal_size=size, run_before=pressing(keys))

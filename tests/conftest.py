"""What every test stands on: a home of its own, and claims that hold however busy the machine is."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

# As the dashboard has it: what tests have loaded is no garbage, and a quarter of the time went into looking for some.
gc.set_threshold(20_000, 20, 20)

# A slow machine is no counter-example. Each run tries others; `make soak` tries many more at once.
hypothesis.settings.register_profile("patient", deadline=None, max_examples=50)
hypothesis.settings.register_profile("thorough", deadline=None, max_examples=2_000)
hypothesis.settings.load_profile("patient")


@pytest.fixture(autouse=True, scope="session")
def private_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keep everything that perftui saves away from the user's own sessions and settings."""
    home = tmp_path_factory.mktemp("perftui-home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PERFTUI_HOME", str(home))
        yield home

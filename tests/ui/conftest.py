"""What every test of a screen stands on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from perftui.ui.screens import alerting
from tests.ui import settling


@pytest.fixture(autouse=True, scope="package")
def screens_stand_still() -> Iterator[None]:
    """After a key, a click and a pause a test sees what they led to, on the slowest machine, too."""
    with pytest.MonkeyPatch.context() as patch:
        settling.use(patch)
        # A notice that expires while a slow machine draws would be in one picture and gone in the next.
        patch.setattr(alerting, "_SHOWN_S", 600.0)
        yield

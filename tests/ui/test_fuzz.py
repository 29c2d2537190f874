"""Random keys, clicks and sizes at every screen: no exception, no wrong total, no row out of its place.

`PERFTUI_FUZZ_SEED` and `PERFTUI_FUZZ_STEPS` say where the long run begins and how long it is; a failure prints the
session, the seed and the steps that lead to it.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from pathlib import Path

import pytest

from perftui.ui.screens.dashboard import DashboardScreen
from tests.ui.fuzz.driver import FailedError, run_steps, shrunk
from tests.ui.fuzz.played import OPENED_BY, SCREENS, Played
from tests.ui.fuzz.steps import Do, bound_keys, resizes_of, steps_of, table_keys

_SHORT = 20
"""Steps at each screen in the suite."""
_LONG, _AT_ONCE = 20_000, 400
"""Steps of the long run, and of them at one screen, which then begins anew."""


@pytest.mark.parametrize("name", SCREENS)
async def test_nothing_breaks_and_everything_adds_up_whatever_is_pressed(name: str, tmp_path: Path) -> None:
    await run_steps(name, steps_of(1, _SHORT, again=OPENED_BY.get(name, "")), tmp_path)


def test_the_steps_follow_from_the_seed_and_know_every_key() -> None:
    assert steps_of(7, 300) == steps_of(7, 300) != steps_of(8, 300)
    pressed = {step.text for step in steps_of(1, 30_000) if step.do is Do.KEY}
    assert {*table_keys(), *bound_keys()} <= pressed


@pytest.mark.soak
async def test_a_recording_goes_on_through_five_hundred_sizes(tmp_path: Path) -> None:
    run = await run_steps("both live", resizes_of(int(os.environ.get("PERFTUI_FUZZ_SEED", "1")), 500), tmp_path)
    assert run.done[Do.RESIZE] == 500
    assert isinstance(run.app._first, DashboardScreen)
    recorder = run.app._first._recorder
    assert isinstance(recorder, Played)
    assert not recorder.done, "something is recorded all the while"


@pytest.mark.soak
async def test_nothing_breaks_in_twenty_thousand_steps(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    seed, most = int(os.environ.get("PERFTUI_FUZZ_SEED", "1")), int(os.environ.get("PERFTUI_FUZZ_STEPS", _LONG))
    only = os.environ.get("PERFTUI_FUZZ_SCREEN", "")
    began, done, seen, failures = time.monotonic(), Counter[Do](), Counter[str](), []
    names = [name for name in SCREENS if only in name]
    for number in range(-(-most // _AT_ONCE)):
        name = names[number % len(names)]
        steps = steps_of(seed + number, min(_AT_ONCE, most), again=OPENED_BY.get(name, ""))
        try:
            run = await run_steps(name, steps, tmp_path / str(number))
        except FailedError as error:
            found = await shrunk(name, error, tmp_path / str(number))
            failures.append(f"seed {seed + number}, {found}")
            done.update(step.do for step in error.steps)
        else:
            done += run.done
            seen += run.seen
    with capsys.disabled():
        kinds = ", ".join(f"{each.value} {times:,}" for each, times in done.most_common())
        print(f"\n{done.total():,} steps from seed {seed} on in {time.monotonic() - began:.0f} s: {kinds}")
        print("in front: " + ", ".join(f"{name} {times:,}" for name, times in seen.most_common()))
    assert not failures, f"{len(failures)} failures\n\n" + "\n\n".join(failures)

"""Does steps to the real app, looks after each, and says of a failure how it can be had again."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import time
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest
from textual import events
from textual.app import SuspendNotSupported
from textual.geometry import Size
from textual.keys import REPLACED_KEYS, _character_to_key, _get_unicode_name_from_key
from textual.screen import Screen
from textual.worker import Worker, WorkerState

from perftui.ui.app import PerftuiApp
from perftui.ui.screens.compare import CompareScreen
from perftui.ui.screens.dashboard import DashboardScreen
from perftui.ui.widgets.flame_graph import FlameGraph
from tests.ui.fuzz.played import Played, cut_off_processes, recorded, screen_of
from tests.ui.fuzz.steps import Do, Step
from tests.ui.fuzz.sums import (
    Strips,
    check_flames,
    check_notifications,
    check_selection,
    check_sums,
    check_whole_screen,
)
from tests.ui.settling import is_step_due

_ROUNDS, _AT_ONCE, _PAUSE_S = 800, 100, 0.002
"""Turns of the loop that a step may take until everything has been told to everybody; the later ones take time."""
_QUIET_ROUNDS = 3
_THREADS_S = 2.0
_PER_SCREEN, _PER_SUM = 10, 25
"""Steps from one look at the whole screen, and at sums in every arrangement, to the next."""
_STYLES = str(Path(inspect.getfile(PerftuiApp)).with_name("styles") / "perftui.tcss")


class FuzzedApp(PerftuiApp):
    """The app, except that it never ends: what asks for the end is counted."""

    # A path is looked up beside the class that names it.
    CSS_PATH = _STYLES

    def __init__(self, first: Screen[None]) -> None:
        super().__init__(first)
        self.ends = 0
        self.trouble: list[BaseException] = []

    def exit(self, *_args: object, **_more: object) -> None:
        """Stay."""
        self.ends += 1
        self.signalled = None

    @contextlib.contextmanager
    def suspend(self) -> Iterator[None]:
        """Give the terminal away every other time."""
        if self.ends % 2:
            raise SuspendNotSupported("not here")
        yield


@dataclass
class Run:
    """One app and the steps that were done to it."""

    name: str
    app: FuzzedApp
    strips: Strips = field(default_factory=Strips)
    done: Counter[Do] = field(default_factory=Counter)
    seen: Counter[str] = field(default_factory=Counter)
    """Screens that were in front, by name."""
    number: int = 0

    async def step(self, step: Step) -> None:
        """Do one step, and look."""
        self.number += 1
        self.done[step.do] += 1
        await self._do(step)
        if step.do is Do.AHEAD:
            await asyncio.sleep(0)
            self._raise_trouble()
            return
        await self.settle()
        self.look()

    def look(self) -> None:
        """Check all that must hold."""
        self._raise_trouble()
        screen = self.app.screen
        self.seen[type(screen).__name__] += 1
        check_notifications(screen)
        self.strips.check(screen)
        if self.number % _PER_SCREEN == 0:
            check_whole_screen(screen)
        for flames in screen.query(FlameGraph):
            check_flames(flames)
        if isinstance(screen, DashboardScreen):
            check_sums(screen, thorough=self.number % _PER_SUM == 0)
        if isinstance(screen, DashboardScreen | CompareScreen):
            check_selection(screen)

    async def settle(self) -> None:
        """Wait until nobody has anything left to tell, and until no thread works for the screens."""
        loop = asyncio.get_running_loop()
        until = loop.time() + _THREADS_S
        await self._quieten()
        while any(_in_thread(worker) for worker in self.app.workers) and loop.time() < until:
            await asyncio.sleep(0.002)
            await self._quieten()

    async def _quieten(self) -> None:
        quiet = 0
        for turn in range(_ROUNDS):
            await asyncio.sleep(0 if turn < _AT_ONCE else _PAUSE_S)
            quiet = 0 if self._is_busy() else quiet + 1
            if quiet < _QUIET_ROUNDS:
                continue
            if self.app._resize_event is None and self.app.screen.size == self.app.size:
                return
            # The app waits for more of them to come; how long is up to the clock.
            self.app._check_resize()
            quiet = 0

    def _is_busy(self) -> bool:
        app = self.app
        if not app._message_queue.empty() or is_step_due():
            return True
        for screen in app.screen_stack:
            # What one that is covered waits to do is done when it comes to the front again.
            if screen is app.screen and (screen._callbacks or screen._layout_required):
                return True
            if not screen._message_queue.empty():
                return True
            if any(not widget._message_queue.empty() for widget in screen.walk_children()):
                return True
        return False

    def _raise_trouble(self) -> None:
        app = self.app
        if app.failure is not None:
            raise app.failure
        if app._exception is not None:
            raise app._exception
        if app.trouble:
            raise app.trouble[0]

    async def _do(self, step: Step) -> None:
        app = self.app
        width, height = app.size
        at, to = _cell(step.x, width, step.y, height), _cell(step.to_x, width, step.to_y, height)
        match step.do:
            case Do.KEY | Do.AHEAD:
                app.post_message(key_event(step.text))
            case Do.TYPE:
                for letter in step.text:
                    app.post_message(key_event(letter))
            case Do.CLICK | Do.DOUBLE | Do.RIGHT:
                await self._click(at, 3 if step.do is Do.RIGHT else 1, times=2 if step.do is Do.DOUBLE else 1)
            case Do.DRAG:
                await self._drag(at, to)
            case Do.MOVE:
                app.post_message(_mouse(events.MouseMove, at, 0))
            case Do.SCROLL:
                app.post_message(_mouse(events.MouseScrollUp if step.text == "up" else events.MouseScrollDown, at, 0))
            case Do.RESIZE:
                size = Size(int(step.x), int(step.y))
                app._driver._size = size  # type: ignore[union-attr]
                app.post_message(events.Resize(size, size))
            case Do.ADVANCE:
                self._record(step.to_x)

    async def _click(self, at: tuple[int, int], button: int, *, times: int) -> None:
        # What counts is the number of clicks, and not how fast this machine is.
        self.app._click_chain_last_time = None
        self.app.post_message(_mouse(events.MouseMove, at, 0))
        for _ in range(times):
            self.app.post_message(_mouse(events.MouseDown, at, button))
            self.app.post_message(_mouse(events.MouseUp, at, button))

    async def _drag(self, at: tuple[int, int], to: tuple[int, int]) -> None:
        middle = ((at[0] + to[0]) // 2, (at[1] + to[1]) // 2)
        self.app.post_message(_mouse(events.MouseMove, at, 0))
        self.app.post_message(_mouse(events.MouseDown, at, 1))
        for cell in (middle, to):
            self.app.post_message(_mouse(events.MouseMove, cell, 1))
            await asyncio.sleep(0)
        self.app.post_message(_mouse(events.MouseUp, to, 1))

    def _record(self, seconds: float) -> None:
        for screen in reversed(self.app.screen_stack):
            if isinstance(screen, DashboardScreen) and isinstance(screen._recorder, Played):
                screen._recorder.go_on(seconds)
                screen.tick()
                return


def _cell(x: float, width: int, y: float, height: int) -> tuple[int, int]:
    return min(int(x * width), width - 1), min(int(y * height), height - 1)


def _mouse(kind: type[events.MouseEvent], at: tuple[int, int], button: int) -> events.MouseEvent:
    return kind(None, *at, 0, 0, button, False, False, False, *at)


def key_event(key: str) -> events.Key:
    """Return what the terminal would send for a key."""
    if len(key) == 1 and not key.isalnum():
        key = _character_to_key(key)
    try:
        character: str | None = unicodedata.lookup(_get_unicode_name_from_key(REPLACED_KEYS.get(key, key)))
    except KeyError:
        character = key if len(key) == 1 else None
    return events.Key(key, character)


def _in_thread(worker: Worker[object]) -> bool:
    return worker._thread_worker and worker.state in (WorkerState.PENDING, WorkerState.RUNNING)


class FailedError(AssertionError):
    """A step after which something did not hold."""

    def __init__(self, run: Run, steps: Sequence[Step], error: BaseException) -> None:
        self.kind = type(error).__name__, "".join(letter for letter in str(error)[:40] if not letter.isdigit())
        self.steps = list(steps[: run.number])
        last = "\n".join(f"    {number:5} {step}" for number, step in list(enumerate(self.steps, 1))[-25:])
        super().__init__(
            f"{run.name}: after step {run.number} on {run.app.screen!r}, {run.app.size}: "
            f"{type(error).__name__}: {error}\n{last}"
        )


_numbers = count()


async def run_steps(name: str, steps: Sequence[Step], folder: Path) -> Run:
    """Do steps to a session, in a folder of its own; raises `FailedError` where something does not hold."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PERFTUI_HOME", str(folder / "home"))
        patch.setenv("VISUAL", "true")
        before = recorded()
        cut_off_processes(patch)
        app = FuzzedApp(screen_of(name, folder / f"sessions-{next(_numbers)}"))
        _note_workers(patch, app)
        run = Run(name, app)
        try:
            async with app.run_test(size=(120, 40), tooltips=True, notifications=True) as pilot:
                await pilot.pause(0.05)
                try:
                    for step in steps:
                        await run.step(step)
                except Exception as error:
                    raise FailedError(run, steps, error) from error
        finally:
            app._exception = None
        assert recorded() == before, f"{name}: keys wrote into the recorded sessions of the tests"
    return run


def _note_workers(patch: pytest.MonkeyPatch, app: FuzzedApp) -> None:
    """Let what fails in a worker, where nobody would see it, be seen."""
    run = Worker._run

    async def noted(worker: Worker[object], its_app: object) -> None:
        await run(worker, its_app)  # type: ignore[arg-type]
        if worker.state is WorkerState.ERROR and worker.error is not None:
            app.trouble.append(worker.error)

    patch.setattr(Worker, "_run", noted)


async def shrunk(name: str, failure: FailedError, folder: Path, *, seconds: float = 60.0) -> FailedError:
    """Return the same failure after fewer steps, as far as one gets in so many seconds."""
    best, until = failure, time.monotonic() + seconds
    size = len(failure.steps) // 2
    while size:
        # What came last matters most.
        at = len(best.steps) - 1 - size
        while at > -size and time.monotonic() < until:
            fewer = [*best.steps[: max(0, at)], *best.steps[at + size :]]
            at -= size
            try:
                await run_steps(name, fewer, folder)
            except FailedError as error:
                if error.kind == best.kind:
                    best = error
        size //= 2
    return best

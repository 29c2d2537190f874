"""Waiting until a screen stands still, however slow the machine.

Textual's own wait takes a process that gets no processor for one that has nothing to do; a test then reads a screen
that has not answered yet. Here a screen stands still when nothing is in any queue, no worker is at work, nothing is
still to be drawn, and no work in steps waits for its next step.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import monotonic
from typing import Any
from weakref import WeakKeyDictionary

import pytest
from textual._context import active_app
from textual.app import App
from textual.cache import LRUCache
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet
from textual.message_pump import MessagePump
from textual.pilot import Pilot
from textual.worker import WorkerState

LONGEST_S = 20.0
"""What is not done by then is taken to go on for ever."""

_left: WeakKeyDictionary[App[Any], asyncio.Handle] = WeakKeyDictionary()
"""What the loop was to do next when the screen last stood still: nothing, which it has done once others had a turn."""

_held: ContextVar[bool] = ContextVar("held", default=False)
"""Whether the test at hand keeps a worker from its end, to see what stands on the screen meanwhile."""

_to_fail: ContextVar[bool] = ContextVar("to_fail", default=False)
"""Whether the test at hand is about what ends the app."""

_STEP_S = 0.05
"""A timer that is shorter is a step of some work; a longer one waits for a moment."""
_LOOK_S = 0.002
_QUICK = 20
"""Looks that only let everybody else go on; after these there is a worker or a step of some work to wait for."""
_STILL = 2
"""Looks in a row that must find nothing: what a look finds nothing of may be on its way from one queue to another."""


def _waits(pump: MessagePump) -> bool:
    """Whether something waits to be done by a widget, a screen or the app."""
    if not pump._message_queue.empty() or pump._next_callbacks or pump._pending_message is not None:
        return True
    return any(
        timer._interval <= _STEP_S and timer._active.is_set()
        for timer in pump._timers
        if timer._task is not None and not timer._task.done()
    )


def is_step_due() -> bool:
    """Whether a step of some work waits for its time, as `perftui.ui.later` lets it."""
    loop = asyncio.get_running_loop()
    return any(
        getattr(handle._callback, "__func__", None) is MessagePump.call_next
        and not handle.cancelled()
        and handle.when() - loop.time() <= _STEP_S
        for handle in loop._scheduled  # type: ignore[attr-defined]
    )


def _is_busy(app: App[Any]) -> bool:
    if not _held.get() and any(each.state in (WorkerState.PENDING, WorkerState.RUNNING) for each in app.workers):
        return True
    screen = app.screen
    if screen._callbacks or screen._dirty_widgets or screen._layout_required or screen._repaint_required:
        return True
    return is_step_due() or any(map(_waits, (app, *screen.walk_children(with_self=True))))


@contextmanager
def workers_held_back() -> Iterator[None]:
    """Within it, nobody waits for workers: the test keeps one from its end."""
    token = _held.set(True)
    try:
        yield
    finally:
        _held.reset(token)


@contextmanager
def failures_looked_for() -> Iterator[None]:
    """Within it, what ends the app is not raised: the test looks at it itself."""
    token = _to_fail.set(True)
    try:
        yield
    finally:
        _to_fail.reset(token)


async def settle(app: App[Any], longest_s: float = LONGEST_S) -> None:
    """Wait until nothing waits to be done."""
    pilot, until_s = Pilot(app), monotonic() + longest_s
    looks, still, have_answered = 0, 0, False
    while still < _STILL and monotonic() < until_s and not app._exit and app._exception is None:
        await app._animator.wait_until_complete()
        looks += 1
        if _is_busy(app):
            still, have_answered = 0, False
        elif have_answered:
            still += 1
        # Asking everybody is dear, and worth it only where no queue holds anything that they would have to do before.
        elif not await _answered(pilot):
            return
        else:
            have_answered = True
        await asyncio.sleep(_LOOK_S if looks > _QUICK else 0)
        app.screen._on_timer_update()
    failure = getattr(app, "failure", None)
    if failure is not None and not _to_fail.get():
        # The app leaves in order with one sentence; a test would only see keys that do nothing.
        raise failure
    _as_it_was_left(app)


async def until(pilot: Pilot[Any], true: Callable[[], object]) -> None:
    """Wait for something that is not there yet when the screen stands still, such as what a thread tells."""
    give_up_s = monotonic() + LONGEST_S
    while not true():
        assert monotonic() < give_up_s, f"it never came: {_state_of(pilot.app)}"
        await pilot.pause(_LOOK_S)


def _state_of(app: App[Any]) -> str:
    """What a key depends on, for whoever wonders why one did nothing."""
    screen = app.screen
    keys = ", ".join(type(whose).__name__ for whose, _ in screen._binding_chain)
    return (
        f"{app._exit=}, {app._exception=}, {app.screen_stack=}, {app.focused=}, {screen.maximized=}, {keys=}, "
        f"{app._running=}, {app._closing=}, {screen._running=}, {screen._closing=}, {_is_busy(app)=}, "
        f"notices={[each.message for each in app._notifications]}"
    )


_answered = Pilot._wait_for_screen
"""Every widget has come to what was in its queue; what it told others thereby may still be in theirs."""


def _is_as_it_was_left(app: App[Any]) -> bool:
    """Whether nobody but the test had its turn since the screen stood still, and nobody is about to have one."""
    ready = asyncio.get_running_loop()._ready  # type: ignore[attr-defined]
    return list(ready) == [_left.get(app)] and not _is_busy(app)


def _as_it_was_left(app: App[Any]) -> None:
    """Keep in mind that the screen stands still, until the loop gives anybody else a turn."""
    _left[app] = asyncio.get_running_loop().call_soon(lambda: None)


async def _in_place_of_idle(min_sleep: float = 0, max_sleep: float = 1) -> None:
    app = active_app.get()
    if not _is_as_it_was_left(app):
        await settle(app)


async def _in_place_of_answers(pilot: Pilot[Any], timeout: float = LONGEST_S) -> bool:
    return _is_as_it_was_left(pilot.app) or await _answered(pilot, timeout)


async def _paused(pilot: Pilot[Any], delay: float | None = None) -> None:
    await settle(pilot.app)
    if delay is not None:
        await asyncio.sleep(delay)
        await settle(pilot.app)


def use(patch: pytest.MonkeyPatch) -> None:
    """Let every pilot wait so, after each key, click and pause."""
    _parse_styles_once(patch)
    patch.setattr("textual.app.wait_for_idle", _in_place_of_idle)
    patch.setattr("textual.pilot.wait_for_idle", _in_place_of_idle)
    patch.setattr(Pilot, "_wait_for_screen", _in_place_of_answers)
    patch.setattr(Pilot, "pause", _paused)


def _parse_styles_once(patch: pytest.MonkeyPatch) -> None:
    """Let all apps of a test run share what was parsed of the same style sheets under the same colours."""
    parsed: dict[frozenset[tuple[str, str]], dict[Any, list[RuleSet]]] = {}
    begin, set_variables = Stylesheet.__init__, Stylesheet.set_variables

    def begun(sheet: Stylesheet, *, variables: dict[str, str] | None = None) -> None:
        begin(sheet, variables=variables)
        share(sheet)

    def coloured(sheet: Stylesheet, variables: dict[str, str]) -> None:
        # It forgets what was parsed, which others still need.
        sheet._parse_cache = LRUCache(1)
        set_variables(sheet, variables)
        share(sheet)

    def share(sheet: Stylesheet) -> None:
        sheet._parse_cache = parsed.setdefault(frozenset(sheet._variables.items()), {})  # type: ignore[assignment]

    patch.setattr(Stylesheet, "__init__", begun)
    patch.setattr(Stylesheet, "set_variables", coloured)
    # Theirs says the same, in Python, some million times a run.
    patch.setattr(RuleSet, "__hash__", object.__hash__)

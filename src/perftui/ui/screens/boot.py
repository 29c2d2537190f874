"""What is seen while the workload is being started: the dashboard's frame, painted before anything heavy is loaded."""

from __future__ import annotations

import shlex
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from perftui.errors import PerftuiError
from perftui.recording.starter import Starter
from perftui.ui.commands import DASHBOARD, bindings_of
from perftui.ui.screens.base import BaseScreen
from perftui.ui.widgets.header_bar import HeaderBar, HeaderFacts
from perftui.ui.widgets.key_bar import KeyBar


class BootScreen(BaseScreen):
    """Starts a recording once it is painted, then makes room for the dashboard."""

    SCREEN = DASHBOARD
    BINDINGS: ClassVar[list[BindingType]] = [
        binding for binding in bindings_of(DASHBOARD) if binding.action in ("quit", "app.interrupt", "app.toggle_theme")
    ]

    def __init__(self, starter: Starter) -> None:
        super().__init__()
        assert starter.plan is not None
        self._plan = starter.plan
        self._starter = starter

    def compose(self) -> ComposeResult:
        """Lay out the frame."""
        yield HeaderBar()
        yield Static("starting the workload…" if self._plan.workload else "attaching…", id="boot")
        yield KeyBar()

    def on_mount(self) -> None:
        """Paint first, start then."""
        plan = self._plan
        command = shlex.join(plan.workload.argv) if plan.workload else f"pid {plan.attach_pid}"
        title = plan.name or plan.profile or command
        self.query_one(HeaderBar).show(HeaderFacts(title=title, command=command))
        traces = plan.mode.memory or plan.two_pass
        self.query_one(KeyBar).show(DASHBOARD, without=() if traces else ("lens",))
        self.call_after_refresh(self._start)

    @work(thread=True, exit_on_error=False, group="start", exclusive=True)
    def _start(self) -> None:
        try:
            recorder = self._starter.start()
        except PerftuiError as error:
            self.app.call_from_thread(self._fail, error)
            return
        if recorder is not None:
            # The dashboard's widgets are loaded here too, while this screen still answers.
            from perftui.ui.screens.dashboard import DashboardScreen  # noqa: PLC0415

            self.app.call_from_thread(
                lambda: self.app.switch_screen(DashboardScreen.live(recorder, starter=self._starter))
            )

    def _fail(self, error: PerftuiError) -> None:
        self.app._handle_exception(error)

    async def action_quit(self) -> None:
        """Leave before anything has begun."""
        self.app.exit()

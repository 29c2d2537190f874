"""Leaving a session: what would be lost is asked about first."""

from __future__ import annotations

from perftui.model.session import SessionKind
from perftui.recording.base import Recording
from perftui.recording.session_model import SessionModel
from perftui.recording.update import Phase
from perftui.text import printable
from perftui.ui.screens.dialogs import AskYes
from perftui.ui.screens.flame_screen import FlameScreen

_SKIP_READING = (
    "The capture is still being read. Skip that? The session is saved anyway; the capture is read when it is opened."
)
_STOP_IMPORT = "The capture is still being read. Stop? Nothing of it is saved then; the file stays where it is."


class LeavingScreen(FlameScreen):
    """A screen that may hold a recording, which ends with it."""

    _model: SessionModel
    _recorder: Recording | None

    async def action_quit(self) -> None:
        """Close; ask first where that would end a workload, or leave a capture unread."""
        if self._would_end_workload() and self.settings.confirm:
            name = printable(self._model.meta.name)
            self._leave_if(f"End {name} and save the session?", yes="end it", no="keep watching")
        elif self._reads_capture():
            imported = self._model.meta.kind is SessionKind.IMPORTED
            question = _STOP_IMPORT if imported else _SKIP_READING
            self._leave_if(question, yes="stop" if imported else "skip it", no="wait", at_once=True)
        else:
            self._leave()

    def _leave_if(self, question: str, *, yes: str, no: str, at_once: bool = False) -> None:
        def answer(agreed: bool | None) -> None:
            if agreed:
                self._leave(at_once=at_once)

        self.app.push_screen(AskYes(question, yes=yes, no=no, asked_by="q"), answer)

    def _reads_capture(self) -> bool:
        reading = self._model.progress is not None and bool(self._model.progress.text)
        return self._recorder is not None and reading and self._model.phase is not Phase.DONE

    def _would_end_workload(self) -> bool:
        return self._recorder is not None and self._recorder.ends_workload

    def _leave(self, *, at_once: bool = False) -> None:
        if self._recorder is not None:
            self._recorder.stop(at_once=at_once)
        self._go()

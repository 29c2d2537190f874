"""Profile files of other tools as sides of a comparison: a session is made of each, and gone with the comparison."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from perftui.errors import NoDataError
from perftui.model.workload import Retention
from perftui.sources.base import Progress
from perftui.sources.heap.header import looks_like_capture
from perftui.storage.schema import PART_SUFFIX, SUFFIX

_LOOK_EVERY_S = 0.2
_DATABASE = b"SQLite format 3\0"


class ComparedFiles:
    """Sessions that are made of files for as long as it is entered."""

    def __init__(self, on_progress: Callable[[Progress], object] = lambda _: None) -> None:
        self.notes: list[str] = []
        """What could not be taken over from the files, one sentence each."""
        self._on_progress = on_progress
        self._open = ExitStack()
        self._directory: Path | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def session_of(self, path: Path) -> Path:
        """Return a session file as it is, and of any other file a session that holds its profile.

        Raises:
            ImportFormatError: The file is of no known format, or broken.
            NoDataError: There is no such file.
            SessionWriteError: There is no room for it.
        """
        if _is_session(path):
            return path
        if self._directory is None:
            made = tempfile.TemporaryDirectory(prefix="perftui-compare-", ignore_cleanup_errors=True)
            self._directory = Path(self._open.enter_context(made))
        if looks_like_capture(path):
            return self._of_capture(path, self._directory)
        # Whoever compares sessions need not wait for what reads all the other formats.
        from perftui.recording.exchange import import_profile  # noqa: PLC0415

        made_of, _, notes = import_profile(path, self._directory)
        self.notes += notes
        return made_of

    def _of_capture(self, capture: Path, directory: Path) -> Path:
        from perftui.recording.capture_import import CaptureImport  # noqa: PLC0415

        running = CaptureImport(capture, directory, retention=Retention.DROP)
        running.start()
        try:
            while not running.wait(_LOOK_EVERY_S):
                update = running.feed.take()
                if update is not None and update.progress is not None:
                    self._on_progress(update.progress)
        except BaseException:
            running.stop()
            running.wait()
            raise
        running.result()
        self.notes += running.notes
        if running.path is None:
            raise NoDataError(f"{capture.name} was read, and its figures are not saved", hint="is there room left?")
        return running.path


def _is_session(path: Path) -> bool:
    """Say whether a file is opened as a session, be it to say what is wrong with it."""
    if path.name.endswith((SUFFIX, PART_SUFFIX)):
        return True
    try:
        with path.open("rb") as file:
            return file.read(len(_DATABASE)) == _DATABASE
    except OSError:
        return False

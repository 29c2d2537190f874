"""What a person says of a session while it is recorded: it holds from then on, and in the saved file."""

from __future__ import annotations

import threading
from dataclasses import replace

from perftui.model.session import SessionMeta


class Annotations:
    """Said from any thread; laid over the meta data by the recording's own, and closed when that writes its last."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._said: tuple[str, bool, str] | None = None
        self._closed = False

    def say(self, *, name: str, pinned: bool, baseline: str) -> bool:
        """Take note of it; False where the last word was written already."""
        with self._lock:
            if not self._closed:
                self._said = name, pinned, baseline
            return not self._closed

    def over(self, meta: SessionMeta) -> SessionMeta:
        """Return the meta data with what was said."""
        with self._lock:
            if self._said is None:
                return meta
            name, pinned, baseline = self._said
        return replace(meta, name=name, pinned=pinned, baseline=baseline)

    def closed(self, meta: SessionMeta) -> SessionMeta:
        """Return the meta data with what was said; nothing is taken any more."""
        with self._lock:
            self._closed = True
        return self.over(meta)

"""Recorders that fail: when the next one is tried, and when trying is of no use any more."""

from __future__ import annotations

from perftui.sources.pyspy_command import Failure, FailureKind

_MOST_FAILURES = 10
_BACKOFF_S = 0.05
_LONGEST_BACKOFF_S = 2.0
_PERMANENT = (FailureKind.PERMISSION, FailureKind.UNSUPPORTED)


class Retries:
    """Failures in a row, each followed by a longer pause."""

    def __init__(self, *, launched: bool) -> None:
        """Begin without one; a command that was `launched` need not be Python, or not yet."""
        self.at_s = 0.0
        """The next recorder is not started before this moment."""
        self.may_lack_python = False
        """Whether the last failure is no failure: a launched command need not be Python."""
        self._launched = launched
        self._count = 0

    @property
    def repeated(self) -> bool:
        """Whether the last failure was not the first in a row: then it is worth a word."""
        return self._count > 1

    def fail(self, failure: Failure, now_s: float, *, seen: bool) -> bool:
        """Count a failure; say whether to go on trying. `seen` tells whether any window was seen before."""
        self._count += 1
        self.at_s = now_s + min(_LONGEST_BACKOFF_S, _BACKOFF_S * 2 ** (self._count - 1))
        self.may_lack_python = failure.kind is FailureKind.NOT_PYTHON and self._launched
        if self.may_lack_python:
            # It may become one: a launcher replaces itself, an interpreter is still loading.
            self._count = min(self._count, _MOST_FAILURES - 1)
            return True
        return self._count < _MOST_FAILURES and (seen or not self._is_final(failure))

    def succeed(self) -> None:
        """Take note of a look that succeeded."""
        self._count = 0

    def _is_final(self, failure: Failure) -> bool:
        """Tell whether trying again is of no use, when nothing has been seen yet."""
        if self._launched:
            return failure.kind in _PERMANENT
        return failure.kind in (*_PERMANENT, FailureKind.NOT_PYTHON, FailureKind.GONE)

"""What a source of CPU samples says of itself: running, or degraded and by what."""

from __future__ import annotations

from enum import IntEnum

from perftui.sources.base import SourceState, SourceStatus

_NO_PYTHON_S = 2.0


class Note(IntEnum):
    """What there is to say about the source; of several the first is said."""

    FAILING = 0
    LOST = 1
    REPLACED = 2
    APPROXIMATE = 3
    SLOWED = 4


class Notes:
    """What is worth saying at the moment, and the status that follows from it."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._notes: dict[Note, tuple[str, str]] = {}

    def say(self, note: Note, message: str, hint: str = "") -> None:
        """Say something from now on; an empty message takes it back."""
        if message:
            self._notes[note] = (message, hint)
        else:
            self.take_back(note)

    def take_back(self, *notes: Note) -> None:
        """Say it no longer."""
        for note in notes:
            self._notes.pop(note, None)

    def about(self, note: Note) -> tuple[str, str] | None:
        """Return what is said about one thing: sentence and hint."""
        return self._notes.get(note)

    def status(self, *, sampled: bool, has_interpreter: bool, since_s: float) -> SourceStatus:
        """Return what to say of the source now.

        Args:
            sampled: Whether a recorder has ever sampled.
            has_interpreter: Whether there is something to sample now.
            since_s: How long the source has been at work.
        """
        state, message, hint = SourceState.RUNNING, "", ""
        if self._notes:
            state, (message, hint) = SourceState.DEGRADED, self._notes[min(self._notes)]
        elif not has_interpreter and sampled:
            message = "No Python interpreter runs in this command at the moment."
        elif not has_interpreter and since_s >= _NO_PYTHON_S:
            state = SourceState.DEGRADED
            message = "No Python interpreter in this command: no samples."
            hint = "Meters, budgets and output work all the same."
        elif not sampled:
            state = SourceState.STARTING
        return SourceStatus(self._name, state, message, hint)

"""A saved session as its viewers hold it: the same model that a recording fills, with time frozen."""

from __future__ import annotations

from perftui.model.sample import ProfileDelta
from perftui.recording.session_model import SessionModel
from perftui.recording.update import Phase, Update
from perftui.storage.session_file import SavedSession


def update_of(saved: SavedSession) -> Update:
    """Return one update that holds the whole of a saved session."""
    return Update(
        meta=saved.meta,
        phase=Phase.DONE,
        elapsed_s=saved.meta.duration_s,
        delta=delta_of_saved(saved),
        looks=tuple(saved.looks),
        readings=tuple(saved.readings),
        events=tuple(saved.events),
        output=tuple(saved.output),
        verdicts=tuple(saved.verdicts),
    )


def model_of(saved: SavedSession) -> SessionModel:
    """Return the model of a saved session."""
    model = SessionModel(saved.meta)
    model.apply(update_of(saved))
    return model

"""The text of source files as they ran, wherever it can still be got: from the session, the disk, or git.

Nothing is taken that is not known to be what ran: by its digest, or, of installed packages of which none is kept, by
having been written before the recording began.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from perftui.analysis.code_origin import Origin, origin
from perftui.analysis.normalise import normal_file
from perftui.model.session import SessionKind, SessionMeta
from perftui.model.source_file import MOST_BYTES, SourceFile
from perftui.recording.regular_file import read_regular
from perftui.recording.source_text import decoded_source
from perftui.sources.git_history import file_at
from perftui.storage.source_table import unpack_source


def text_of(file: str, meta: SessionMeta, sources: Mapping[str, SourceFile]) -> str | None:
    """Return the text of a file that a session names, exactly as it ran; None where that cannot be told."""
    ran = sources.get(file)
    if ran is None:
        data = _installed(file, meta)
        return None if data is None else decoded_source(data)
    for get in (_kept, _on_disk, _in_git):
        data = get(ran, meta)
        if data is not None and hashlib.sha256(data).hexdigest() == ran.sha256:
            return decoded_source(data)
    return None


def _kept(ran: SourceFile, _meta: SessionMeta) -> bytes | None:
    try:
        return unpack_source(ran) if ran.packed is not None else None
    except ValueError:
        return None


def _on_disk(ran: SourceFile, meta: SessionMeta) -> bytes | None:
    content = _content(Path(meta.cwd, ran.file))
    return None if content is None else content[0]


def _in_git(ran: SourceFile, meta: SessionMeta) -> bytes | None:
    root, commit = meta.environment.get("git_root", ""), meta.environment.get("git_commit", "")
    if not (root and commit):
        return None
    file = normal_file(str(Path(meta.cwd, ran.file)), root)
    found = (file_at(Path(place), commit, file, size_bytes=ran.size_bytes) for place in repositories_of(meta))
    return next((data for data in found if data is not None), None)


def repositories_of(meta: SessionMeta) -> list[str]:
    """Return where git can be asked about a session's commit: its checkout, or the repository of one that is gone."""
    places = (meta.environment.get(fact, "") for fact in ("git_root", "git_project"))
    return [place for place in dict.fromkeys(places) if place and Path(place).is_dir()]


def _installed(file: str, meta: SessionMeta) -> bytes | None:
    if meta.kind is SessionKind.IMPORTED or origin(file) is not Origin.PACKAGE or not file.startswith("/"):
        return None
    content = _content(Path(file))
    try:
        began_s = datetime.fromisoformat(meta.created).timestamp()
    except (ValueError, OverflowError, OSError):
        return None
    return content[0] if content is not None and content[1] <= began_s else None


def _content(path: Path) -> tuple[bytes, float] | None:
    try:
        content = read_regular(str(path), most_bytes=MOST_BYTES)
    except (OSError, ValueError):
        return None
    return None if content is None else (content.data, content.written_epoch_s)

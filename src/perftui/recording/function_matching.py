"""Which function of one session is which of another, from all that sessions, their sources, git and settings know.

Sources and git are only asked about files that are not the same on both sides, and only where both have functions that
the other has not: two runs of one program cost nothing but the comparison of names.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from pathlib import Path

from perftui.analysis.call_tree import FunctionKey
from perftui.analysis.code_origin import Origin, origin
from perftui.analysis.function_bodies import bodies_of, renamed_bodies
from perftui.analysis.matching import Functions, Matching, Renames, match
from perftui.model.frame import Frame
from perftui.model.session import SessionKind, SessionMeta
from perftui.model.source_file import SourceFile
from perftui.recording.ran_sources import repositories_of, text_of
from perftui.sources.git_history import renamed_files

MOST_TEXT, MOST_FILES = 1 << 20, 40
"""Letters and files of source that are read of a side for renames; a comparison must not wait for more."""
_KNOWS_QUALIFIED_NAMES = (3, 11)
"""From this Python on, code objects know the names that samplers tell."""
_MINOR = re.compile(r"([0-9]{1,3})\.([0-9]{1,3})", re.ASCII)
_OF_CHECKOUT = ("git_root", "git_project", "git_commit")
_SOURCES = (Origin.OWN, Origin.PACKAGE)


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the runs of one side know of their functions."""

    frames: Sequence[Frame]
    metas: Sequence[SessionMeta]
    sources: Mapping[str, SourceFile] = field(default_factory=dict)
    """What was seen of source files, by their names in frames."""

    @property
    def functions(self) -> Functions:
        """The functions with the folders that their files lie in."""
        folders = (
            folder for meta in self.metas for folder in (meta.environment.get("git_root", ""), meta.cwd) if folder
        )
        return Functions(self.frames, tuple(dict.fromkeys(folders)), any(map(_may_be_bare, self.metas)))

    @property
    def commit(self) -> str:
        """The one commit that all runs are of; empty where there is none, or several."""
        found = {meta.environment.get("git_commit", "") for meta in self.metas}
        return found.pop() if len(found) == 1 else ""

    @property
    def repositories(self) -> list[str]:
        """Where git can be asked about the commits of the runs."""
        return list(dict.fromkeys(place for meta in self.metas for place in repositories_of(meta)))


def _may_be_bare(meta: SessionMeta) -> bool:
    """Say whether a run was seen by another tool, or had an interpreter that tells its sampler no qualified names."""
    version = _MINOR.match(meta.environment.get("workload_python", ""))
    return meta.kind is SessionKind.IMPORTED or (
        version is not None and (int(version[1]), int(version[2])) < _KNOWS_QUALIFIED_NAMES
    )


def matched(baseline: Recorded, current: Recorded, settings: Mapping[str, str] | None = None) -> Matching:
    """Return one name for each function of both sides; `settings` are renames that a person wrote down."""
    sides = baseline.functions, current.functions
    known = Renames(settings=settings or {})
    found = match(*sides, known)
    files = [_Files(side, names) for side, names in zip((baseline, current), found.files, strict=True)]
    wanted = [
        _changed(keys, mine, other) for keys, mine, other in zip(found.left_over, files, files[::-1], strict=True)
    ]
    if not all(wanted):
        return found
    known = replace(known, files=_git_renames(baseline, current))
    # By turns, so that both sides have their share of what is read.
    read = [file for pair in zip_longest(*wanted) for file in pair if file]
    definitions = [mine.definitions(read) for mine in files]
    before, after = renamed_bodies(definitions[0], definitions[1], found.left_over)
    if not (known.files or (before and after)):
        return found
    return match(*sides, replace(known, baseline_bodies=before, current_bodies=after))


def matched_by_name(baseline: Recorded, current: Recorded) -> Matching:
    """Return one name for each function of both sides by what they are called alone, without looking at a source."""
    return match(baseline.functions, current.functions)


def ambiguity(matching: Matching) -> str:
    """Say in one sentence how many names stand for several functions; empty where none does."""
    if not matching.ambiguous:
        return ""
    names = "1 name is" if matching.ambiguous == 1 else f"{matching.ambiguous:,} names are"
    return f"{names} ambiguous: a side tells no more than bare names, so functions of one name are compared as one"


class _Files:
    """The source files of one side, by the names that they have on both."""

    def __init__(self, side: Recorded, names: Mapping[str, str]) -> None:
        self._side = side
        self._seen = {name: seen for seen, name in names.items()}
        """The name in frames by the name for both sides."""

    def mark(self, file: str) -> str:
        """Return what a file of the same content has, too; empty where nothing is known of it."""
        seen = self._seen.get(file, "")
        ran = self._side.sources.get(seen)
        return ran.sha256 if ran is not None else seen

    def definitions(self, files: Sequence[str]) -> dict[str, dict[str, str]]:
        """Return the functions that files define, with their bodies, as far as their texts are known."""
        found: dict[str, dict[str, str]] = {}
        for file, text in self._texts(files):
            try:
                found[file] = bodies_of(text)
            except ValueError:
                continue
        return found

    def _texts(self, files: Sequence[str]) -> Iterator[tuple[str, str]]:
        left = MOST_TEXT
        # Runs of one checkout know the same of a file.
        metas = {(meta.cwd, *map(meta.environment.get, _OF_CHECKOUT)): meta for meta in self._side.metas}
        for file in list(dict.fromkeys(files))[:MOST_FILES]:
            seen = self._seen.get(file)
            texts = (text_of(seen, meta, self._side.sources) for meta in metas.values()) if seen else ()
            text = next(filter(None, texts), None)
            if text is not None and len(text) <= left:
                left -= len(text)
                yield file, text


def _changed(keys: frozenset[FunctionKey], mine: _Files, other: _Files) -> list[str]:
    """Return the files of functions that only one side has, the most first; files of equal content are left out."""
    counts = Counter(file for file, name in keys if not name.startswith("<") and origin(file) in _SOURCES)
    return [file for file, _ in counts.most_common() if mine.mark(file) and mine.mark(file) != other.mark(file)]


def _git_renames(baseline: Recorded, current: Recorded) -> dict[str, str]:
    before, after = baseline.commit, current.commit
    if not before or not after or before == after:
        return {}
    for place in dict.fromkeys([*current.repositories, *baseline.repositories]):
        if renamed := renamed_files(Path(place), before, after):
            return renamed
    return {}

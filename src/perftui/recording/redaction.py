"""What of sessions may be told to strangers: no arguments, host, user, environment, source, nor paths outside.

Secrets on a command line are blotted out before they are stored (storage/redaction.py); this is about everything else
that a report or an export would carry away.
"""

from __future__ import annotations

import getpass
import platform
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from copy import copy
from dataclasses import replace
from pathlib import Path

from perftui.analysis.command_name import command_name
from perftui.analysis.delta_tree import DeltaTree
from perftui.analysis.normalise import is_installed, normal_file
from perftui.model.change import Condition, FunctionChange
from perftui.model.frame import Frame
from perftui.model.heap import FunctionRow, HeapDelta
from perftui.model.sample import ProfileDelta, ThreadLooks
from perftui.model.session import SessionMeta
from perftui.recording.comparison import Comparison
from perftui.recording.playback import Playback, open_playback
from perftui.recording.redacted_series import redacted_series
from perftui.recording.session_model import SessionModel
from perftui.recording.side_runs import SideRuns
from perftui.recording.update import Update
from perftui.storage.redaction import MASK

ELSEWHERE = "<elsewhere {}>"
"""Stands for a file beyond the project; each has its number, so that functions of one name stay apart."""
_FACTS = {
    *(
        "perftui",
        "python",
        "py-spy",
        "memray",
        "psutil",
        "workload_python",
        "workload_build",
        "git_commit",
        "git_changes",
    ),
    *("cpu", "cores", "physical_cores", "cpu_limit_cores", "memory_bytes", "memory_limit_bytes", "governor", "turbo"),
    *("system", "container", "load_1", "sampling_native", "sampling_children", "git_commit", "git_changes"),
}
"""Facts of the surroundings that are told; whatever is noted beside them one day is not."""
_CONDITIONS = {
    *("CPU", "cores", "CPU limit", "memory", "memory limit", "governor", "turbo", "system", "container", "perftui"),
    *("Python", "build of Python", "how", "looked at", "rate", "sampling", "native frames", "child processes"),
    *("py-spy", "memray", "load at the start"),
}
_ONE, _ANOTHER, _SEVERAL = "one", "another", "several"
_HOME = re.compile(r"(?:/home|/Users|[A-Za-z]:/Users)/([^/\s]+)")
_PATH = re.compile(r"""(?<![\w./<>%-])(?:~|[A-Za-z]:)?[/\\][^\s'",;:()<>|/\\]+(?:[/\\][^\s'",;:()<>|]*)*""")
_PSEUDO_FILE = re.compile(r"<[\w. :\[\]-]{1,80}>|<stdlib>/(?!.*\.\./)[^\\]*|")
_COMMIT = re.compile(r"\b[0-9a-f]{7,64}\b")
_LEAST_WORD = 6
"""Letters of an argument that is looked for in sentences: shorter ones are part of any of them."""
_NOBODY = frozenset(("root", "user", "admin", "runner", "ubuntu", "debian", "nobody", "app"))


class Redaction:
    """One for all sessions of a report, so that a place has one name in it.

    Args:
        sessions: Each session with the frames that it knows, as they were recorded.
    """

    def __init__(self, sessions: Iterable[tuple[SessionMeta, Iterable[Frame]]]) -> None:
        metas = []
        outside: set[str] = set()
        for meta, frames in sessions:
            metas.append(meta)
            names = {frame.file for frame in frames}
            beyond = {file for file in names if not _is_inside(file, meta)}
            # Whatever they were made relative to: a side may know another root than we do.
            outside |= {normal_file(file, root) for file in beyond for root in ("", meta.cwd, root_of(meta))}
        self._places: dict[str, str] = {name: ELSEWHERE.format(at) for at, name in enumerate(sorted(outside), 1)}
        self._secrets = _secrets_of(metas)

    def file(self, name: str) -> str:
        """Return a file's name as it is told; of names as comparisons have them, too."""
        if name in self._places:
            return self._places[name]
        return name if _is_plain(name) else self._places.setdefault(name, ELSEWHERE.format(len(self._places) + 1))

    def frame(self, frame: Frame, meta: SessionMeta | None = None) -> Frame:
        """Return a frame as it is told: one of a session as it was recorded, or one with a name of both sides."""
        name = frame.file if meta is None else self._named(frame.file, meta)
        return replace(frame, file=self.file(name))

    def text(self, text: str) -> str:
        """Return a sentence without what names this machine, its people, or places on it."""
        for secret in self._secrets:
            text = secret.sub(MASK, text)
        return _PATH.sub(MASK, text)

    def meta(self, meta: SessionMeta) -> SessionMeta:
        """Return what is told of a session."""
        return replace(
            meta,
            # What a script is called says no more than its functions do.
            name=meta.name if meta.name == command_name(meta.command) else self.text(meta.name),
            tags=tuple(map(self.text, meta.tags)),
            baseline=self.text(meta.baseline),
            workload=self.text(meta.workload),
            budget=self.text(meta.budget),
            trouble=self.text(meta.trouble),
            command=(),
            cwd="",
            pid=None,
            note="",
            environment={name: fact for name, fact in meta.environment.items() if name in _FACTS},
        )

    def change(self, change: FunctionChange) -> FunctionChange:
        """Return what is told of a function on both sides."""
        was = None if change.was is None else self.frame(change.was)
        return replace(change, frame=self.frame(change.frame), was=was, reason=self.text(change.reason))

    def comparison(self, lens: Comparison) -> Comparison:
        """Return a comparison of which everything but its trees may be told; they are `tree`'s."""
        return replace(
            lens,
            sides=(self._side(lens.sides[0]), self._side(lens.sides[1])),
            changes=tuple(map(self.change, lens.changes)),
            conditions=tuple(map(self.condition, lens.conditions)),
            remarks=tuple(map(self.text, lens.remarks)),
        )

    def tree(self, tree: DeltaTree) -> DeltaTree:
        """Return the same tree with frames as they are told."""
        told = copy(tree)
        told.functions = [self.frame(frame) for frame in tree.functions]
        return told

    def _side(self, side: SideRuns) -> SideRuns:
        model = copy(side.model)
        model.meta = self.meta(model.meta)
        return replace(side, model=model, runs=tuple(replace(run, meta=self.meta(run.meta)) for run in side.runs))

    def condition(self, condition: Condition) -> Condition:
        """Return a condition as it is told: of what names a machine, whether it was the same one on both sides."""
        if condition.name in _CONDITIONS:
            return condition
        if condition.name == "git":
            sides = [" / ".join(_COMMIT.findall(side)) or MASK for side in (condition.baseline, condition.current)]
        else:
            sides = [_ONE, _ONE if condition.baseline == condition.current else _ANOTHER]
            sides = [_SEVERAL, _SEVERAL] if condition.mixed else sides
        sentence = f"{condition.name} differs" if condition.sentence else ""
        return replace(condition, baseline=sides[0], current=sides[1], sentence=sentence)

    @staticmethod
    def _named(file: str, meta: SessionMeta) -> str:
        return normal_file(file, root_of(meta))


def root_of(meta: SessionMeta) -> str:
    """Return the directory that names of a session's files are relative to: its checkout, or where it ran."""
    return meta.environment.get("git_root") or meta.cwd


def redaction_of(comparison: Comparison) -> Redaction:
    """Return what is told of two sides, one for everything that is written of them."""
    return Redaction(
        (run.meta, (*frames_of(run.model), *side.tree.functions)) for side in comparison.sides for run in side.runs
    )


def redacted_playback(path: Path) -> Playback:
    """Open a session file for strangers: what may not be told is not in the model, so nothing can show it."""
    playback = open_playback(path)
    redaction = Redaction([(playback.model.meta, frames_of(playback.model))])
    update = redacted_update(playback.update, redaction)
    model = SessionModel(update.meta)
    model.apply(update)
    return Playback(model, update, playback.path)


def frames_of(model: SessionModel) -> tuple[Frame, ...]:
    """Return every frame that a session knows, of CPU and of memory."""
    heap = [profile.tree.functions for profile in model.heap.values()]
    rows = [row.frame for profile in model.heap.values() for row in profile.rows(top=None)]
    waited = (frame for place in model.waits.at for frame in place if frame is not None)
    return (*model.aggregate.tree.functions, *(frame for functions in heap for frame in functions), *rows, *waited)


def redacted_update(update: Update, redaction: Redaction) -> Update:
    """Return the whole of a saved session as it may be told."""
    meta = update.meta
    return replace(
        update,
        meta=redaction.meta(meta),
        delta=None if update.delta is None else _delta(update.delta, redaction, meta),
        heap={view: _heap(delta, redaction, meta) for view, delta in update.heap.items()},
        looks=tuple(_look(look, redaction, meta) for look in update.looks),
        processes=tuple(
            look if not look.news else replace(look, news=tuple(replace(one, command=()) for one in look.news))
            for look in update.processes
        ),
        commands={},
        series=redacted_series(update.series, redaction.text),
        events=tuple(
            replace(event, text=redaction.text(event.text), subject=redaction.text(event.subject))
            for event in update.events
        ),
        output=(),
        sources=(),
        pictures=(),
        verdicts=update.verdicts
        and tuple(
            replace(
                verdict,
                rule=redaction.text(verdict.rule),
                subject=redaction.text(verdict.subject),
                reason=redaction.text(verdict.reason),
            )
            for verdict in update.verdicts
        ),
        operations=update.operations
        and tuple(
            replace(
                operation,
                group=redaction.text(operation.group),
                name=redaction.text(operation.name),
                parameter=redaction.text(operation.parameter),
                errors={redaction.text(text): count for text, count in operation.errors.items()},
            )
            for operation in update.operations
        ),
        captures=update.captures
        and tuple(
            replace(capture, file="", sha256="", trouble=redaction.text(capture.trouble)) for capture in update.captures
        ),
    )


def _delta(delta: ProfileDelta, redaction: Redaction, meta: SessionMeta) -> ProfileDelta:
    return replace(
        delta,
        frames=tuple(redaction.frame(frame, meta) for frame in delta.frames),
        threads=tuple(replace(thread, name=redaction.text(thread.name)) for thread in delta.threads),
    )


def _look(looks: ThreadLooks, redaction: Redaction, meta: SessionMeta) -> ThreadLooks:
    return replace(
        looks,
        threads=tuple(
            replace(
                look,
                thread=replace(look.thread, name=redaction.text(look.thread.name)),
                waits=tuple(redaction.frame(frame, meta) for frame in look.waits),
            )
            for look in looks.threads
        ),
    )


def _heap(delta: HeapDelta, redaction: Redaction, meta: SessionMeta) -> HeapDelta:
    functions: Mapping[int, Sequence[FunctionRow]] = delta.functions
    return replace(
        delta,
        profile=_delta(delta.profile, redaction, meta),
        functions={
            pid: tuple(replace(row, frame=redaction.frame(row.frame, meta)) for row in rows)
            for pid, rows in functions.items()
        },
    )


def _is_inside(file: str, meta: SessionMeta) -> bool:
    """Say whether a file is part of the project, of an installed package, or of Python itself."""
    if is_installed(file) or normal_file(file).startswith("<stdlib>/") or not _is_absolute(file):
        return True
    root = root_of(meta).rstrip("/")
    return _is_project(root) and file.replace("\\", "/").startswith(f"{root}/")


def _is_project(root: str) -> bool:
    """Say whether a directory is one that a project lies in: not a whole disk, nor all that somebody has."""
    homes = {str(Path.home()), "/root"}
    return root.count("/") > 1 and root not in homes and _HOME.fullmatch(root) is None


def _is_absolute(name: str) -> bool:
    return name.startswith(("/", "\\", "~")) or re.match(r"[A-Za-z]:[/\\]", name) is not None


def _is_plain(name: str) -> bool:
    """Say whether a name that is relative, or no file's at all, tells nothing of where it lies."""
    if name.startswith("<") or not name:
        return _PSEUDO_FILE.fullmatch(name) is not None
    parts = re.split(r"[/\\]", name)
    return not _is_absolute(name) and ".." not in parts and "://" not in name


def _secrets_of(metas: Sequence[SessionMeta]) -> list[re.Pattern[str]]:
    """Return what is looked for in sentences: the longest first, so that no part of one is left."""
    places = {str(Path.home()), *(place for meta in metas for place in (meta.cwd, root_of(meta)))}
    users = {found[1] for place in places if (found := _HOME.match(place.replace("\\", "/"))) is not None}
    with suppress(OSError, KeyError):
        users.add(getpass.getuser())
    host = platform.node()
    names = {name for name in (*users, host, host.partition(".")[0]) if len(name) > 2 and name.lower() not in _NOBODY}
    words = {word for meta in metas for word in meta.command[1:] if len(word) >= _LEAST_WORD}
    patterns = {re.escape(place) for place in places if place.count("/") > 1}
    patterns |= {rf"(?<![\w]){re.escape(name)}(?![\w])" for name in names}
    patterns |= {rf"(?<![\w]){re.escape(word)}(?![\w])" for word in words}
    return [re.compile(pattern) for pattern in sorted(patterns, key=len, reverse=True)]

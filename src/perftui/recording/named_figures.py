"""What a person names as one side of a check, as figures: sessions, a baseline, or the committed file of one."""

from __future__ import annotations

import os
import shlex
from collections.abc import Collection, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from perftui.errors import NoDataError, PerftuiError, UsageError
from perftui.formats.baseline_json import looks_like_baseline
from perftui.formats.baseline_reader import content_of, read_baseline
from perftui.model.run_figures import RunFigures
from perftui.model.session import SessionMeta
from perftui.settings.directories import expanded
from perftui.storage.baselines import names_baseline
from perftui.storage.catalogue import Catalogue
from perftui.storage.listing import read_meta
from perftui.storage.names import BASELINE_PREFIX, check_baseline
from perftui.text import printable

if TYPE_CHECKING:
    from perftui.analysis.measures import FunctionSubject

FOLDER = Path("benchmarks", "baselines")
"""Where committed baselines lie in a project."""
_SUFFIX = ".json"
_FORMS = ("@", "tag:", "commit:", "group:")


def figures_of_refs(
    catalogue: Catalogue,
    refs: Sequence[str],
    *,
    beside: SessionMeta | None = None,
    named: Collection[FunctionSubject] = (),
    top: int | None = None,
) -> RunFigures:
    """Return the figures of sessions that are the runs of one side, or of one committed baseline.

    Args:
        catalogue: Where sessions are looked for.
        refs: References to sessions, or the path of a baseline file alone.
        beside: What it is going to be held against, which decides between the baselines of several workloads.
        named: Functions that are kept whatever they cost.
        top: How many functions are kept by total, and as many by self time; None for the usual number.

    Raises:
        NoDataError: Nothing is called so.
        UsageError: Several are, or a file stands beside other references.
        ConfigError: The file is damaged.
    """
    files = [path for ref in refs if (path := baseline_file(ref)) is not None]
    if files:
        if len(refs) > 1:
            raise UsageError(
                f"{printable(str(files[0]))} is a baseline, and holds all runs of its side", hint="name it alone"
            )
        return read_baseline(files[0], ref=refs[0])
    paths = dict.fromkeys(path for ref in refs for path in catalogue.runs_of(ref, beside=beside))
    return _figures(tuple(paths), refs, named, top)


def _figures(
    paths: Sequence[Path], refs: Sequence[str], named: Collection[FunctionSubject], top: int | None
) -> RunFigures:
    # A committed file is read without what reading sessions takes to load.
    from perftui.recording.run_figures import MOST_FUNCTIONS, figures_of_sessions  # noqa: PLC0415

    return figures_of_sessions(paths, " ".join(refs), named=named, top=MOST_FUNCTIONS if top is None else top)


def figures_of_baseline(
    catalogue: Catalogue,
    ref: str,
    *,
    beside: SessionMeta | None = None,
    named: Collection[FunctionSubject] = (),
    project: Path | None = None,
) -> RunFigures:
    """Return the figures of what `--baseline REF` means.

    A plain name is that of a baseline: the sessions that are marked so, or `benchmarks/baselines/NAME.json` of the
    project; after these the name of a session.

    Args:
        catalogue: Where sessions are looked for.
        ref: A reference, a name or the path of a baseline file.
        beside: What it is going to be held against.
        named: Functions that are kept whatever they cost: those that a budget names.
        project: A directory of the project; the one that this program runs in where nobody says.

    Raises:
        NoDataError: There is no such baseline; the hint is the command that makes it.
        UsageError: Several are meant.
        ConfigError: The file is damaged.
    """
    name = plain_name(ref)
    if name is None:
        return figures_of_refs(catalogue, [ref], beside=beside, named=named)
    with suppress(NoDataError):
        return figures_of_refs(catalogue, [f"{BASELINE_PREFIX}{name}"], beside=beside, named=named)
    committed = committed_file(name, project)
    if committed.is_file():
        return read_baseline(committed, ref=os.path.relpath(committed))
    if not ref.startswith(BASELINE_PREFIX):
        with suppress(NoDataError):
            return figures_of_refs(catalogue, [ref], beside=beside, named=named)
    raise missing_baseline(name)


def file_of_baseline(catalogue: Catalogue, ref: str, *, project: Path | None = None) -> Path | None:
    """Return the file that `--baseline REF` means; None where sessions are meant, or nothing is there."""
    if (path := baseline_file(ref)) is not None:
        return path
    name = plain_name(ref)
    if name is None or any(entry.meta and entry.meta.baseline == name for entry in catalogue.list()):
        return None
    committed = committed_file(name, project)
    return committed if committed.is_file() else None


def session_ref(catalogue: Catalogue, ref: str) -> str:
    """Return the reference to sessions that `--baseline REF` means where no file does: a plain name is a baseline's.

    Raises:
        NoDataError: There is no such baseline, and no session of that name.
    """
    name = plain_name(ref)
    if name is None or ref.startswith(BASELINE_PREFIX):
        return ref
    if any(entry.meta is not None and entry.meta.baseline == name for entry in catalogue.list()):
        return f"{BASELINE_PREFIX}{name}"
    with suppress(NoDataError):
        catalogue.runs_of(ref)
        return ref
    raise missing_baseline(name)


def missing_baseline(name: str) -> NoDataError:
    """Return what is said where there is no baseline of a name: with the commands that make one."""
    quoted = shlex.quote(name)
    return NoDataError(
        f"there is no baseline {printable(name)!r}, and no {FOLDER / file_name(name)}",
        hint=f"`perftui baseline save {quoted} @latest` makes the newest session one, "
        f"`perftui record --save-baseline {quoted} -- COMMAND` a new run",
    )


def plain_name(ref: str) -> str | None:
    """Return the name of a baseline that a reference is, or None for every other form."""
    name = ref.removeprefix(BASELINE_PREFIX)
    if ref.startswith(_FORMS) or ref.endswith((_SUFFIX, ".perftui", ".part")) or Path(ref).is_absolute():
        return None
    try:
        check_baseline(name)
    except UsageError:
        return None
    return name


def baseline_file(ref: str) -> Path | None:
    """Return the baseline file that a reference is; None for what is no file, or another one.

    What ends in `.json` and is not there is meant to be one, so that reading it says that it is not.
    """
    if ref.startswith(_FORMS) or names_baseline(ref) or not ref.endswith(_SUFFIX):
        return None
    path = expanded(ref)
    try:
        return path if looks_like_baseline(content_of(path)) else None
    except (OSError, ValueError):
        return path


def committed_file(name: str, project: Path | None = None) -> Path:
    """Return where the committed baseline of a name lies, or would."""
    return project_folder(project) / FOLDER / file_name(name)


def file_name(name: str) -> str:
    """Return how the file of a baseline is called: a branch's `/` is no folder."""
    return name.replace("/", "-") + _SUFFIX


def project_folder(start: Path | None = None) -> Path:
    """Return the top of the checkout that a directory is in, or the directory itself."""
    folder = (start or Path.cwd()).absolute()
    # Asking git means starting it, which only a name that no session has needs.
    from perftui.recording.checkout import git_facts  # noqa: PLC0415

    return Path(git_facts(folder).get("git_root") or folder)


def committed_baselines(project: Path | None = None) -> list[tuple[Path, RunFigures | PerftuiError]]:
    """Return the committed baselines of a project in order of names; what cannot be read comes with its trouble."""
    folder = project_folder(project) / FOLDER
    found: list[tuple[Path, RunFigures | PerftuiError]] = []
    for path in sorted(folder.glob(f"*{_SUFFIX}")):
        try:
            found.append((path, read_baseline(path, ref=os.path.relpath(path))))
        except PerftuiError as error:
            found.append((path, error))
    return found


def baseline_of(catalogue: Catalogue, refs: Sequence[str], *, top: int | None = None) -> tuple[RunFigures, str]:
    """Return the figures of baselines or sessions, and what a file of them is called: as the baseline, or the session.

    Raises:
        NoDataError: Nothing is called so.
        UsageError: Several are, or they are of several workloads.
    """
    if len(refs) == 1 and (baseline_file(refs[0]) is not None):
        figures = figures_of_refs(catalogue, refs)
        return figures, figures.name
    paths = tuple(dict.fromkeys(path for ref in refs for path in _runs_called(catalogue, ref)))
    metas = [read_meta(path) for path in paths]
    if any(meta.workload_key != metas[0].workload_key for meta in metas):
        raise UsageError("they are of several workloads", hint="export a baseline of each")
    figures = _figures(paths, refs, (), top)
    marks = {meta.baseline for meta in metas}
    return figures, marks.pop() if len(marks) == 1 and metas[0].baseline else metas[-1].name


def _runs_called(catalogue: Catalogue, ref: str) -> tuple[Path, ...]:
    """Return the sessions of a reference, or of the baseline of that name."""
    name = plain_name(ref)
    if name is not None:
        with suppress(NoDataError):
            return catalogue.runs_of(f"{BASELINE_PREFIX}{name}")
    try:
        return catalogue.runs_of(ref)
    except NoDataError:
        if name is None:
            raise
        raise missing_baseline(name) from None

"""What the terminal shows when the dashboard has been left: how the run went, where it lies, and what to type next."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.cells import cell_len, set_cell_size

from perftui.analysis.code_origin import Origin, origin, place
from perftui.analysis.heap_profile import HeapSort
from perftui.analysis.hotspots import SortBy, hotspots
from perftui.analysis.scope import OwnOnly, Scope
from perftui.analysis.scoped_profile import ScopedProfile
from perftui.cli.console import Line
from perftui.model.heap import HeapView
from perftui.model.hotspot import Hotspot
from perftui.model.session import SessionKind, SessionMeta
from perftui.model.verdict import Verdict
from perftui.recording.memory_summary import LEADING_VIEWS
from perftui.recording.session_model import SessionModel
from perftui.reports.verdict_words import figures_text
from perftui.storage.baselines import baseline_for, last_run_of
from perftui.storage.groups import group_ref
from perftui.storage.listing import SessionEntry
from perftui.text import printable
from perftui.units import Unit, format_bytes, format_count, format_percent, format_seconds, format_value

WIDEST = 80
_LEAST = 40
_LABEL = 10
_TOP = 3
_MOST_VERDICTS = 4
_SHARE_CELLS, _WEIGHT_CELLS = 8, 10
_GOOD_COVERAGE = 0.95
_COLOURS = {Verdict.PASS: "green", Verdict.WARN: "yellow", Verdict.FAIL: "red"}


@dataclass(frozen=True, slots=True)
class Farewell:
    """One finished recording, and what it can be held against."""

    model: SessionModel
    path: Path | None
    """The saved session; None where it could not be saved."""
    entries: Sequence[SessionEntry] = ()
    """All sessions of its directory."""
    by_path: bool = False
    """Sessions are named by their files: they lie where nobody looks by default."""
    earlier: Sequence[SessionMeta] = ()
    """Runs that were recorded before it in the same dashboard."""

    def lines(self, columns: int) -> list[Line]:
        """Return the summary; no line is wider than the terminal, nor than 80 columns."""
        width = max(_LEAST, min(WIDEST, columns))
        parts = (self._heading(), self._figures(), self._functions(width), self._budget(), self._saved(width))
        cut = [[_cut(line, width) for line in part] for part in parts]
        # What is to be typed is never cut.
        return [line for part in (*cut, list(self._next())) if part for line in (*part, _EMPTY)]

    def _heading(self) -> Iterator[Line]:
        meta = self.model.meta
        star = [("★ ", "yellow")] if meta.pinned else []
        yield [
            *star,
            (printable(meta.name), "bold"),
            (f"  {format_seconds(meta.duration_s)}", ""),
            *_how_it_ended(meta),
        ]
        if meta.trouble:
            yield [("trouble".ljust(_LABEL), "dim"), (printable(meta.trouble), "yellow")]

    def _figures(self) -> Iterator[Line]:
        model = self.model
        quality = model.quality
        if quality.samples:
            covered = "" if quality.coverage >= _GOOD_COVERAGE else "yellow"
            yield [
                ("CPU".ljust(_LABEL), "dim"),
                (f"{format_count(quality.samples)} samples", ""),
                (f" · {quality.achieved_hz:.0f} of {quality.requested_hz:.0f} Hz", "dim"),
                (f" · {format_percent(100 * quality.coverage)} of the time covered", covered),
            ]
            # In a line of their own: they are what must not be cut.
            remarks = ["approximate"] * quality.approximate + ["slowed by tracing"] * bool(model.meta.perturbed)
            if remarks:
                yield [(" " * _LABEL, ""), (" · ".join(remarks), "yellow")]
        elif model.meta.mode != "memory" and not model.meta.only_metered:
            yield [("CPU".ljust(_LABEL), "dim"), ("no Python samples", "yellow")]
        if model.operations:
            count = len(model.operations)
            tools = ", ".join(sorted({operation.tool for operation in model.operations if operation.tool}))
            words = f"{count} operation{'' if count == 1 else 's'}" + (f" by {tools}" if tools else "")
            yield [("measured".ljust(_LABEL), "dim"), (words, "")]
        memory = list(_memory_words(model))
        if memory:
            yield [("memory".ljust(_LABEL), "dim"), (" · ".join(memory), "")]

    def _functions(self, width: int) -> Iterator[Line]:
        rows, unit, what = own_functions(self.model)
        if not rows:
            return
        room = width - _SHARE_CELLS - _WEIGHT_CELLS - 4
        names = min(max(cell_len(printable(row.frame.function)) for row in rows), room * 3 // 5)
        yield [(what, "dim")]
        for row in rows:
            where = place(row.frame.file, self.model.meta.cwd)
            where = f"{where}:{row.frame.line}" if row.frame.line else where
            yield [
                (format_percent(100 * row.self_share).rjust(_SHARE_CELLS), "bold"),
                (format_value(row.self_weight, unit).rjust(_WEIGHT_CELLS), ""),
                ("  ", ""),
                (_fitted(printable(row.frame.function), names), ""),
                ("  ", ""),
                (_end_of(printable(where), room - names), "dim"),
            ]

    def _budget(self) -> Iterator[Line]:
        verdicts = self.model.verdicts
        if not verdicts:
            return
        counted = {kind: sum(verdict.verdict is kind for verdict in verdicts) for kind in Verdict}
        line = [("budget".ljust(_LABEL), "dim")]
        for kind, count in counted.items():
            if count:
                line += [(" · ", "dim")] if len(line) > 1 else []
                line.append((f"{count} {kind.value}", _COLOURS.get(kind, "")))
        yield line
        broken = [verdict for verdict in verdicts if verdict.verdict in (Verdict.FAIL, Verdict.WARN)]
        broken.sort(key=lambda verdict: verdict.verdict is not Verdict.FAIL)
        for verdict in broken[:_MOST_VERDICTS]:
            measured = figures_text(verdict)
            yield [
                ("  ", ""),
                (verdict.verdict.value.upper().ljust(_LABEL - 2), _COLOURS[verdict.verdict]),
                (f"{printable(verdict.subject)}  {measured}", ""),
            ]
        if len(broken) > _MOST_VERDICTS:
            yield [(" " * _LABEL + f"and {len(broken) - _MOST_VERDICTS} more", "dim")]

    def _saved(self, width: int) -> Iterator[Line]:
        if self.path is None:
            yield [("saved".ljust(_LABEL), "dim"), ("no: the session could not be finished", "red")]
            return
        yield [("saved".ljust(_LABEL), "dim"), (_end_of(printable(_short(self.path)), width - _LABEL), "")]
        for meta in self.earlier:
            yield [("and".ljust(_LABEL), "dim"), (f"{printable(meta.name)}  {format_seconds(meta.duration_s)}", "")]

    def _next(self) -> Iterator[Line]:
        if self.path is None:
            return
        ref, meta = self._ref(self.path, self.model.meta.id), self.model.meta
        yield _command("open", f"perftui open {ref}")
        other = baseline_for(self.entries, meta)
        label = "baseline" if other is not None else "last run"
        other = other or last_run_of(self.entries, meta)
        if other is not None:
            yield _command(label, f"perftui compare {self._ref_of_all(other)} {ref}")
        elif not meta.baseline:
            yield _command("baseline", f"perftui baseline save main {ref}")

    def _ref_of_all(self, entry: SessionEntry) -> str:
        """Return what names an entry with its fellow runs; by their files each is named alone."""
        meta = entry.meta
        if meta is not None and meta.group and not self.by_path:
            return group_ref(meta.group, meta.side)
        return self._ref(entry.path, entry.id)

    def _ref(self, path: Path, session: str) -> str:
        return shlex.quote(str(path)) if self.by_path else session


_EMPTY: Line = ()


def own_functions(model: SessionModel) -> tuple[Sequence[Hotspot], Unit, str]:
    """Return the dearest functions of the person's own code, the unit of their weights, and what they are dearest in.

    What libraries cost goes to the function that called them, as the dashboard shows it with `y`. Where all code is
    others', it is that.
    """
    tree = model.aggregate.tree
    if model.aggregate.samples:
        profile = ScopedProfile(model.aggregate, Scope((OwnOnly(),)), cwd=model.meta.cwd)
        rows = hotspots(profile.tree, sort=SortBy.SELF, top=_TOP, line_counts=profile.line_counts)
        rows = [row for row in rows if row.self_weight and _is_own(row)]
        if rows:
            return rows, tree.unit, "your own functions, with the libraries they call"
        rows = hotspots(tree, sort=SortBy.SELF, top=_TOP, line_counts=model.aggregate.line_counts)
        return rows, tree.unit, "functions by their own time"
    view = next((view for view in LEADING_VIEWS if view in model.heap), None)
    if view is None:
        return (), tree.unit, ""
    profile_of_heap = model.heap[view]
    listed = profile_of_heap.rows(sort=HeapSort.SELF, top=None)
    rows = [row for row in listed if row.self_weight and _is_own(row)][:_TOP]
    return rows or listed[:_TOP], Unit.BYTES, f"your own functions by bytes: {_spoken(view)}"


def _is_own(row: Hotspot) -> bool:
    return origin(row.frame.file) is Origin.OWN


def _how_it_ended(meta: SessionMeta) -> list[tuple[str, str]]:
    if meta.kind is SessionKind.ATTACHED:
        return [(f"  attached to pid {meta.pid}", "dim")]
    if meta.ended_by_us:
        return [("  ended by perftui", "dim")]
    if not meta.exit_code:
        return [] if meta.exit_code is None else [("  exit 0", "dim")]
    sign = f"exit {meta.exit_code}" if meta.exit_code > 0 else f"ended by signal {-meta.exit_code}"
    return [(f"  {sign}", "red")]


def _memory_words(model: SessionModel) -> Iterator[str]:
    peaks = [each.high_watermark_bytes for each in model.captures if each.high_watermark_bytes is not None]
    leaks = [each.leaked_bytes for each in model.captures if each.leaked_bytes is not None]
    counts = [each.allocations for each in model.captures if each.allocations is not None]
    if peaks:
        yield f"heap peak {format_bytes(max(peaks))}"
    if leaks:
        yield f"leaked {format_bytes(sum(leaks))}"
    if counts:
        yield f"{format_count(sum(counts))} allocations"
    rss = model.measures.figures("rss_bytes").peak
    if rss is not None:
        yield f"RSS peak {format_bytes(rss)}"


def _spoken(view: HeapView) -> str:
    return view.value.replace("_", " ")


def _command(label: str, command: str) -> Line:
    return [(label.ljust(_LABEL), "dim"), (command, "bold")]


def _short(path: Path) -> str:
    home = os.path.expanduser("~")  # noqa: PTH111 (without a home it stays as it is)
    text = str(path)
    return f"~{text[len(home) :]}" if home != "/" and text.startswith(f"{home}/") else text


def _cut(line: Line, width: int) -> Line:
    """Return a line with what does not fit left out."""
    pieces: list[tuple[str, str]] = []
    left = width
    for text, style in line:
        if cell_len(text) > left:
            pieces.append((_fitted(text, left), style))
            break
        pieces.append((text, style))
        left -= cell_len(text)
    return pieces


def _fitted(text: str, cells: int) -> str:
    if cell_len(text) <= cells:
        return set_cell_size(text, cells)
    return f"{set_cell_size(text, cells - 1)}…" if cells > 0 else ""


def _end_of(text: str, cells: int) -> str:
    """Return the end of a text, of which the end tells most."""
    while cell_len(text) > max(1, cells):
        text = f"…{text[2:]}" if text.startswith("…") else f"…{text[1:]}"
    return text


def width_of(lines: Iterable[Line]) -> int:
    """Return the cells of the longest line."""
    return max((sum(cell_len(text) for text, _ in line) for line in lines), default=0)

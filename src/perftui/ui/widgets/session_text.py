"""Sessions, workload profiles and processes as rows and as a few lines; every text from outside is made safe."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from perftui.model.session import SessionMeta, SessionState
from perftui.settings.spec import ProfileEntry
from perftui.sources.processes_psutil import ProcessFacts
from perftui.storage.groups import Runs, group_ref
from perftui.storage.listing import SessionEntry
from perftui.text import printable
from perftui.ui.lens import mode_sentence, mode_word
from perftui.units import format_bytes, format_seconds

_UNREADABLE = "✗"
_BASELINE = "B"
_FOLDED, _UNFOLDED = "▸", "▾"
_TO_LOOK_AT = "●!▲"
_MARKS = f"{_TO_LOOK_AT}★✓"
NAME_CELLS = 17
"""A name has so many columns where there is little room."""


def session_row(runs: Runs, *, is_baseline: bool, unfolded: bool = False) -> list[Text]:
    """Return mark, name, time, duration, mode, tags and command of a session, or of several runs as one."""
    meta = runs.newest.meta
    if meta is None:
        name, trouble = Text(printable(runs.newest.path.name)), Text(printable(runs.newest.trouble))
        return [Text(_UNREADABLE), name, Text(""), Text(""), Text(""), Text(""), trouble]
    return [
        Text(_BASELINE if is_baseline else _mark_of_all(runs, unfolded=unfolded)),
        cell(_with_end(meta.name, runs.ending) if runs.ending else meta.name, style="bold"),
        Text(meta.created[:16].replace("T", " ")),
        Text(_length(runs) if meta.knows_times else "–", justify="right"),
        Text(mode_word(meta)),
        cell(" ".join((f"★{meta.baseline}", *meta.tags) if meta.baseline else meta.tags)),
        cell(" ".join(meta.command) or meta.ingested_from),
    ]


def run_row(entry: SessionEntry, *, is_baseline: bool) -> list[Text]:
    """Return the row of one run below the row of its group."""
    row = session_row(Runs((entry,)), is_baseline=is_baseline)
    number = entry.meta.repeat_index if entry.meta is not None else 0
    word = "part" if entry.meta is not None and entry.meta.part else "run"
    row[1] = Text(f"  {word} {number}", no_wrap=True)
    return row


def _length(runs: Runs) -> str:
    """Return how long runs lasted on average, and parts of a watch together."""
    return format_seconds(runs.mean_s * runs.times if runs.is_watch else runs.mean_s)


def cell(text: str, *, style: str = "") -> Text:
    """Return text from outside as one line of a list; where it does not fit, it says so."""
    return Text(printable(text), style=style, overflow="ellipsis", no_wrap=True)


def _with_end(text: str, end: str) -> str:
    """Return a text with an end that is not cut off: how many runs there are says more than how a name ends."""
    text = printable(text)
    most = NAME_CELLS - cell_len(end)
    return f"{set_cell_size(text, most - 1).rstrip()}…{end}" if cell_len(text) > most else f"{text}{end}"


def _mark_of_all(runs: Runs, *, unfolded: bool) -> str:
    """Return the mark of a session; of several runs that of one that is to be looked at, or whether they are shown."""
    marks = {_mark(entry.meta) for entry in runs.entries if entry.meta is not None}
    found = next((mark for mark in _MARKS if mark in marks), _UNREADABLE)
    return found if runs.times == 1 or found in _TO_LOOK_AT else _UNFOLDED if unfolded else _FOLDED


def _mark(meta: SessionMeta) -> str:
    match meta.state:
        case SessionState.RECORDING:
            return "●"
        case SessionState.INTERRUPTED:
            return "!"
        case SessionState.COMPLETE:
            return "▲" if failed(meta) or meta.trouble else "★" if meta.pinned else "✓"


def failed(meta: SessionMeta) -> bool:
    """Say whether the workload failed by itself."""
    return bool(meta.exit_code) and not meta.ended_by_us


def profile_details(entry: ProfileEntry) -> Text:
    """Return what a workload profile says."""
    profile = entry.profile
    facts = {"name": entry.name, "what": entry.description, "trouble": entry.error}
    if profile is not None:
        workload = profile.workload
        facts |= {
            "command": " ".join(workload.argv),
            "in": str(workload.cwd or ""),
            "budget": str(profile.budget or ""),
            "runs": repeats_text(entry),
            "tags": " ".join(profile.tags),
        }
    return listed({**facts, "file": str(entry.path)})


def repeats_text(entry: ProfileEntry) -> str:
    """Say what a profile that asks for several runs gets here, and what makes all of them; empty for one run."""
    profile = entry.profile
    if profile is None or (profile.repeat == 1 and not profile.warmup):
        return ""
    warm = f" after {profile.warmup} to warm up" if profile.warmup else ""
    # A screen takes its share of the machine, so that no run beside one is like the others.
    return f"one here; `perftui record {entry.name}` records all {profile.repeat}{warm} without a screen"


def process_details(facts: ProcessFacts) -> Text:
    """Return what is known of a running process."""
    known = {"pid": str(facts.pid), "user": facts.username, "command": shlex.join(facts.command) or facts.name}
    return listed({**known, "in": facts.cwd})


def runs_details(runs: Runs) -> Text:
    """Return what several runs have in common, and what their newest says of itself."""
    metas = [entry.meta for entry in runs.entries if entry.meta is not None]
    if runs.times == 1 or not metas:
        return session_details(runs.newest)
    lengths = sorted(meta.duration_s for meta in metas)
    failures = sum(map(failed, metas))
    spread = f"{format_seconds(runs.mean_s)} ({format_seconds(lengths[0])} … {format_seconds(lengths[-1])})"
    facts = {
        "parts" if runs.is_watch else "runs": f"{runs.times}, {runs.state}"
        + (f", {failures} failed" if failures else ""),
        "duration": f"{runs.length} in all" if runs.is_watch else spread,
        "group": runs.ref,
    }
    return listed(facts).append("newest\n", "dim").append_text(session_details(runs.newest, in_group=False))


def session_details(entry: SessionEntry, *, in_group: bool = True) -> Text:
    """Return what a session says of itself without being opened, with its place in its group or without."""
    meta = entry.meta
    if meta is None:
        return Text(printable(entry.trouble))
    ended = "" if meta.exit_code is None or meta.ended_by_us else f", exit code {meta.exit_code}"
    facts = {
        "id": meta.id,
        "part" if meta.part else "run": f"{meta.repeat_index} of {group_ref(meta.group, meta.side)}"
        if meta.group and in_group
        else "",
        "state": f"{meta.state.value}, {meta.kind.value}{ended}",
        "command": " ".join(meta.command),
        "in": meta.cwd,
        "looks at": mode_sentence(meta),
        "rate": f"{meta.requested_hz:.0f} Hz, {meta.sampling_mode}" if meta.requested_hz else "",
        "budget": meta.budget,
        "python": meta.environment.get("python", ""),
        "pinned": f"as the baseline {meta.baseline}" if meta.baseline else "yes" if meta.pinned else "",
        "note": meta.note,
        "trouble": meta.trouble,
        "size": format_bytes(entry.size_bytes),
        "capture": "kept" if entry.captures else "",
    }
    return listed(facts)


def listed(facts: Mapping[str, str]) -> Text:
    """Return facts by name, one a line; empty ones are left out."""
    text = Text()
    for name, value in facts.items():
        if value:
            text.append(f"{name:9}", "dim").append(f"{printable(value)}\n")
    return text

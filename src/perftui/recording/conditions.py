"""Were two sides recorded under the same conditions? Which facts differ, and what that means for the figures."""

from __future__ import annotations

import re
import statistics
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from perftui.model.change import Condition
from perftui.model.session import SessionKind, SessionMeta
from perftui.model.workload import RecordMode
from perftui.recording.speed_variables import SPEED_VARIABLES
from perftui.units import format_bytes

UNKNOWN = "not recorded"
_BUSY = 0.5
"""A load of so much for each core, beyond what was there on the other side, slows a run down."""
_SIDES = ("baseline", "current")
_OWN_LOAD = 1.0
"""Repeated runs are themselves a load of one."""
_MODES = {"cpu": "CPU", "memory": "memory", "both": "CPU and memory"}
_KINDS = {SessionKind.LAUNCHED: "launched", SessionKind.ATTACHED: "attached to", SessionKind.IMPORTED: "imported"}

Metas = Sequence[SessionMeta]


@dataclass(frozen=True, slots=True)
class _Fact:
    """One thing that is asked of both sides."""

    name: str
    of: Callable[[SessionMeta], str]
    """What a session says; empty where it does not."""
    sentence: str = ""
    """What it means where the sides differ in it; empty where it means nothing for the figures."""
    absent: str = ""
    """What is meant where a session that notes such facts does not note this one; empty where nobody can tell."""

    def said_by(self, meta: SessionMeta) -> str:
        """Return what a session says, or what its silence means."""
        return self.of(meta) or (self.absent if "host" in meta.environment else "")


def conditions(before: Metas, after: Metas) -> tuple[Condition, ...]:
    """Return what the runs of both sides were recorded under; what nobody says is left out.

    Texts come from the sessions, so they are to be made safe before they are drawn.

    Args:
        before: All runs of the baseline's side.
        after: All runs of the current side.
    """
    rows = [_condition(fact, before, after) for fact in _FACTS if _asked(fact, before, after)]
    load = _load(before, after)
    place = next((at for at, row in enumerate(rows) if row.name == "Python"), len(rows))
    rows[place:place] = [load] if load is not None else []
    return tuple(rows)


def what_matters(found: Sequence[Condition]) -> tuple[str, ...]:
    """Return the sentences of those conditions that differ and matter."""
    return tuple(condition.sentence for condition in found if condition.matters and condition.sentence)


def _asked(fact: _Fact, before: Metas, after: Metas) -> bool:
    return any(fact.of(meta) for meta in (*before, *after))


def _condition(fact: _Fact, before: Metas, after: Metas) -> Condition:
    counts = _counted(fact, before), _counted(fact, after)
    one, other = (" / ".join(count) or UNKNOWN for count in counts)
    known = UNKNOWN not in (one, other)
    matters = bool(fact.sentence)
    sentences = [fact.sentence.format(one=one, other=other)] if matters and known and one != other else []
    mixed = [_mixed(side, count) for side, count in zip(_SIDES, counts, strict=True) if len(count) > 1]
    if mixed and matters:
        # What the runs of one side do not share lies under every figure of it.
        sentences = [f"not all runs are alike in {fact.name}: {'; '.join(mixed)}"]
    # What only one side says is no difference that anybody could tell.
    matters = matters and (known or bool(mixed))
    return Condition(fact.name, one, other, matters=matters, sentence="".join(sentences), mixed=bool(mixed))


def _counted(fact: _Fact, runs: Metas) -> Counter[str]:
    """Return what the runs of a side say, and how many of them; those that say nothing are left out."""
    return Counter(said for meta in runs if (said := fact.said_by(meta)))


def _mixed(side: str, count: Counter[str]) -> str:
    return f"{side} {', '.join(f'{said} in {runs}' for said, runs in count.items())}"


def busy_machine(before: Metas, after: Metas) -> str:
    """Say that other programs kept the machine busy on both sides, which is no difference, and noise; else nothing."""
    one, other = _loads(before), _loads(after)
    if not one or not other:
        return ""
    cores, own = _cores(before, after), _OWN_LOAD if max(len(one), len(other)) > 1 else 0.0
    # The quietest moment: what runs again and again is a load itself, of as many threads as it has.
    if min(*one, *other) <= cores + own:
        return ""
    shown = f"load {_range(one)} and {_range(other)} on {cores:.0f} cores"
    return f"the machine was busy with other things on both sides ({shown}): repeat it when it is quiet"


def _load(before: Metas, after: Metas) -> Condition | None:
    """Return how busy the machine was when the runs began; a small difference is none."""
    one, other = _loads(before), _loads(after)
    if not one and not other:
        return None
    shown = _range(one), _range(other)
    if not one or not other:
        return Condition("load at the start", shown[0], shown[1], matters=False)
    means, cores = (statistics.fmean(one), statistics.fmean(other)), _cores(before, after)
    if abs(means[0] - means[1]) <= _BUSY * cores:
        return Condition("load at the start", shown[0], shown[1], matters=False)
    busier = "baseline" if means[0] > means[1] else "current side"
    sentence = f"the machine was busier for the {busier} (load {shown[0]} against {shown[1]}, {cores:.0f} cores)"
    return Condition("load at the start", shown[0], shown[1], sentence=sentence)


def _cores(before: Metas, after: Metas) -> float:
    return max((_number(meta.environment.get("cores", "")) or 1.0) for meta in (*before, *after))


def _loads(runs: Metas) -> list[float]:
    found = (_number(meta.environment.get("load_1", "")) for meta in runs)
    return [load for load in found if load is not None]


def _range(values: Sequence[float]) -> str:
    if not values:
        return UNKNOWN
    low, high = f"{min(values):.1f}", f"{max(values):.1f}"
    return low if low == high else f"{low} … {high}"


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _fact(key: str) -> Callable[[SessionMeta], str]:
    return lambda meta: meta.environment.get(key, "")


def _bytes(key: str) -> Callable[[SessionMeta], str]:
    def said(meta: SessionMeta) -> str:
        number = _number(meta.environment.get(key, ""))
        return "" if number is None else format_bytes(number)

    return said


def _python(meta: SessionMeta) -> str:
    return meta.environment.get("workload_python", "")


def _build(meta: SessionMeta) -> str:
    """Return what kind of interpreter it is, short where that is usual."""
    build = meta.environment.get("workload_build", "")
    compiler = re.search(r"\[([^\[\]]*)\]\s*\Z", build)
    words = [word for word in ("PyPy", "free-threading", "debug") if word.lower() in build.lower()]
    return ", ".join([*words, compiler[1] if compiler else build]) if build else ""


def _sampled(key: str) -> Callable[[SessionMeta], str]:
    """Return what says a fact of sessions that hold CPU samples."""
    return lambda meta: meta.environment.get(key, "") if meta.mode != RecordMode.MEMORY.value else ""


def _traced(meta: SessionMeta) -> str:
    return meta.environment.get("memray", "") if meta.mode != RecordMode.CPU.value else ""


def _git(meta: SessionMeta) -> str:
    facts: Mapping[str, str] = meta.environment
    if not (commit := facts.get("git_commit", "")):
        return ""
    branch = f"{facts['git_branch']} " if facts.get("git_branch") else ""
    changed = " with changes" if facts.get("git_changes") == "yes" else ""
    return f"{branch}{commit}{changed}"


def _mode(meta: SessionMeta) -> str:
    return _MODES.get(meta.mode, meta.mode) + (", in two runs" if meta.two_pass else "")


def _rate(meta: SessionMeta) -> str:
    return f"{meta.requested_hz:.0f} Hz" if meta.requested_hz else ""


def _variable(name: str) -> _Fact:
    return _Fact(name, _fact(name), f"{name} is {{one}} for the baseline and {{other}} for the current side", "unset")


_TWO = "{one} against {other}"
_FACTS: tuple[_Fact, ...] = (
    _Fact("host", _fact("host"), "the sides ran on two machines: seconds compare those as much as the code"),
    _Fact("CPU", _fact("cpu"), f"the processors differ ({_TWO}): seconds compare those as much as the code"),
    _Fact("cores", _fact("cores"), "one side had {one} cores, the other {other}"),
    _Fact("CPU limit", _fact("cpu_limit_cores"), f"a container's CPU limit differs: {_TWO} cores", "none"),
    _Fact("memory", _bytes("memory_bytes"), "one machine has {one} of memory, the other {other}"),
    _Fact("memory limit", _bytes("memory_limit_bytes"), f"a container's memory limit differs: {_TWO}", "none"),
    _Fact("governor", _fact("governor"), f"the processor was governed otherwise: {_TWO}"),
    _Fact("turbo", _fact("turbo"), f"the processor's turbo differs: {_TWO}"),
    _Fact("system", _fact("system"), f"the kernels differ: {_TWO}"),
    _Fact("container", _fact("container"), f"one side ran in a container of another kind: {_TWO}", "none"),
    _Fact("Python", _python, f"the interpreters differ (Python {_TWO}), and so does their speed"),
    _Fact("build of Python", _build, f"the interpreters were built otherwise: {_TWO}"),
    _Fact(
        "how",
        lambda meta: _KINDS[meta.kind],
        "one side was {one}, the other {other}: the time of what is attached to is as long as one looked",
    ),
    _Fact("looked at", _mode, "one side recorded {one}, the other {other}: what is traced runs slower"),
    _Fact("rate", _rate, "one side was sampled at {one}, the other at {other}: looking more often slows down more"),
    _Fact(
        "sampling",
        lambda meta: meta.sampling_mode,
        "one side was sampled {one}, the other {other}: only blocking looks are exact",
    ),
    _Fact("native frames", _sampled("sampling_native"), "native frames are in the stacks of one side only"),
    _Fact("child processes", _sampled("sampling_children"), f"child processes were sampled otherwise: {_TWO}"),
    _Fact("py-spy", _sampled("py-spy"), "two versions of py-spy sampled the sides: {one} and {other}"),
    _Fact("memray", _traced, "two versions of memray traced the sides: {one} and {other}"),
    *map(_variable, SPEED_VARIABLES),
    _Fact("perftui", _fact("perftui")),
    _Fact("git", _git),
)

"""What a figure means and what it is counted in, for whoever rests the mouse on its name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tips:
    """The words of a widget that can be pointed at."""

    rows: int | None
    """Rows from the top in which they are names; None for all."""
    of: Mapping[str, str]
    """A name as it is drawn, to one sentence."""


_SHARES = {
    "self %": "share of the whole spent in the function itself; ? is of too few samples to say much, ! and !! is great",
    "total %": "share of the whole that was spent in the function and in what it called; recursion counts once",
    "now %": "self share of the last seconds; in front of `before` the share that is held against the rest of the run",
    "run %": "self share of the whole run, beside that of the time that is looked at",
    "range %": "share of the range that is looked at",
    "rest %": "share of the run without that range",
    "before %": "share of the run without its last seconds",
    "Δ self": "self share of the range less that of the rest, in points; `noise` is what chance would do as well",
    "Δ total": "total share of the range less that of the rest, in points; `noise` is what chance would do as well",
    "self": "weight of the function itself: seconds of all threads together, or bytes",
    "total": "weight of the function with everything that it called: seconds of all threads together, or bytes",
    "samples": "how often the function was seen; fewer than some dozens say little",
    "allocations": "how often memory was asked for, whatever its size",
    "function": "qualified name; a bright mark is your own code, a muted one a package or the standard library",
    "place": "file and line; a path is shown from the directory of the workload",
}

TIPS: Mapping[str, Tips] = {
    "HeaderBar": Tips(
        None,
        {
            "samples": "stacks that were seen, on all threads",
            "Hz": "looks at each thread in a second: those that were got, of those that were asked for",
            "coverage": "sampled time over the time that the recording took, in percent; D tells more",
            "failed": "looks that failed, because a stack changed meanwhile or its process had ended",
            "sampler": "CPU time of the sampler in percent of one core",
            "dashboard": "CPU time of perftui itself in percent of one core, over the last seconds",
            "late": "how far the sampler fell behind its schedule",
            "held": "bytes that are allocated and not freed now",
            "peak": "the most bytes that were held at once; exact once the capture has been read",
            "reader": "memory and time of the process that reads memray's capture; the workload does not wait for it",
            "leaked": "bytes that were never freed while they were tracked",
            "CPU PERTURBED": "allocations were traced in the same run: functions that allocate seem slower",
            "SLOWED": "allocations are traced: the workload runs slower than by itself",
            "LOW COVERAGE": "less than 90 % of the time was sampled; D tells more",
            "LOOKS FAILED": "more than 5 % of the looks failed; D tells more",
            "APPROXIMATE": "the target is not stopped for a look: some stacks may never have existed",
            "FROZEN": "the view stands still, the recording goes on; f lets it run again",
            "pid": "process id of the workload",
        },
    ),
    "HotspotTable": Tips(1, _SHARES),
    "TreeTable": Tips(1, _SHARES),
    "Sandwich": Tips(
        2,
        {
            "callers": "who called the selected function; what each costs is the time in it on behalf of that caller",
            "callees": "what the selected function called, and the time spent there on its behalf",
            "through it": "time in the selected function, by the caller it was spent for",
            "in it": "time in the callee while the selected function called it",
            "share": "part of the selected function's total",
            "self": _SHARES["self"],
            "total": _SHARES["total"],
        },
    ),
    "ThreadTable": Tips(
        1,
        {
            "seen running": "samples in which the thread ran Python code, as seconds",
            "share": "part of the whole profile",
            "samples": "how often the thread was seen running",
            "idle": "part of the looks at which the thread waited: an estimate",
            "GIL": "part of the looks at which the thread held the interpreter's lock: an estimate",
            "bytes": "bytes that the thread allocated and holds, in the view that is shown",
            "allocations": _SHARES["allocations"],
        },
    ),
    "ChangeTable": Tips(
        1,
        {
            "verdict": "what the samples of all runs say of the function, held against chance, the host and other runs",
            "Δ self": "current less baseline, in the function itself, a run",
            "change": "current over baseline, as the runs were measured",
            "95 % interval": "where the true change lies, beyond what all functions share: a faster or slower host",
            "q": "chance that nothing changed, for all functions together; below 0.05 it is called a change",
            "samples": "how often the function was seen in all runs of each side",
            "self share": "part of the time of each side that was spent in the function itself",
            "baseline": "time in the function itself in the baseline, a run",
            "current": "time in the function itself in the current side, a run",
        },
    ),
    "MeterPanel": Tips(
        None,
        {
            "system CPU": "CPU of the whole machine; 100 % is all cores",
            "CPU": "CPU of the process tree; 100 % is one core",
            "RSS": "resident memory of the process tree; pages that are shared count in each process",
            "USS": "memory that would come free if the process tree ended: pages that nobody shares",
            "heap": "bytes that memray saw allocated and not freed",
            "open files": "file descriptors of the process tree",
            "disk read": "bytes a second that the machine's disks read",
            "disk write": "bytes a second that the machine's disks wrote",
            "ctx switches": "how often in a second the kernel gave the processor to somebody else",
            "threads": "threads of the process tree, of Python or not",
            "processes": "processes of the tree that live now",
            "load": "processes that run or want to, on the whole machine, over a minute",
            "memory %": "used memory of the machine",
            "memory": "used memory of the machine",
            "swap": "memory of the machine that was moved to disk",
            "net in": "bytes a second that the machine received",
            "net out": "bytes a second that the machine sent",
            "read": "bytes a second that the process tree read, files and pipes",
            "write": "bytes a second that the process tree wrote, files and pipes",
            "peak": "the most that was seen since the recording began",
            "limit": "the budget's limit; beyond it the rule fails",
        },
    ),
    "OperationTable": Tips(
        1,
        {
            "operation": "what was measured, below its group; a name in brackets is its parameter",
            "n": "raw values behind the figures: 5×120 are five runs of 120; `told` are a tool's own figures alone",
            "mean": "arithmetic mean of all raw values",
            "spread": "standard deviation in percent of the mean",
            "median": "the value that half of all values lie below",
            "p95": "95 of 100 values are at most this; refused below 20 values",
            "p99": "99 of 100 values are at most this; refused below 100 values",
            "ok": "executions that succeeded, where the tool counted them",
            "per second": "what gets done in a second, by the mean",
            "change": "median against the baseline's, of runs where there are five a side, else of values",
            "95 % interval": "where the true change of the median lies",
            "verdict": "what the values say of the change; a star: values within one run alone were compared",
            "budget": "the worst that the budget says of the operation; Enter shows every rule",
            "distribution": "least value, quartiles, median, greatest; an arrow: some lie beyond; ╎ and ║ are limits",
        },
    ),
    "TrendTable": Tips(
        1,
        {
            "figure": "a metric of the whole run, an operation, or a function with its file",
            "course": "its values over all sessions, from the lowest to the highest; not from zero",
            "newest": "its value in the newest session that has it",
            "change": "size of the newest change that noise does not explain, between the medians of both levels",
            "n": "sessions that have it; runs that were recorded together count as one",
        },
    ),
    "BudgetPanel": Tips(
        None,
        {
            "FAIL": "the limit is broken",
            "WARN": "the target is missed, the limit still holds",
            "PASS": "within the target",
            "INCONC": "too few samples or runs to say: the limit lies within the interval of the figure",
            "MISSING": "what the rule is about was not measured",
            "UNBUDG": "an operation that was measured and no rule is about",
            "INFO": "shown, not judged: goals, and rules that only inform",
            "Budget": "limits from a TOML file, held against what is measured",
        },
    ),
}  # fmt: skip
"""By the name of the widget's class."""
TIPS = {**TIPS, "FocusedMeters": TIPS["MeterPanel"]}


def tip_for(widget: str, y: int, text: str, at: int) -> str:
    """Return what is said of the longest name that covers a character of a row; empty where there is none.

    Args:
        widget: Name of the widget's class.
        y: The row, from the top of the widget.
        text: What stands in that row.
        at: Index of the character that is pointed at.
    """
    tips = TIPS.get(widget)
    if tips is None or (tips.rows is not None and y >= tips.rows):
        return ""
    covering = [name for name in tips.of if name in text and _covers(name, text, at)]
    found = max(covering, key=len, default="")
    return f"{found}: {tips.of[found]}" if found else ""


def _covers(name: str, text: str, at: int) -> bool:
    start = text.find(name, max(0, at - len(name) + 1))
    before = text[start - 1 : start]
    after = text[start + len(name) : start + len(name) + 1]
    return 0 <= start <= at and not before.isalnum() and not after.isalnum()

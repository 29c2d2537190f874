"""What a scope could be changed to: every toggle with its present state and what it is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from perftui.analysis.aggregate import Aggregate
from perftui.analysis.call_tree import FunctionKey
from perftui.analysis.code_origin import Origin, origin
from perftui.analysis.scope import (
    EVERYTHING,
    ORIGIN_NAMES,
    Collapsed,
    Focus,
    GilHolders,
    Hidden,
    MergedRecursion,
    OwnOnly,
    Part,
    Scope,
    ThreadPart,
    WithoutIdle,
    WithoutOrigin,
    chips,
    package_of,
)
from perftui.analysis.split import Branch, Split, branch_frame, branch_of, thread_name, toggled_out
from perftui.analysis.thread_states import state_factors, why_not_gil_holders, why_not_without_idle
from perftui.model.sample import Thread
from perftui.text import printable
from perftui.units import Unit

_SELECT_FIRST = "select a function first"
_NO_FILE = "the selected frame lies in no file"
_NO_FUNCTION = "the selected frame stands for a module: x shows its functions"


class Group(Enum):
    """Under which heading an offer stands."""

    CODE = "code"
    STATE = "what threads were doing"
    ALSO = "chosen as well"
    NAMED = "named scopes"
    PROCESSES = "processes that are looked at"
    THREADS = "threads that are looked at"


@dataclass(frozen=True, slots=True)
class Offer:
    """Something that a scope can have or not."""

    group: Group
    text: str
    detail: str
    """What it does, in a sentence."""
    on: bool
    part: Part | None = None
    """None for a branch, and for a scope with a name."""
    branch: Branch | None = None
    share: float | None = None
    """Part of the whole profile that it is about, 0 to 1; None where that is no figure."""
    estimated: bool = False
    why_not: str = ""
    """Why it cannot be chosen now; empty where it can."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Shares of a profile, worked out once: what a list of offers is drawn from however often it changes."""

    by_origin: Mapping[Origin, float] = field(default_factory=dict)
    """Share of self weight."""
    selected: FunctionKey | None = None
    own: float | None = None
    total: float | None = None
    """Shares of the selected function; None where that frame stands for something else."""
    module: str = ""
    module_share: float = 0.0
    threads: tuple[tuple[Thread, float], ...] = ()
    """With their shares, the heaviest first."""
    gil: float | None = None
    why_not_gil: str = ""
    running: float | None = None
    why_not_running: str = ""
    root: str = ""
    processes: Mapping[int, str] = field(default_factory=dict)
    """Commands in a few words, by process id."""


def figures_of(
    aggregate: Aggregate,
    selected: FunctionKey | None,
    *,
    root: str = "",
    idle_recorded: bool = False,
) -> Figures:
    """Return the shares that offers tell: one pass over the functions and one over the threads.

    Args:
        aggregate: The whole profile.
        selected: The function that is selected, in the tree of the whole or of a scope.
        root: The directory that files are named relative to.
        idle_recorded: Whether idle threads gave samples.
    """
    tree = aggregate.tree
    whole = tree.weight or 1.0
    module = package_of(selected[0], root) if selected is not None and selected[0] else ""
    by_origin: dict[Origin, float] = dict.fromkeys(Origin, 0.0)
    inside = 0.0
    for frame, weight in zip(tree.functions, tree.function_self_weight, strict=True):
        if weight:
            by_origin[origin(frame.file)] += weight / whole
            if module and package_of(frame.file, root) == module:
                inside += weight / whole
    function = None if selected is None else tree.function_ids.get(selected)
    shares = aggregate.thread_shares()
    seconds = tree.unit is Unit.SECONDS
    return Figures(
        by_origin,
        selected,
        None if function is None else tree.function_self_weight[function] / whole,
        None if function is None else tree.function_total_weight[function] / whole,
        module,
        inside,
        tuple(sorted(((each.thread, each.weight / whole) for each in shares), key=lambda pair: -pair[1])),
        _scaled(aggregate, EVERYTHING.added(GilHolders()), idle_recorded) if seconds else None,
        why_not_gil_holders(aggregate),
        _scaled(aggregate, EVERYTHING.added(WithoutIdle()), idle_recorded) if seconds else None,
        why_not_without_idle(aggregate, idle_recorded=idle_recorded),
        root,
        aggregate.commands,
    )


def offers(figures: Figures, scope: Scope, named: Mapping[str, Scope]) -> list[Offer]:
    """Return everything that a scope can have, group by group."""
    switches = [*_code(figures, scope), *_states(figures, scope)]
    branches = [
        *_branches(figures, scope, Split.PROCESS, Group.PROCESSES),
        *_branches(figures, scope, Split.THREAD, Group.THREADS),
    ]
    return [*switches, *_also(figures, scope, [*switches, *branches]), *_named(figures, scope, named), *branches]


def chosen(offer: Offer, scope: Scope, figures: Figures, named: Mapping[str, Scope]) -> Scope:
    """Return the scope that comes of choosing an offer; one that cannot be chosen changes nothing."""
    if offer.why_not:
        return scope
    if offer.part is not None:
        return scope.toggled(offer.part)
    if offer.branch is not None:
        return toggled_out(scope, offer.branch, [thread for thread, _ in figures.threads])
    return named.get(offer.text, scope)


def only(offer: Offer, scope: Scope) -> Scope:
    """Return the scope that leaves a thread or process alone, or does not any more; others change nothing."""
    if offer.branch is None:
        return scope
    others = tuple(part for part in scope.parts if not isinstance(part, ThreadPart) or part == offer.branch.only)
    return Scope(others).toggled(offer.branch.only)


def _code(figures: Figures, scope: Scope) -> list[Offer]:
    own = figures.by_origin.get(Origin.OWN, 0.0)
    found = [
        _offer(scope, OwnOnly(), "my code only", "is in your code; the rest goes to its nearest caller there", own)
    ]
    for whose in (Origin.STDLIB, Origin.PACKAGE, Origin.NATIVE):
        text = f"without {ORIGIN_NAMES[whose]}"
        share = figures.by_origin.get(whose, 0.0)
        found.append(_offer(scope, WithoutOrigin(whose), text, "is in it, and goes to its callers", share))
    joined = "weights stay: a function's calls of itself become one frame with it"
    found.append(Offer(Group.CODE, "recursion as one", joined, MergedRecursion() in scope.parts, MergedRecursion()))
    return [*found, *_of_selected(figures, scope)]


def _of_selected(figures: Figures, scope: Scope) -> list[Offer]:
    key = figures.selected
    if key is None:
        texts = ("its module as one", "without it", "only stacks that hold it")
        return [
            Offer(Group.CODE, f"selected function: {text}", _SELECT_FIRST, False, why_not=_SELECT_FIRST)
            for text in texts
        ]
    parts = (Collapsed(figures.module), Hidden(*key), Focus(*key))
    module, hidden, focus = (chip.text for chip in chips(Scope(parts), root=figures.root))
    if not figures.module:
        module = "its module as one"
    no_file, no_function = "" if figures.module else _NO_FILE, "" if figures.own is not None else _NO_FUNCTION
    return [
        _offer(scope, parts[0], module, "is in it", figures.module_share, no_file),
        _offer(scope, parts[1], hidden, "is in it, and goes to its callers", figures.own, no_function),
        _offer(scope, parts[2], f"only stacks {focus}", "has it in its stack", figures.total, no_function),
    ]


def _offer(scope: Scope, part: Part, text: str, about: str, share: float | None, why_not: str = "") -> Offer:
    on = part in scope.parts
    # What was chosen can be taken back whatever became of it.
    return Offer(Group.CODE, text, why_not or about, on, part, share=share, why_not="" if on else why_not)


def _states(figures: Figures, scope: Scope) -> list[Offer]:
    if figures.gil is None or figures.running is None:
        return []
    rows: list[tuple[Part, str, str, float, str]] = [
        (GilHolders(), "GIL holders", "was done holding the GIL", figures.gil, figures.why_not_gil),
        (WithoutIdle(), "without idle", "was done running", figures.running, figures.why_not_running),
    ]
    return [
        Offer(
            Group.STATE, f"{text}: {why_not}" if why_not else text,
            why_not or f"{about}, estimated from looks", part in scope.parts, part,
            share=None if why_not else share, estimated=True, why_not="" if part in scope.parts else why_not,
        )
        for part, text, about, share, why_not in rows
    ]  # fmt: skip


def _branches(figures: Figures, scope: Scope, split: Split, group: Group) -> list[Offer]:
    members: dict[Branch, list[Thread]] = {}
    shares: dict[Branch, float] = {}
    for thread, share in figures.threads:
        branch = branch_of(thread, split)
        members.setdefault(branch, []).append(thread)
        shares[branch] = shares.get(branch, 0.0) + share
    if len(shares) <= 1:
        return []
    found = []
    for branch, share in sorted(shares.items(), key=lambda pair: -pair[1]):
        text = printable(branch_frame(members[branch][0], split, figures.processes).function)
        seen = any(scope.keeps_thread(each.pid, each.tid, thread_name(each)) for each in members[branch])
        found.append(Offer(group, text, "of all; → looks at it alone", seen, branch=branch, share=share))
    return found


def _also(figures: Figures, scope: Scope, listed: Sequence[Offer]) -> list[Offer]:
    """Return the parts of a scope that no other offer stands for."""
    known = {offer.part for offer in listed}
    known |= {part for offer in listed if offer.branch for part in (offer.branch.only, offer.branch.without)}
    found = chips(scope, root=figures.root, threads=_names(figures))
    what = "a chip of the scope: choosing it takes it away"
    return [Offer(Group.ALSO, chip.text, what, True, chip.part) for chip in found if chip.part not in known]


def _named(figures: Figures, scope: Scope, named: Mapping[str, Scope]) -> list[Offer]:
    found = []
    for name, other in named.items():
        parts = ", ".join(chip.text for chip in chips(other, root=figures.root, threads=_names(figures)))
        found.append(Offer(Group.NAMED, name, parts or "everything", other == scope))
    return found


def _names(figures: Figures) -> dict[tuple[int, int], str]:
    return {(thread.pid, thread.tid): thread.name for thread, _ in figures.threads if thread.name}


def _scaled(aggregate: Aggregate, scope: Scope, idle_recorded: bool) -> float:
    """Return the share that a scope which scales threads leaves of the whole."""
    factors = dict(zip(aggregate.threads, state_factors(aggregate, scope, idle_recorded=idle_recorded), strict=True))
    whole = aggregate.tree.weight or 1.0
    return sum(share.weight * factor for share, factor in factors.items()) / whole

"""Kinds of work that profiles are full of without anybody having meant it: told by the modules that do it.

A stack is of the first kind that it comes to from the root: what a module does while it is imported is import time.
"""

from __future__ import annotations

import re
from array import array
from collections import defaultdict
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from perftui.analysis.aggregate import Aggregate
from perftui.analysis.code_origin import Origin, origin
from perftui.analysis.normalise import normal_file
from perftui.analysis.steps import STEP, Steps, finished
from perftui.model.frame import Frame


class WorkKind(Enum):
    """A kind of work."""

    IMPORTS = "imports"
    LOGGING = "logging"
    SERIALISATION = "serialisation"
    PATTERNS = "patterns"
    COPIES = "copies"
    INTROSPECTION = "introspection"
    DATES = "dates"
    STARTING = "starting"


_MODULES: tuple[tuple[WorkKind, str], ...] = (
    (WorkKind.IMPORTS, r"<frozen importlib\._bootstrap(_external)?>|<stdlib>/importlib/__init__\.py"),
    (WorkKind.LOGGING, r"<stdlib>/logging/.*|loguru/.*|structlog/.*"),
    (
        WorkKind.SERIALISATION,
        r"<stdlib>/(json/.*|pickle\.py|copyreg\.py|csv\.py|plistlib\.py|xml/.*|configparser\.py|tomllib/.*)"
        r"|(simplejson|yaml|ruamel|tomli|tomlkit|msgpack|cloudpickle|dill|jsonpickle|marshmallow|xmltodict)/.*",
    ),
    (WorkKind.PATTERNS, r"<stdlib>/(re/_(compiler|parser)|sre_(compile|parse))\.py|regex/_regex_core\.py"),
    (WorkKind.COPIES, r"<stdlib>/copy\.py"),
    (WorkKind.INTROSPECTION, r"<stdlib>/(inspect|traceback|linecache|tokenize|dis)\.py"),
    (WorkKind.DATES, r"<stdlib>/_strptime\.py|dateutil/parser/.*"),
    (WorkKind.STARTING, r"<stdlib>/(subprocess\.py|multiprocessing/(popen_.*|process|context|spawn)\.py)"),
)
_PATTERNS = tuple((kind, re.compile(pattern)) for kind, pattern in _MODULES)
# What waits for a child that was started, or reads what it writes, is not the cost of starting it.
_NOT_STARTING = {"Popen.wait", "Popen._wait", "Popen._try_wait", "Popen.communicate", "Popen._communicate", "wait"}
# A child of multiprocessing does its work below these, in stacks that begin with how it was started.
_WORK_OF_CHILD = {"_bootstrap", "run"}
_CHILD_MODULE = re.compile(r"<stdlib>/multiprocessing/process\.py")
_NO_KIND = -1
_KINDS = tuple(WorkKind)
_STARTING = _KINDS.index(WorkKind.STARTING)
_NOWHERE = -1


@dataclass(frozen=True, slots=True)
class KindShare:
    """What one kind of work costs, and where it comes from."""

    kind: WorkKind
    weight: float
    samples: int
    place: Frame | None
    """The line of own code above it that most of it comes from; None where there is none."""
    place_weight: float = 0.0
    doer: Frame | None = None
    """The first function of the kind that most of it goes through."""


def kind_of(frame: Frame) -> WorkKind | None:
    """Return the kind of work that a function does, or None."""
    kind = _kind_of_file(frame.file)
    if kind is WorkKind.STARTING and (frame.function in _NOT_STARTING or _begins_anew(frame)):
        return None
    return kind


@lru_cache(maxsize=65_536)
def _kind_of_file(file: str) -> WorkKind | None:
    name = normal_file(file)
    return next((kind for kind, pattern in _PATTERNS if pattern.fullmatch(name)), None)


def shares_of_kinds(aggregate: Aggregate) -> list[KindShare]:
    """Return what each kind of work weighs in a profile, the dearest first; none that weighs nothing."""
    return finished(shares_in_steps(aggregate))


def shares_in_steps(aggregate: Aggregate) -> Steps[list[KindShare]]:
    """Work out the same in steps, of the profile as it is when they begin.

    One pass over the stacks and one over their weights, whatever the number of kinds.
    """
    leaves, nodes = list(aggregate.leaf_weights.items()), len(aggregate.node_parent)
    kinds, own, begins_anew = array("b"), array("b"), array("b")
    kind_at, place_at, doer_at = array("b", [_NO_KIND]), array("i", [_NOWHERE]), array("i", [_NOWHERE])
    for at in range(1, nodes):
        parent, number = aggregate.node_parent[at], aggregate.node_frame[at]
        for frame in aggregate.frames[len(kinds) : number + 1]:
            kinds.append(_number(kind_of(frame)))
            own.append(origin(frame.file) is Origin.OWN)
            begins_anew.append(_begins_anew(frame))
        above = _NO_KIND if begins_anew[number] and kind_at[parent] == _STARTING else kind_at[parent]
        begins = above == _NO_KIND
        kind = kinds[number] if begins else above
        kind_at.append(kind)
        # Above the first function of the kind: the nearest own line. Below it nothing changes any more.
        place_at.append(number if begins and kind == _NO_KIND and own[number] else place_at[parent])
        doer_at.append(number if begins and kind != _NO_KIND else doer_at[parent])
        if not at % STEP:
            yield
    weights: dict[int, float] = defaultdict(float)
    samples: dict[int, int] = defaultdict(int)
    places: dict[int, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    doers: dict[int, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    for at, ((_, leaf), (weight, count)) in enumerate(leaves, 1):
        kind = kind_at[leaf]
        if kind != _NO_KIND:
            weights[kind] += weight
            samples[kind] += count
            places[kind][place_at[leaf]] += weight
            doers[kind][doer_at[leaf]] += weight
        if not at % STEP:
            yield
    found = [
        _share(aggregate, kind, weight, samples[kind], places[kind], doers[kind]) for kind, weight in weights.items()
    ]
    return sorted(found, key=lambda share: -share.weight)


def own_lines_in_steps(aggregate: Aggregate) -> Steps[dict[int, float]]:
    """Work out the weight that the deepest own frame of each stack stands for, by frame id."""
    leaves, nodes = list(aggregate.leaf_weights.items()), len(aggregate.node_parent)
    deepest = array("i", [_NOWHERE])
    for at in range(1, nodes):
        number = aggregate.node_frame[at]
        is_own = origin(aggregate.frames[number].file) is Origin.OWN
        deepest.append(number if is_own else deepest[aggregate.node_parent[at]])
        if not at % STEP:
            yield
    weights: dict[int, float] = defaultdict(float)
    for at, ((_, leaf), (weight, _)) in enumerate(leaves, 1):
        if deepest[leaf] != _NOWHERE:
            weights[deepest[leaf]] += weight
        if not at % STEP:
            yield
    return weights


def _begins_anew(frame: Frame) -> bool:
    """Say whether what a frame calls is the work of a process that was started, and no more its start."""
    return (
        frame.function.rpartition(".")[2] in _WORK_OF_CHILD
        and _CHILD_MODULE.fullmatch(normal_file(frame.file)) is not None
    )


def _share(
    aggregate: Aggregate, kind: int, weight: float, samples: int, places: dict[int, float], doers: dict[int, float]
) -> KindShare:
    place = max(places, key=lambda frame: (places[frame], -frame))
    doer = max(doers, key=lambda frame: (doers[frame], -frame))
    return KindShare(
        kind=_KINDS[kind],
        weight=weight,
        samples=samples,
        place=None if place == _NOWHERE else aggregate.frames[place],
        place_weight=0.0 if place == _NOWHERE else places[place],
        doer=None if doer == _NOWHERE else aggregate.frames[doer],
    )


def _number(kind: WorkKind | None) -> int:
    return _NO_KIND if kind is None else _KINDS.index(kind)

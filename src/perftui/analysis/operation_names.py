"""Which operation a budget means: names agree when their letters and digits do, and what is ambiguous is said.

A budget writes `[operations.scheduler] build_dag_100`, criterion says `scheduler/build_dag/100` and pytest
`test_build_dag[100]`: one piece of work, in three spellings.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from heapq import nlargest
from itertools import islice, pairwise
from unicodedata import normalize

from perftui.model.operation import Operation

_RUNS = re.compile(r"[^\W\d_]+|\d+")
# What tools put before the names of what they collect: `test_build`, `bench_build`, `BenchmarkBuild`.
_COLLECTED = re.compile(r"(?:^|(?<=[:/.]))(?:[Tt]ests?|[Bb]ench(?:es|mark|marks)?)(?:[\W_]+|(?=[A-Z0-9]))")
_MOST_RIVALS = 5
_MOST_COMPARED, _CLOSEST = 1_000, 8
"""Names that are looked through for one that looks alike, and those of them that are looked at closely."""


@dataclass(frozen=True, slots=True)
class OperationMatch:
    """What was found for one name of a budget."""

    written: str
    """`group.name`, as the budget writes it."""
    operation: Operation | None = None
    """The only one that is meant; None where there is none, or more than one."""
    rivals: tuple[str, ...] = ()
    """Keys of all that could be meant, at least two; or names of the budget that could mean one operation."""
    similar: tuple[str, ...] = ()
    """Keys that look alike, where nothing agrees."""

    @property
    def reason(self) -> str:
        """Why there is no operation, for a person; empty where there is one."""
        if self.operation is not None:
            return ""
        if self.rivals:
            shown = ", ".join(self.rivals[:_MOST_RIVALS]) + (", ..." if len(self.rivals) > _MOST_RIVALS else "")
            return f"ambiguous: {shown}"
        return f"not measured; measured was {', '.join(self.similar)}" if self.similar else "not measured"


def match_operations(written: Iterable[str], operations: Mapping[str, Operation]) -> Mapping[str, OperationMatch]:
    """Return what each name of a budget means among the operations of a side, which come by their keys.

    An operation without a group answers to its name in any group, but not to two names of the same budget.
    """
    index = _Index(operations.values())
    found = {name: index.match(name) for name in written}
    claims = Counter(match.operation.key for match, loosely in found.values() if match.operation and loosely)
    return {
        name: _contested(match, [other for other, (rival, also) in found.items() if also and _same(rival, match)])
        if loosely and match.operation and claims[match.operation.key] > 1
        else match
        for name, (match, loosely) in found.items()
    }


def match_operation(written: str, operations: Mapping[str, Operation]) -> OperationMatch:
    """Return what one name of a budget means among the operations of a side."""
    return match_operations([written], operations)[written]


def unmatched(operations: Mapping[str, Operation], matches: Iterable[OperationMatch]) -> tuple[str, ...]:
    """Return the keys of operations that no name of a budget means, in their own order."""
    meant = {key for match in matches for key in ([match.operation.key] if match.operation else match.rivals)}
    return tuple(key for key in operations if key not in meant)


def folded(name: str) -> str:
    """Return the letters and digits of a name: `Build-DAG[1_000]` is `builddag1.000`.

    Case and separators say nothing, except between digits, where `1.5` is not `15`.
    """
    runs = _RUNS.findall(normalize("NFKC", name).casefold())
    pieces: list[str] = []
    for run in runs:
        if pieces and pieces[-1][-1].isdigit() and run[0].isdigit():
            pieces.append(".")
        pieces.append(run)
    return "".join(pieces)


def _same(one: OperationMatch, other: OperationMatch) -> bool:
    return one.operation is not None and other.operation is not None and one.operation.key == other.operation.key


def _contested(match: OperationMatch, claimants: Sequence[str]) -> OperationMatch:
    return OperationMatch(match.written, rivals=tuple(claimants))


_Name = tuple[str, str]
"""(group, name with its parameter)."""


def _exact(name: _Name) -> str:
    group, own = name
    return f"{group}.{own}" if group else own


def _by_parts(name: _Name) -> tuple[str, str]:
    return folded(name[0]), folded(name[1])


def _whole(name: _Name) -> str:
    return folded(f"{name[0]} {name[1]}")


def _collected(name: _Name) -> str:
    return folded(f"{_without_prefix(name[0])} {_without_prefix(name[1])}")


def _own(name: _Name) -> str:
    return folded(_without_prefix(name[1]))


_SPELLINGS: tuple[Callable[[_Name], object], ...] = (_exact, _by_parts, _whole, _collected)
"""From the strictest on; the first in which anything agrees decides."""


def _without_prefix(name: str) -> str:
    return _COLLECTED.sub("", name) or name


class _Index:
    """The operations of a side by each way of spelling their names."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._operations = {operation.key: operation for operation in operations}
        names = [(key, _name_of(operation)) for key, operation in self._operations.items()]
        self._tables = [_table(spelling, names) for spelling in _SPELLINGS]
        self._own = _table(_own, names)
        self._pieces: dict[str, set[str]] | None = None
        self._groupless = _table(_own, [(key, name) for key, name in names if not name[0]])

    def match(self, written: str) -> tuple[OperationMatch, bool]:
        """Return what a name means, and whether that was found by the name alone."""
        for keys, loosely in self._candidates(written):
            if len(keys) == 1:
                return OperationMatch(written, self._operations[keys[0]]), loosely
            if keys:
                return OperationMatch(written, rivals=tuple(keys)), loosely
        return OperationMatch(written, similar=self._similar(name=_own(_parted(written)))), False

    def _similar(self, *, name: str) -> tuple[str, ...]:
        """Return the keys whose names look alike, without their groups: these say nothing of what was mistyped."""
        if self._pieces is None:
            self._pieces = {own: _pieces(own) for own in map(str, islice(self._own, _MOST_COMPARED))}
        wanted, pieces = _pieces(name), self._pieces
        # Comparing letter by letter is dear, so that only those are which share most pieces.
        close = nlargest(_CLOSEST, pieces, key=lambda own: len(wanted & pieces[own]))
        return tuple(key for own in get_close_matches(name, close, n=2) for key in self._own[own][:2])

    def _candidates(self, written: str) -> Iterator[tuple[list[str], bool]]:
        name = _parted(written)
        for spelling, table in zip(_SPELLINGS, self._tables, strict=True):
            yield _found(table, spelling(name)), False
        # Where only one of both has a group, the name alone decides.
        yield _found(self._groupless if name[0] else self._own, _own(name)), True


def _pieces(name: str) -> set[str]:
    """Return what every two neighbouring characters of a name are."""
    return set(map("".join, pairwise(name)))


def _table(spelling: Callable[[_Name], object], names: Iterable[tuple[str, _Name]]) -> dict[object, list[str]]:
    table: dict[object, list[str]] = {}
    for key, name in names:
        table.setdefault(spelling(name), []).append(key)
    return table


def _found(table: Mapping[object, list[str]], spelled: object) -> list[str]:
    # A name without a letter or a digit agrees with everything of its kind, and means nothing.
    return table.get(spelled, []) if spelled not in ("", ("", "")) else []


def _name_of(operation: Operation) -> _Name:
    return operation.group, f"{operation.name}[{operation.parameter}]" if operation.parameter else operation.name


def _parted(written: str) -> _Name:
    group, dot, name = written.partition(".")
    return (group, name) if dot and name else ("", written)

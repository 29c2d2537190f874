"""Files of two sides that are one file by all that can be seen, though their names differ: which belong together.

Names of one project may be relative to different folders, lie below `src/` on one side and be installed on the other,
or hold the version of the interpreter. Files are told by the last parts of their paths and by the functions in them.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from functools import lru_cache
from typing import NamedTuple

from perftui.analysis.code_origin import STDLIB_PREFIX

# `_json.cpython-312-x86_64-linux-gnu.so`, `_json.abi3.so`, `python3.12`, `libpython3.12.so.1.0`.
_TAG = re.compile(r"\.(?:cpython-\d+[^.]*|abi3|cp\d+-\w+|pypy\d+-\w+)(?=\.(?:so|pyd)$)")
_INTERPRETER = re.compile(r"^(lib)?python\d(?:\.\d+)?t?(?=$|\.so)")
_FROZEN = re.compile(r"^<frozen ([\w.]+)>$")
_ENOUGH_PARTS = 2
"""So many last parts of a path in common say that it is one file; fewer must be borne out by the functions."""
_MOST_ALIKE = 64
"""Of so many files of one name each is held against each; of more, only those whose folders are alike."""

Names = Mapping[str, AbstractSet[str]]
"""Files with the names of the functions that were seen in them."""


class _Pair(NamedTuple):
    parts: int
    """Last parts of the paths that are equal."""
    functions: int
    """Functions that both have."""
    before: str
    after: str


def file_pairs(before: Names, after: Names) -> dict[str, str]:
    """Return which file of one side is which of the other: files that the other side does not have by their name."""
    left = {file: before[file] for file in before.keys() - after.keys() if file}
    right = {file: after[file] for file in after.keys() - before.keys() if file}
    by_name: dict[str, list[str]] = defaultdict(list)
    for file in right:
        by_name[parts_of(file)[-1]].append(file)
    mine = Counter(parts_of(file)[-1] for file in left)
    found: list[_Pair] = []
    for file, functions in left.items():
        name = parts_of(file)[-1]
        others = {other: right[other] for other in by_name.get(name, ())}
        found += _pairs_of(file, functions, others, alone=mine[name] == len(others) == 1)
    return _one_to_one(found)


@lru_cache(maxsize=16_384)
def parts_of(file: str) -> tuple[str, ...]:
    """Return the parts of a path without what names a version of Python."""
    frozen = _FROZEN.match(file)
    path = f"{STDLIB_PREFIX}{frozen[1].replace('.', '/')}.py" if frozen else file.replace("\\", "/")
    *folders, name = path.split("/")
    return (*folders, _INTERPRETER.sub(r"\1python", _TAG.sub("", name)))


def _pairs_of(file: str, functions: AbstractSet[str], others: Names, *, alone: bool) -> Iterable[_Pair]:
    for other, named in others.items():
        parts = _common(parts_of(file), parts_of(other))
        if len(others) > _MOST_ALIKE and parts < _ENOUGH_PARTS:
            continue
        if file.startswith(STDLIB_PREFIX) and other.startswith(STDLIB_PREFIX) and parts_of(file) != parts_of(other):
            continue
        shared = len(functions & named)
        if shared and (parts >= _ENOUGH_PARTS or (alone and 2 * shared >= min(len(functions), len(named)))):
            yield _Pair(parts, shared, file, other)


def _common(first: tuple[str, ...], second: tuple[str, ...]) -> int:
    count = 0
    for one, other in zip(reversed(first), reversed(second), strict=False):
        if one != other:
            break
        count += 1
    return count


def _one_to_one(found: list[_Pair]) -> dict[str, str]:
    """Return the likeliest pairs, each file in one at most."""
    pairs: dict[str, str] = {}
    taken: set[str] = set()
    for pair in sorted(found, key=lambda pair: (-pair.parts, -pair.functions, pair.before, pair.after)):
        if pair.before not in pairs and pair.after not in taken:
            pairs[pair.before] = pair.after
            taken.add(pair.after)
    return pairs

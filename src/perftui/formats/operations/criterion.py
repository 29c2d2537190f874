"""criterion: the directory `target/criterion`, with each sample's time and number of iterations."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from perftui.errors import NoDataError, OperationFormatError
from perftui.formats.operations.base import Collected, ToolReport, shown
from perftui.formats.operations.files import is_directory, modified_s, regular_content
from perftui.formats.operations.json_values import JsonValue, parse_json
from perftui.model.operation import MOST_OPERATIONS, Operation
from perftui.units import Unit

NAME = "criterion"
NEWEST = "new"
"""The folder of what was measured last; others are baselines that were saved by name, and `base` what came before."""
_FILES = ("benchmark.json", "estimates.json", "sample.json")
_MOST_DIRECTORIES, _LOOKED_AT = 200_000, 5_000
"""Directories that are read, and that are looked at to find out whether there is anything to read."""
_MOST_FILE_BYTES = 64 << 20
_NS = 1e-9
_TOLD = {"mean": "mean", "median": "median", "stddev": "std_dev"}
_BYTES = {"Bytes": 1.0, "BytesDecimal": 1.0, "Bits": 0.125}


@dataclass(frozen=True, slots=True)
class _Result:
    """One folder of results."""

    path: Path
    name: str
    """`new`, `base` or that of a saved baseline."""
    modified_s: float


def is_directory_of(path: Path) -> bool:
    """Say whether a directory holds results of criterion, here or below `target/criterion`.

    Of a project without any it is soon told that there are none.
    """
    walk = islice(os.walk(root_of(path)), _LOOKED_AT)
    return any(set(_FILES) <= set(files) for _, _, files in walk)


def root_of(path: Path) -> Path:
    """Return the directory of results of a project, or the path itself."""
    below = path / "target" / "criterion"
    return below if is_directory(below) else path


def read_directory(path: Path, *, saved: str = NEWEST, newer_than_s: float = 0.0) -> ToolReport:
    """Read what was measured last, or what was `saved` under a name.

    Args:
        path: `target/criterion`, the project, or a directory inside of it.
        saved: Name of the folder of each benchmark.
        newer_than_s: Leave out what was written before, in seconds since 1970.

    Raises:
        OperationFormatError: A file is not what it should be.
        NoDataError: There is no such result.
    """
    every = sorted(_results(root_of(path)), key=lambda result: result.path)
    results = [result for result in every if result.name == saved and result.modified_s >= newer_than_s]
    if not results:
        raise _none(path, every, saved)
    collected = Collected(NAME)
    for result in results:
        _add(collected, result.path, os.path.relpath(result.path, path))
    old = sum(result.name == saved for result in every) - len(results)
    if old:
        collected.notes.append(
            f"{old} benchmark{'s were' if old > 1 else ' was'} not measured in this run, and left out"
        )
    return collected.report()


def _results(root: Path) -> Iterator[_Result]:
    """Yield the folders of results below a directory; links are not followed."""
    found = 0
    for seen, (directory, inside, files) in enumerate(os.walk(root)):
        if seen > _MOST_DIRECTORIES or found > MOST_OPERATIONS * 4:
            raise OperationFormatError(f"{shown(str(root))}: more directories than criterion makes")
        inside[:] = sorted(name for name in inside if name != "report")
        if set(_FILES) <= set(files):
            found += 1
            path = Path(directory)
            yield _Result(path, path.name, modified_s(path / "sample.json") or 0.0)


def _none(path: Path, every: Sequence[_Result], saved: str) -> NoDataError:
    shown_path = shown(str(path))
    if not every:
        return NoDataError(f"{shown_path} holds no results of criterion", hint="`cargo bench` writes target/criterion")
    names = sorted({result.name for result in every})
    if saved in names:
        return NoDataError(f"{shown_path}: criterion has measured nothing new", hint="did `cargo bench` run in it?")
    return NoDataError(f"{shown_path} holds no results called {shown(saved)!r}", hint=f"there are {', '.join(names)}")


def _add(collected: Collected, directory: Path, place: str) -> None:
    benchmark, estimates, sample = (_document(directory / name, f"{place}/{name}") for name in _FILES)
    times, counts = sample["times"].numbers(), sample["iters"].numbers()
    if len(times) != len(counts) or any(count < 1 or count != int(count) for count in counts):
        raise OperationFormatError(f"{shown(place)}: {len(times)} times of {len(counts)} counts of iterations")
    told = {
        ours: value * _NS
        for ours, theirs in _TOLD.items()
        if estimates[theirs] and (value := estimates[theirs]["point_estimate"].maybe_number()) is not None
    }
    work, work_unit = _work(benchmark["throughput"])
    group, function, parameter = (benchmark[key].word() for key in ("group_id", "function_id", "value_str"))
    operation = Operation(
        # A benchmark of its own is a group without functions, and one by a parameter alone has its group's name.
        group if function else "",
        function or group,
        parameter,
        runs=(tuple(time / count * _NS for time, count in zip(times, counts, strict=True)),) if times else (),
        weights=(tuple(int(count) for count in counts),) if times else (),
        told=told,
        work=work,
        work_unit=work_unit,
    )
    collected.add(operation, place=shown(place))


def _work(throughput: JsonValue) -> tuple[float | None, Unit]:
    if not throughput:
        return None, Unit.COUNT
    for name, value in throughput.members():
        if name in _BYTES and value.number() > 0:
            return value.number() * _BYTES[name], Unit.BYTES
        if name == "Elements" and value.number() > 0:
            return value.number(), Unit.COUNT
        if name == "ElementsAndBytes" and value["bytes"].number() > 0:
            return value["bytes"].number(), Unit.BYTES
    return None, Unit.COUNT


def _document(path: Path, place: str) -> JsonValue:
    data = regular_content(path, most=_MOST_FILE_BYTES)
    if len(data) > _MOST_FILE_BYTES:
        raise OperationFormatError(f"{shown(place)}: larger than {_MOST_FILE_BYTES >> 20} MiB")
    return parse_json(data, place=place)

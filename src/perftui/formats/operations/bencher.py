"""The text of libtest's benchmarks, which criterion writes with `--output-format bencher` too."""

from __future__ import annotations

import re

from perftui.errors import OperationFormatError
from perftui.formats.operations.base import TIME_FACTORS, Collected, ToolReport, shown
from perftui.formats.operations.text_lines import lines_of, number_of
from perftui.model.operation import Operation
from perftui.units import Unit

NAME = "bencher"
_NUMBER = r"[0-9][0-9,_]*(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"
_LINE = re.compile(
    r"test (?P<name>\S.{0,4000}?) {1,200}\.\.\. bench: {1,200}"
    rf"(?P<value>{_NUMBER}) (?P<unit>[a-zµμ]{{1,12}})/iter"
    rf"(?: \(\+/- (?P<spread>{_NUMBER})\))?(?: = (?P<speed>{_NUMBER}) MB/s)?"
)
_FAILED = re.compile(r"test (?P<name>\S.{0,4000}?) {1,200}\.\.\. FAILED")


def looks_like(head: bytes) -> bool:
    """Say whether a file that begins like this can be one."""
    return re.search(rb"^test \S.{0,4000}? {1,200}\.\.\. bench: {1,200}[0-9]", head, re.M) is not None


def read(data: bytes) -> ToolReport:
    """Read the output of a run; raises `OperationFormatError` where no benchmark is in it.

    Both tools tell a median; behind `+/-` libtest tells the distance of the extremes, criterion the deviation. Raw
    values they do not tell, so the figures are marked as told.
    """
    collected = Collected(NAME)
    for number, line in lines_of(data):
        if "bench:" not in line and "FAILED" not in line:
            continue
        found = _LINE.match(line)
        if found is not None:
            _add(collected, found, number)
        elif (failed := _FAILED.match(line)) is not None:
            collected.notes.append(f"line {number}: {shown(failed['name'])} failed")
        elif "/iter" in line:
            raise OperationFormatError(
                f"line {number}: not a result of a benchmark: {shown(line.strip())}",
                hint="it should read `test NAME ... bench: 1,234 ns/iter (+/- 56)`",
            )
    if len(collected.notes) > 1:
        collected.notes[:] = [f"{len(collected.notes)} benchmarks failed; the first: {collected.notes[0]}"]
    return collected.report(nothing="cargo bench -- --output-format bencher | perftui ingest bencher -")


def _add(collected: Collected, found: re.Match[str], number: int) -> None:
    factor = TIME_FACTORS.get(found["unit"])
    if factor is None:
        raise OperationFormatError(f"line {number}: an unknown unit, {found['unit']}/iter")
    median = number_of(found["value"]) * factor
    told = {"median": median}
    if found["spread"]:
        told["spread"] = number_of(found["spread"]) * factor
    # Rounded to whole megabytes a second, as it was told.
    work = number_of(found["speed"]) * 1e6 * median if found["speed"] else 0.0
    group, name, parameter = _named(found["name"])
    operation = Operation(
        group, name, parameter, told=told, work=work or None, work_unit=Unit.BYTES if work else Unit.COUNT
    )
    collected.add(operation, place=f"line {number} ({shown(found['name'])})")


def _named(name: str) -> tuple[str, str, str]:
    """Return (group, name, parameter) of `module::name` or of criterion's `group/name/parameter`."""
    if "/" not in name:
        group, _, own = name.rpartition("::")
        return (group, own, "") if own else ("", name, "")
    parts = name.split("/")
    if len(parts) > 2:
        return parts[0], "/".join(parts[1:-1]), parts[-1]
    group, own = parts
    if not group or not own:
        return "", name, ""
    # Criterion leaves out what there is not: a number is what it was done with, anything else what was done.
    return ("", group, own) if own[0].isdigit() else (group, own, "")

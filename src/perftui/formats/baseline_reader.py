"""Reading a committed baseline: hostile until each value in it has proved to be what it should be."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from math import isfinite
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from perftui.errors import ConfigError, NoDataError, Place
from perftui.formats.baseline_json import SCHEMA
from perftui.model.operation import Operation
from perftui.model.run_figures import FigureRuns, FunctionRuns, RunFigures
from perftui.text import printable
from perftui.units import Unit

MOST_BYTES = 64 << 20
MOST_RUNS = 10_000
MOST_ITEMS = 20_000
"""Operations, functions, figures or facts."""
MOST_RAW = 1_000_000
"""Raw values of one operation; fewer are written, but other programs may write such files, too."""
LONGEST_TEXT = 4_096
GREATEST = 1e18
"""A thousand petabytes, or the age of the universe: what is greater is not a measurement."""
_HINT = "`perftui baseline export REF` writes such a file"
_TOP = ("created", "environment", "figures", "functions", "name", "operations", "runs", "samples", "schema", "seconds")
_OF_OPERATION = (
    *("errors", "failed", "group", "lower_is_better", "name", "ok", "parameter", "runs", "summary", "told"),
    *("tool", "tool_version", "unit", "weights", "work", "work_unit"),
)
_OF_FUNCTION = ("dispersion", "file", "function", "samples", "self_s", "total_s")
_UNITS = {unit.value: unit for unit in Unit}
_SHOWN = 80
"""Letters of what stands in the file that are repeated in a message."""
T = TypeVar("T")


def read_baseline(path: Path, *, ref: str = "") -> RunFigures:
    """Return the figures of a baseline file.

    Args:
        path: The file.
        ref: How a person named it; its path where nobody did.

    Raises:
        NoDataError: There is no such file, or it cannot be read.
        ConfigError: It is no baseline, a damaged one, or newer than this program.
    """
    try:
        data = content_of(path)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "that is no file, or no name of one"
        raise NoDataError(f"cannot read {printable(str(path))}: {reason}", hint=_HINT) from None
    return parse_baseline(data, path, ref=ref)


def content_of(path: Path) -> bytes:
    """Return what a file holds, or a byte more than is read of one; raises `OSError`, and `ValueError` for no file.

    A pipe that lies where a baseline should be is never waited for.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    with open(descriptor, "rb") as file:  # noqa: PTH123 (it is open already)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ValueError
        return file.read(MOST_BYTES + 1)


def parse_baseline(data: bytes, path: Path, *, ref: str = "") -> RunFigures:
    """Return the figures that the bytes of a baseline file hold; raises `ConfigError` where they are none."""
    reader = _Reader(path)
    top = reader.table(reader.parsed(data), "", None)
    said = top.get("schema")
    if said != SCHEMA:
        if isinstance(said, str) and said.startswith("perftui.baseline/"):
            what = f"its schema is {printable(said[:_SHOWN])!r}, and this program reads {SCHEMA!r}"
            raise reader.wrong(what, key="schema", hint="update perftui")
        raise reader.wrong("it is no baseline", key="schema", hint=_HINT)
    reader.table(top, "", _TOP)
    return reader.figures(top, ref or str(path))


class _Reader:
    """Checks values, and says where one stands that is wrong."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def wrong(
        self, what: str, table: str = "", key: str = "", *, line: int | None = None, hint: str = ""
    ) -> ConfigError:
        """Return the complaint about one value."""
        place = Place(Path(printable(str(self._path))), line, printable(table[:_SHOWN]), printable(key[:_SHOWN]))
        return ConfigError(what, place, hint=hint or "write it anew: `perftui baseline export REF`")

    def parsed(self, data: bytes) -> Any:
        """Return what JSON text says; keys that stand twice, NaN and endless nesting are refused."""
        if len(data) > MOST_BYTES:
            raise self.wrong(f"the file is larger than {MOST_BYTES >> 20} MiB")

        def pairs(rows: list[tuple[str, Any]]) -> dict[str, Any]:
            found: dict[str, Any] = {}
            for key, value in rows:
                if key in found:
                    raise self.wrong("stands twice", key=key)
                found[key] = value
            return found

        def constant(word: str) -> NoReturn:
            raise self.wrong(f"{word} is no measurement")

        try:
            text = data.decode("utf-8-sig")
            return json.loads(text, object_pairs_hook=pairs, parse_constant=constant)
        except UnicodeDecodeError as error:
            raise self.wrong(f"it is not UTF-8 text (byte {error.start})") from None
        except json.JSONDecodeError as error:
            raise self.wrong(f"it is not JSON: {error.msg.lower()}", line=error.lineno) from None
        except RecursionError:
            raise self.wrong("lists stand in lists without end") from None
        except ValueError:
            raise self.wrong("a number in it has too many digits") from None

    def figures(self, top: Mapping[str, Any], ref: str) -> RunFigures:
        runs = self.count(top, "", "runs", most=MOST_RUNS)
        if not runs:
            raise self.wrong("it says to stand for no run", key="runs")
        operations = self.table(top.get("operations", {}), "operations", None)
        return RunFigures(
            ref=ref,
            name=self.text(top, "", "name"),
            created=self.text(top, "", "created"),
            runs=runs,
            samples=self.per_run(self.counts, top, "", "samples", runs, empty=True),
            seconds=self.per_run(self.amounts, top, "", "seconds", runs, empty=True),
            operations=self.operations(operations),
            measured=dict(self.thinned(operations)),
            figures=self.run_figures(self.table(top.get("figures", {}), "figures", None), runs),
            functions=self.functions(top.get("functions", []), runs),
            environment=self.texts(top, "environment"),
        )

    def operations(self, rows: Mapping[str, Any]) -> dict[str, Operation]:
        found = {}
        for key, row in rows.items():
            operation = self.operation(row, f"operations.{key}")
            if operation.key != key:
                told = printable(operation.key[:_SHOWN])
                raise self.wrong(f"group, name and parameter say {told!r}", f"operations.{key}")
            found[key] = operation
        return found

    def thinned(self, rows: Mapping[str, Any]) -> Iterable[tuple[str, int]]:
        """Yield the operations of which fewer values are kept than there were, with how many there were."""
        for key, row in rows.items():
            summary = self.table(row.get("summary", {}), f"operations.{key}.summary", None)
            if "values_kept" in summary:
                yield key, self.count(summary, f"operations.{key}.summary", "values")

    def operation(self, row: Any, table: str) -> Operation:
        said = self.table(row, table, _OF_OPERATION)
        runs = self.lists(said, table, "runs", self.number)
        weights = self.lists(said, table, "weights", self.whole)
        if weights and [len(each) for each in weights] != [len(each) for each in runs]:
            raise self.wrong("there is not one weight for each value", table, "weights")
        if any(weight < 1 for run in weights for weight in run):
            raise self.wrong("a value stands for one execution at least", table, "weights")
        if not self.text(said, table, "name"):
            raise self.wrong("it has no name", table, "name")
        lower = said.get("lower_is_better", True)
        if not isinstance(lower, bool):
            raise self.wrong("expected true or false", table, "lower_is_better")
        return Operation(
            group=self.text(said, table, "group"),
            name=self.text(said, table, "name"),
            parameter=self.text(said, table, "parameter"),
            unit=self.unit(said, table, "unit", Unit.SECONDS),
            runs=runs,
            weights=weights,
            told={name: self.number(value, f"{table}.told", name) for name, value in self.inner(said, table, "told")},
            ok=self.count(said, table, "ok") if "ok" in said else None,
            failed=self.count(said, table, "failed") if "failed" in said else None,
            errors={
                name: self.whole(value, f"{table}.errors", name) for name, value in self.inner(said, table, "errors")
            },
            work=self.number(said["work"], table, "work") if "work" in said else None,
            work_unit=self.unit(said, table, "work_unit", Unit.COUNT),
            lower_is_better=lower,
            tool=self.text(said, table, "tool"),
            tool_version=self.text(said, table, "tool_version"),
        )

    def run_figures(self, rows: Mapping[str, Any], runs: int) -> dict[str, FigureRuns]:
        found = {}
        for name, row in rows.items():
            table = f"figures.{name}"
            said = self.table(row, table, ("unit", "values"))
            values = self.numbers(said, table, "values")
            if not 0 < len(values) <= runs:
                raise self.wrong(f"expected 1 to {runs} values, one for each run that measured it", table, "values")
            found[name] = FigureRuns(self.unit(said, table, "unit", Unit.COUNT), values)
        return found

    def functions(self, rows: Any, runs: int) -> tuple[FunctionRuns, ...]:
        found: dict[tuple[str, str], FunctionRuns] = {}
        for number, row in enumerate(self.sequence(rows, "", "functions", MOST_ITEMS)):
            table = f"functions[{number}]"
            said = self.table(row, table, _OF_FUNCTION)
            dispersion = self.number(said.get("dispersion", 1.0), table, "dispersion")
            if dispersion < 1:
                raise self.wrong("it is at least 1", table, "dispersion")
            function = FunctionRuns(
                function=self.text(said, table, "function"),
                file=self.text(said, table, "file"),
                samples=self.per_run(self.counts, said, table, "samples", runs),
                total_s=self.per_run(self.amounts, said, table, "total_s", runs),
                self_s=self.per_run(self.amounts, said, table, "self_s", runs),
                dispersion=dispersion,
            )
            key = (function.file, function.function)
            if key in found:
                raise self.wrong(f"{printable(function.function[:_SHOWN])!r} stands twice", table)
            found[key] = function
        return tuple(found.values())

    def table(self, value: Any, table: str, keys: Iterable[str] | None) -> dict[str, Any]:
        """Return a table of so many keys at most; other ones than `keys` are refused where these are given."""
        if not isinstance(value, dict):
            raise self.wrong("expected a table", table)
        if len(value) > MOST_ITEMS:
            raise self.wrong(f"it has more than {MOST_ITEMS} entries", table)
        for key in value:
            self.plain(key, table, "")
            if keys is not None and key not in keys:
                close = get_close_matches(key, list(keys), n=1)
                raise self.wrong("unknown key", table, key, hint=f"did you mean {close[0]}?" if close else "")
        return value

    def inner(self, row: Mapping[str, Any], table: str, key: str) -> Iterable[tuple[str, Any]]:
        return self.table(row.get(key, {}), f"{table}.{key}" if table else key, None).items()

    def texts(self, row: Mapping[str, Any], key: str) -> dict[str, str]:
        return {name: self.plain(value, key, name) for name, value in self.inner(row, "", key)}

    def text(self, row: Mapping[str, Any], table: str, key: str) -> str:
        return self.plain(row.get(key, ""), table, key)

    def plain(self, value: Any, table: str, key: str) -> str:
        """Return text that can be stored and drawn."""
        if not isinstance(value, str):
            raise self.wrong("expected text", table, key)
        if len(value) > LONGEST_TEXT:
            raise self.wrong(f"text of more than {LONGEST_TEXT} letters", table, key)
        if any("\ud800" <= letter <= "\udfff" for letter in value):
            raise self.wrong("half a letter stands in it", table, key)
        return value

    def unit(self, row: Mapping[str, Any], table: str, key: str, usual: Unit) -> Unit:
        value = row.get(key, usual.value)
        if not isinstance(value, str) or value not in _UNITS:
            raise self.wrong(f"no unit; units are {', '.join(filter(None, _UNITS))}", table, key)
        return _UNITS[value]

    def number(self, value: Any, table: str, key: str) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.wrong("expected a number", table, key)
        if abs(value) > GREATEST or not isfinite(value):
            raise self.wrong("too great for a measurement", table, key)
        return float(value)

    def whole(self, value: Any, table: str, key: str) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= GREATEST:
            raise self.wrong("expected a whole number from 0 on", table, key)
        return value

    def count(self, row: Mapping[str, Any], table: str, key: str, *, most: float = GREATEST) -> int:
        number = self.whole(row.get(key), table, key)
        if number > most:
            raise self.wrong(f"more than {most:,.0f}", table, key)
        return number

    def sequence(self, value: Any, table: str, key: str, most: int) -> list[Any]:
        if not isinstance(value, list):
            raise self.wrong("expected a list", table, key)
        if len(value) > most:
            raise self.wrong(f"it has more than {most:,} entries", table, key)
        return value

    def numbers(self, row: Mapping[str, Any], table: str, key: str) -> tuple[float, ...]:
        rows = self.sequence(row.get(key, []), table, key, MOST_RUNS)
        return tuple(self.number(value, table, key) for value in rows)

    def amounts(self, row: Mapping[str, Any], table: str, key: str) -> tuple[float, ...]:
        values = self.numbers(row, table, key)
        if any(value < 0 for value in values):
            raise self.wrong("less than nothing", table, key)
        return values

    def counts(self, row: Mapping[str, Any], table: str, key: str) -> tuple[int, ...]:
        return tuple(self.whole(value, table, key) for value in self.sequence(row.get(key, []), table, key, MOST_RUNS))

    def lists(
        self, row: Mapping[str, Any], table: str, key: str, each: Callable[[Any, str, str], T]
    ) -> tuple[tuple[T, ...], ...]:
        rows = [
            self.sequence(run, table, key, MOST_RAW) for run in self.sequence(row.get(key, []), table, key, MOST_RAW)
        ]
        if sum(map(len, rows)) > MOST_RAW:
            raise self.wrong(f"it has more than {MOST_RAW:,} values", table, key)
        return tuple(tuple(each(value, table, key) for value in run) for run in rows)

    def per_run(
        self,
        read: Callable[[Mapping[str, Any], str, str], tuple[T, ...]],
        row: Mapping[str, Any],
        table: str,
        key: str,
        runs: int,
        *,
        empty: bool = False,
    ) -> tuple[T, ...]:
        values = read(row, table, key)
        if len(values) != runs and not (empty and not values):
            raise self.wrong(f"expected {runs} values, one for each run", table, key)
        return values

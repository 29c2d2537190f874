"""What all tests of a run took: listed, held against a budget, kept as a session."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from perftui.analysis.operation_figures import operation_figures
from perftui.budgets.gate import Strictness
from perftui.errors import ExitCode, PerftuiError
from perftui.model.operation import Operation
from perftui.model.run_figures import RunFigures
from perftui.text import printable
from perftui.units import format_measured

if TYPE_CHECKING:
    from perftui.recording.check import Check

_SHOWN = 20
_FIGURES = ("mean", "p95", "max")


class Results:
    """Gathered in the process that tells of the run, also where others ran the tests."""

    def __init__(self, config: pytest.Config) -> None:
        """Read the budget and the baseline before anything runs; raises `pytest.UsageError` where one is wrong."""
        self._operations: dict[str, Operation] = {}
        self._open: list[str] = []
        self._name: str | None = config.getoption("perftui_save")
        self._check: Check | None = None
        self._saved = self._trouble = ""
        try:
            _check_name(self._name)
            self._limits = _limits(config)
        except PerftuiError as error:
            raise pytest.UsageError(f"{error.message} (try: {error.hint})" if error.hint else error.message) from None

    def add(self, nodeid: str, measured: Iterable[dict[str, Any]]) -> None:
        """Take in what one test took; one that ran again has as many runs."""
        from perftui.pytest_plugin.measuring import operations_of

        found = list(measured)
        for operation, told in zip(operations_of(found), found, strict=True):
            known = self._operations.get(operation.key)
            runs = (*known.runs, *operation.runs) if known else operation.runs
            self._operations[operation.key] = replace(operation, runs=runs, ok=sum(map(len, runs)))
            self._open += [f"{nodeid}: {sentence}" for sentence in told.get("open", ())]

    def fails(self) -> bool:
        """Judge and keep everything; say whether the budget that was named fails, or nothing of it was measured."""
        if self._limits is not None:
            from perftui.recording.checking import check_figures

            budget, baseline = self._limits
            current = RunFigures("this run", "pytest", runs=1, operations=self._operations)
            strictness = Strictness(on_inconclusive=budget.on_inconclusive)
            self._check = check_figures(current, budget, baseline=baseline, strictness=strictness)
        if self._name is not None and self._operations:
            self._keep(self._name)
        check = self._check
        return bool(self._trouble) or (
            check is not None and (check.exit_code is ExitCode.FAILED_CHECK or not check.within[1])
        )

    def lines(self, *, everything: bool, width: int) -> Iterator[str]:
        """Yield what a person is told at the end of the run."""
        if everything:
            yield from _table(self._operations.values(), width)
        yield from self._open
        if self._check is not None:
            from perftui.reports.check_sheet import check_sheet
            from perftui.reports.sheet_text import sheet_text

            yield from sheet_text(check_sheet(self._check, wide=False), width=width).splitlines()
        yield from (line for line in (self._saved, self._trouble) if line)

    def _keep(self, name: str) -> None:
        from perftui.formats.operations.base import ToolReport
        from perftui.recording.operation_import import ingest
        from perftui.settings.preferences import read_settings
        from perftui.storage.locations import sessions_directory

        try:
            sessions = sessions_directory(read_settings().sessions_dir)
            kept = ingest(ToolReport(tuple(self._operations.values())), sessions, name=name, origin="pytest")
        except PerftuiError as error:
            self._trouble = f"the session was not kept: {error.message}"
        else:
            self._saved = f"session {printable(kept.meta.name)} ({kept.meta.id}): perftui open {kept.meta.id}"


def _check_name(name: str | None) -> None:
    """Raise `UsageError` for what cannot be the name of a session, before any test has run for nothing."""
    if name is not None:
        from perftui.storage.names import check_name

        check_name(name)


def _limits(config: pytest.Config) -> tuple[Any, RunFigures | None] | None:
    name: str | None = config.getoption("perftui_budget")
    ref: str | None = config.getoption("perftui_baseline")
    if name is None:
        if ref is not None:
            raise pytest.UsageError("--perftui-baseline needs --perftui-budget: a budget says what may change")
        return None
    from perftui.budgets.load import load_budget
    from perftui.settings.directories import find_budget, is_file

    budget = load_budget(Path(name) if is_file(Path(name)) else find_budget(name) or Path(name))
    if ref is None:
        return budget, None
    from perftui.recording.named_figures import figures_of_baseline
    from perftui.settings.preferences import read_settings
    from perftui.storage.catalogue import Catalogue
    from perftui.storage.locations import sessions_directory

    return budget, figures_of_baseline(Catalogue(sessions_directory(read_settings().sessions_dir)), ref)


def _table(operations: Iterable[Operation], width: int) -> Iterator[str]:
    """Yield the tests that took longest, a line each."""
    from perftui.reports.sheet import Column, Row, Sheet, SheetTable
    from perftui.reports.sheet_text import sheet_text

    found = sorted(operations, key=lambda operation: -sum(operation.values) / max(1, len(operation.values)))
    columns = (Column("test", names=True), Column("n", right=True), *(Column(name, right=True) for name in _FIGURES))
    rows = tuple(Row((each.key, f"{len(each.values):,}", *_cells(each))) for each in found[:_SHOWN])
    table = SheetTable("", columns, rows, left_out=max(0, len(found) - _SHOWN))
    yield from sheet_text(Sheet("What tests took", tables=(table,)), width=width).splitlines()


def _cells(operation: Operation) -> Iterator[str]:
    figures = operation_figures(operation)
    for name in _FIGURES:
        figure = figures[name]
        yield figure.reason if figure.value is None else format_measured(figure.value, figure.unit)

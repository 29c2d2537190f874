"""Timing tests: each call of a test is one value of an operation, judged at once where the test has a budget."""

from __future__ import annotations

import inspect
from collections.abc import Generator, Iterable
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import pytest

from perftui.analysis.measures import Measures
from perftui.budgets.evaluate import Evaluator
from perftui.errors import PerftuiError
from perftui.model.operation import Operation
from perftui.model.run_figures import RunFigures
from perftui.model.verdict import RuleVerdict, Verdict
from perftui.pytest_plugin import MARKER
from perftui.pytest_plugin.marked import Marked, read_marker
from perftui.reports.check_words import limit_text, value_text
from perftui.text import printable

if TYPE_CHECKING:
    from perftui.pytest_plugin.results import Results

_TOLD = "_perftui"
"""What a report carries from the process that ran a test to the one that tells of it."""
_OURS = pytest.StashKey[list[dict[str, Any]]]()
_BENCHMARK = "benchmark"
_CLOSED = (Verdict.FAIL, Verdict.MISSING)
"""What fails a test: something that could not be measured at all is no pass."""


class Measuring:
    """The hooks of a run in which something is timed."""

    NAME = "perftui-measuring"

    def __init__(self, config: pytest.Config) -> None:
        self._everything = any(
            config.getoption(name) for name in ("perftui", "perftui_rounds", "perftui_budget", "perftui_save")
        )
        self._rounds: int | None = config.getoption("perftui_rounds")
        if self._rounds is not None and self._rounds < 1:
            raise pytest.UsageError("--perftui-rounds takes a number from 1 on")
        self._several: set[str] = set()
        self._results = _results(config)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Find out which files share their name, so that their tests are told apart."""
        files: dict[str, set[Path]] = {}
        for item in session.items:
            files.setdefault(item.path.stem, set()).add(item.path)
        self._several = {stem for stem, paths in files.items() if len(paths) > 1}

    @pytest.hookimpl(tryfirst=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> object:
        """Call a test so often as is asked for, and hold what it took against its budget."""
        marker = pyfuncitem.get_closest_marker(MARKER)
        if (marker is None and not self._everything) or not _can_be_called_again(pyfuncitem):
            return None
        group, name, parameter = self._names(pyfuncitem)
        marked = (
            None
            if marker is None
            else _marked(marker, pyfuncitem, group, f"{name}[{parameter}]" if parameter else name)
        )
        rounds = self._rounds or (marked.rounds if marked else 1)
        values = _timed(pyfuncitem, rounds, marked.warmup if marked else 0)
        operation = Operation(group, name, parameter, runs=(values,), ok=len(values), failed=0, tool="pytest")
        verdicts = _judged(marked, operation) if marked else []
        pyfuncitem.stash[_OURS] = [{"group": group, "name": name, "parameter": parameter, "values": list(values)}]
        closed = [verdict for verdict in verdicts if verdict.verdict in _CLOSED]
        if closed:
            pytest.fail("; ".join(map(_sentence, closed)), pytrace=False)
        pyfuncitem.stash[_OURS][0]["open"] = [_sentence(each) for each in verdicts if each.verdict is not Verdict.PASS]
        return True

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, None]:
        """Hand what was measured on with the report, and let no budget pass that nothing was held against."""
        outcome = yield
        if call.when != "call":
            return
        report: pytest.TestReport = outcome.get_result()
        measured = item.stash.get(_OURS, [])
        setattr(report, _TOLD, measured)
        if report.passed and not measured and item.get_closest_marker(MARKER) is not None:
            report.outcome = "failed"
            report.longrepr = (
                "its budget was not measured: only plain functions and methods can be called again, no coroutines, no "
                "unittest.TestCase, and nothing with the fixture `benchmark` of pytest-benchmark"
            )

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take in what a test took, wherever it ran."""
        if self._results is not None:
            self._results.add(report.nodeid, getattr(report, _TOLD, ()))

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Hold everything against the budget that was named, and keep it where that is asked for."""
        if self._results is not None and self._results.fails() and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say what the tests took."""
        if self._results is not None:
            lines = list(self._results.lines(everything=self._everything, width=terminalreporter._tw.fullwidth))
            if lines:
                terminalreporter.section("perftui")
            for line in lines:
                terminalreporter.line(line)

    def _names(self, item: pytest.Function) -> tuple[str, str, str]:
        """Return group, name and parameter of a test's operation: `file.test[param]`."""
        group = item.path.stem
        if group in self._several:
            group = "/".join(Path(item.nodeid.partition("::")[0]).with_suffix("").parts)
        classes = [node.name for node in item.listchain() if isinstance(node, pytest.Class)]
        callspec = getattr(item, "callspec", None)
        return group, ".".join([*classes, item.originalname]), "" if callspec is None else str(callspec.id)


def _can_be_called_again(item: pytest.Function) -> bool:
    """Say whether a test can be called several times in a row; the fixture of pytest-benchmark works only once."""
    return _BENCHMARK not in item.fixturenames and not inspect.iscoroutinefunction(item.obj)


def _results(config: pytest.Config) -> Results | None:
    """Return where results are gathered: in the process that a person looks at, and in no worker of its."""
    if hasattr(config, "workerinput"):
        return None
    from perftui.pytest_plugin.results import Results

    return Results(config)


def _marked(marker: pytest.Mark, item: pytest.Function, group: str, name: str) -> Marked:
    try:
        return read_marker(marker.args, marker.kwargs, file=item.path, group=group, name=name)
    except PerftuiError as error:
        wrong = f"{error.message}; try: {error.hint}" if error.hint else error.message
    # Outside of the handler: pytest would print the error that was handled, too.
    pytest.fail(wrong, pytrace=False)


def _timed(item: pytest.Function, rounds: int, warmup: int) -> tuple[float, ...]:
    """Return what each call took, in seconds; its fixtures are set up once, before all of them."""
    test = item.obj
    arguments = {name: item.funcargs[name] for name in item._fixtureinfo.argnames}
    for _ in range(warmup):
        test(**arguments)
    values = []
    for _ in range(rounds):
        began = perf_counter()
        test(**arguments)
        values.append(perf_counter() - began)
    return tuple(values)


def _judged(marked: Marked, operation: Operation) -> list[RuleVerdict]:
    measures = Measures()
    measures.current = RunFigures(ref="this test", runs=1, operations={operation.key: operation})
    return Evaluator(marked.budget).update(measures, 0.0, final=True)


def _sentence(verdict: RuleVerdict) -> str:
    """Return what a test is told of one of its limits."""
    figures = f"{verdict.metric} {value_text(verdict.current, verdict.unit)}, limit {limit_text(verdict)}"
    reason = f" ({printable(verdict.reason)})" if verdict.reason else ""
    word = "over budget" if verdict.verdict is Verdict.FAIL else verdict.verdict.value.upper()
    return f"{word}: {figures}{reason}"


def operations_of(measured: Iterable[dict[str, Any]]) -> list[Operation]:
    """Return what reports carried as operations."""
    return [
        Operation(
            each["group"],
            each["name"],
            each["parameter"],
            runs=(tuple(each["values"]),),
            ok=len(each["values"]),
            failed=0,
            tool="pytest",
        )
        for each in measured
    ]

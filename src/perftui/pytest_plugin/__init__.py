"""The pytest plugin: budgets of tests, and what tests took as operations of a session.

It is loaded by every run of pytest where perftui is installed, so nothing is imported here that is not needed to find
out that nobody asked for it. PYTEST_DONT_REWRITE
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

MARKER = "budget"
_ASKING = ("perftui", "perftui_rounds", "perftui_budget", "perftui_baseline", "perftui_save")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add our options."""
    group = parser.getgroup("perftui", "budgets of performance (perftui)")
    group.addoption(
        "--perftui", action="store_true", help="time every test, and list those that took longest with their verdicts"
    )
    group.addoption("--perftui-rounds", type=int, metavar="N", help="call every test N times, without its fixtures")
    group.addoption("--perftui-budget", metavar="FILE", help="hold the tests against [operations] of a budget too")
    group.addoption(
        "--perftui-baseline", metavar="REF", help="what rules of that budget about changes are held against"
    )
    group.addoption("--perftui-save", metavar="NAME", help="keep what the tests took as a session of that name")


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line(
        "markers",
        "budget(p95=, max=, mean=, median=, p50=, p90=, p99=, target=, rounds=, warmup=): what calls of the test may "
        'take, such as p95="5ms"; it is called so many times, and fails where it takes longer',
    )
    if any(config.getoption(name) not in (None, False) for name in _ASKING):
        _measure(config)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Measure where a test has a budget."""
    if any(item.get_closest_marker(MARKER) is not None for item in items):
        _measure(config)


def _measure(config: pytest.Config) -> None:
    from perftui.pytest_plugin.measuring import Measuring

    if not config.pluginmanager.has_plugin(Measuring.NAME):
        config.pluginmanager.register(Measuring(config), Measuring.NAME)

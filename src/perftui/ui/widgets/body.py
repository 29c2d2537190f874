"""The body of the dashboard: the flames, the panes below them, and budget and meters beside both."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import ContentSwitcher

from perftui.ui.commands import pane_keys
from perftui.ui.widgets.advice_pane import AdvicePane
from perftui.ui.widgets.budget_panel import BudgetPanel
from perftui.ui.widgets.event_log import EventLog
from perftui.ui.widgets.flame_graph import FlameGraph
from perftui.ui.widgets.hotspot_table import HotspotTable
from perftui.ui.widgets.meter import MeterPanel
from perftui.ui.widgets.operations_view import OperationsView
from perftui.ui.widgets.order_view import OrderView
from perftui.ui.widgets.output_log import OutputLog
from perftui.ui.widgets.pane_strip import PaneStrip
from perftui.ui.widgets.process_meters import ProcessMeters
from perftui.ui.widgets.sandwich import Sandwich
from perftui.ui.widgets.source_view import SourceView
from perftui.ui.widgets.thread_table import ThreadTable
from perftui.ui.widgets.time_pane import TimePane
from perftui.ui.widgets.tree_table import TreeTable

PANES = (
    ("hotspots", "Hotspots"),
    ("output", "Output"),
    ("threads", "Threads"),
    ("meters", "Meters"),
    ("budget", "Budget"),
    ("callers", "Callers"),
    ("source", "Source"),
    ("tree", "Tree"),
    ("time", "Time"),
    ("order", "Order"),
    ("advice", "Advice"),
    ("operations", "Operations"),
)
_UNOFFERED = ("operations",)
"""Panes that most sessions have nothing in."""


class Panes(ContentSwitcher):
    """The panes below the flames; given the whole screen, another may still come to its front."""

    ALLOW_MAXIMIZE = True


class Body(Horizontal):
    """Flames, panes and side; what has no room is hidden by the style sheet."""

    def compose(self) -> ComposeResult:
        """Lay out flames, panes and side."""
        with Vertical(id="left"):
            yield FlameGraph(id="flames")
            yield PaneStrip(PANES, keys=pane_keys(), unoffered=_UNOFFERED)
            with Panes(initial="hotspots", id="panes"):
                yield HotspotTable(id="hotspots", empty="no function was seen running yet")
                yield OutputLog(id="output")
                yield ThreadTable(id="threads")
                yield ProcessMeters(id="meters")
                with Vertical(id="budget"):
                    yield BudgetPanel(id="budget-large", chooses=True)
                    yield EventLog(id="events")
                yield Sandwich(id="callers")
                yield SourceView(id="source")
                yield TreeTable(id="tree")
                yield TimePane(id="time")
                yield OrderView(id="order")
                yield AdvicePane(id="advice")
                yield OperationsView(id="operations")
        with Vertical(id="side"):
            yield BudgetPanel(id="budget-side")
            yield MeterPanel(id="meters-side")

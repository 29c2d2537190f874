"""What stands beside the flames of a comparison: changes, time, meters with budgets, and the conditions of both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget

from perftui.analysis.call_tree import FunctionKey, function_key
from perftui.analysis.change_words import change_facts, shared_text
from perftui.analysis.changes import identified
from perftui.analysis.code_origin import tail
from perftui.analysis.deciding import deciding_commands, runs_to_decide
from perftui.analysis.merged_operations import merged_operations
from perftui.analysis.ranked_changes import ShownChanges, SortChanges
from perftui.analysis.run_counts import RunCounts
from perftui.analysis.run_weights import weights_of
from perftui.analysis.share_verdicts import in_shares
from perftui.model.change import FunctionChange
from perftui.model.operation import Operation
from perftui.model.verdict import RuleVerdict
from perftui.recording.comparison import Comparison
from perftui.recording.comparison_figures import budgets_of, meters_of, run_pairs
from perftui.ui.commands import COMPARE, pane_keys
from perftui.ui.compare_view import CHANGES, CONDITIONS, METERS, OPERATIONS, PANES, TIME
from perftui.ui.screens.compare_range import CompareRangeScreen
from perftui.ui.screens.operations_screen import NO_OPERATIONS, OperationsScreen
from perftui.ui.view_state import ViewState
from perftui.ui.widgets.cells import clean
from perftui.ui.widgets.change_line import ChangeLine
from perftui.ui.widgets.change_table import ChangeTable
from perftui.ui.widgets.gone_lane import GoneLane
from perftui.ui.widgets.operation_table import OperationTable
from perftui.ui.widgets.operations_view import OperationsView
from perftui.ui.widgets.paired_strip import PairedStrip
from perftui.ui.widgets.pane_strip import PaneStrip
from perftui.ui.widgets.runs_strip import RunsStrip
from perftui.ui.widgets.sides_lines import budget_lines, condition_lines, figure_lines, meter_lines
from perftui.ui.widgets.sides_table import Line, SidesTable

_LEAST_STRIP_HEIGHT = 32
"""Rows of a terminal from which the axes have room; in a lower one they come when they are asked for."""
_LEAST_RUNS_HEIGHT = 28
"""Rows of a terminal from which runs have room below the functions."""
_HINT = "select a function to see how sure its change is, and what would decide"
_ADVISORY = "one run a side: what is said may be chance; perftui ab --repeat 5 decides"
_NO_CHANGES = "no function is on either side"


class ComparePanesScreen(OperationsScreen, CompareRangeScreen):
    """A comparison with one pane beside its flames."""

    def __init__(self, view: ViewState, comparison: Comparison) -> None:
        super().__init__(view, comparison)
        self._told: tuple[Comparison, bool, tuple[FunctionChange, ...]] | None = None
        """What was said last, of which comparison, and whether of shares."""
        self._counted: tuple[Comparison, list[list[RunCounts]]] | None = None
        """What each run counted, by what its functions are called on both sides."""
        self._metered: tuple[Comparison, list[Line]] | None = None
        """What the meters and budgets of a comparison say: rules about changes take a while to judge."""

    def _compose_panes(self) -> ComposeResult:
        yield PaneStrip(PANES, keys=pane_keys(COMPARE), unoffered=(OPERATIONS,))
        with Vertical(id=f"pane-{CHANGES}"):
            yield ChangeTable()
            yield RunsStrip()
        yield PairedStrip(all_lanes=True, id=f"pane-{TIME}")
        yield SidesTable(id=f"pane-{METERS}")
        yield SidesTable(id=f"pane-{CONDITIONS}")
        yield OperationsView(id=f"pane-{OPERATIONS}")

    # Drawing.

    def _draw_panes(self) -> None:
        """Draw the pane that is in front."""
        chosen = self._chosen
        for name, _ in PANES:
            self.query_one(f"#pane-{name}").display = name == chosen.pane
        if chosen.pane == METERS:
            self.query_one(f"#pane-{METERS}", SidesTable).show(self._meter_lines())
        elif chosen.pane == CONDITIONS:
            lines = condition_lines(self._whole.conditions, remarks=self._whole.remarks)
            self.query_one(f"#pane-{CONDITIONS}", SidesTable).show(lines)
        self._draw_changes()
        self._offer_operations()
        self._draw_operations()
        self.query_one(PaneStrip).show(chosen.pane, *self._pane_notes())
        self._draw_strips()

    def _draw_changes(self) -> None:
        comparison, chosen = self._comparison, self._chosen
        table = self.query_one(ChangeTable)
        table.show(
            self._changes,
            unit=comparison.unit,
            share=chosen.share,
            sort=chosen.sort,
            shown=chosen.shown,
            sampled=comparison.noise is not None,
        )
        table.select(self._view.function)
        self._draw_change()

    @property
    def _changes(self) -> tuple[FunctionChange, ...]:
        """What is said of the functions in the mode that is looked at."""
        comparison, share = self._comparison, self._chosen.share
        if self._told is None or self._told[0] is not comparison or self._told[1] is not share:
            self._told = comparison, share, in_shares(comparison.changes) if share else comparison.changes
        return self._told[2]

    def _draw_change(self) -> None:
        """Say all that is known of the selected function."""
        comparison, function = self._comparison, self._view.function
        change = self._change_of(function)
        if change is None:
            self.query_one(ChangeLine).show(*self._hint(), None)
        else:
            place = f"  {clean(tail(change.frame.file))}" if change.frame.file else ""
            facts = [*change_facts(change, comparison.unit, share=self._chosen.share), *self._beside(change)]
            self.query_one(ChangeLine).show(f"{change.frame.function}{place}", facts, change.verdict)
        self._draw_runs(function if change is not None else None)

    def _beside(self, change: FunctionChange) -> Iterator[str]:
        """Yield what explains an interval that does not lie around the change as it was measured."""
        runs = None if change.verdict.clear else change.certainty.more_runs
        yield from self._deciding(runs)
        if change.certainty.ci is not None and (shared := shared_text(self._comparison.shared)):
            yield f"interval beyond the {shared} that all functions share"

    def _deciding(self, runs: int | None) -> Sequence[str]:
        before, after = (side.metas[-1] for side in self._whole.sides)
        return deciding_commands(before, after, runs)

    def _draw_runs(self, function: FunctionKey | None) -> None:
        """Draw what a function weighs in each run, or all of them; where there are several, and rows for them."""
        comparison, strip = self._comparison, self.query_one(RunsStrip)
        several = max(len(side.runs) for side in comparison.sides) > 1 and comparison.view is None
        strip.display = several and self.size.height >= _LEAST_RUNS_HEIGHT
        if not strip.display:
            return
        if self._counted is None or self._counted[0] is not comparison:
            self._counted = comparison, [identified(side.side(None)) for side in comparison.sides]
        before, after = (weights_of(function, runs) for runs in self._counted[1])
        strip.show(before, after, comparison.unit)

    def _draw_strips(self) -> None:
        chosen = self._chosen
        strip = self.query_one("#pair-strip", PairedStrip)
        strip.display = self._strip_asked or self.size.height >= _LEAST_STRIP_HEIGHT
        for each in (strip, self.query_one(f"#pane-{TIME}", PairedStrip)):
            if each.display:
                each.show(self._times, ranges=chosen.ranges, held=chosen.held)

    def _change_of(self, function: FunctionKey | None) -> FunctionChange | None:
        if function is None:
            return None
        return next((each for each in self._changes if function_key(each.frame) == function), None)

    def _hint(self) -> tuple[str, tuple[str, ...]]:
        if not self._comparison.changes:
            return _NO_CHANGES, ()
        if self._comparison.advisory:
            return _HINT, (_ADVISORY,)
        total = self._comparison.cpu_time or self._comparison.total
        commands = self._deciding(runs_to_decide([total], ()))
        match commands:
            case (command,):
                return _HINT, (f"more runs would decide: {command}",)
            case (first, second):
                return f"more runs would decide: {first}", (f"and {second}",)
        return _HINT, ()

    def _pane_notes(self) -> Iterator[str]:
        """Yield what is said beside the names of the panes, from the longest wording to what must not be missed."""
        chosen = self._chosen
        if chosen.pane in (TIME, METERS) and max(len(side.runs) for side in self._whole.sides) > 1:
            yield "mean of the runs" if chosen.pane == TIME else "median of the runs"
        if chosen.pane != CHANGES:
            return
        kind = "" if chosen.shown is ShownChanges.ALL else chosen.shown.value
        listed = f"{self.query_one(ChangeTable).listed} of {len(self._changes)}: {kind}" if kind else ""
        shared = f"all functions {told}" if (told := shared_text(self._comparison.shared)) else ""
        by = f"by {chosen.sort.value}"
        for parts in ((shared, listed, by), (listed, by), (listed or shared,), (kind,)):
            yield " · ".join(filter(None, parts))

    def _meter_lines(self) -> list[Line]:
        comparison = self._whole
        if self._metered is not None and self._metered[0] is comparison:
            return self._metered[1]
        several = max(len(side.runs) for side in comparison.sides) > 1
        lines = figure_lines("median of the runs" if several else "run", run_pairs(comparison))
        lines += budget_lines(budgets_of(comparison))
        lines += meter_lines(meters_of(comparison))
        self._metered = comparison, lines
        return lines

    # Operations.

    @property
    def _measured_operations(self) -> Sequence[Operation]:
        return self._operations_of_sides[1]

    @property
    def _baseline_operations(self) -> Mapping[str, Operation]:
        return self._operations_of_sides[0]

    @cached_property
    def _operations_of_sides(self) -> tuple[Mapping[str, Operation], Sequence[Operation]]:
        """The operations of all runs of baseline and current."""
        before, after = (merged_operations(run.model.operations for run in side.runs) for side in self._whole.sides)
        return before, tuple(after.values())

    @property
    def _operation_verdicts(self) -> Sequence[RuleVerdict]:
        return self._whole.current.verdicts

    @property
    def _baseline_ref(self) -> str:
        return self._whole.baseline.meta.name

    @property
    def _no_operations(self) -> str:
        return NO_OPERATIONS

    @property
    def _operations_room(self) -> Widget:
        return self.query_one(OperationsView)

    # What a person does.

    def action_pane(self, name: str) -> None:
        """Bring a pane to the front, and give it the keys."""
        self._chosen = replace(self._chosen, pane=name)
        self._draw_panes()
        pane = self.query_one(f"#pane-{name}")
        takers = {CHANGES: ChangeTable, OPERATIONS: OperationTable}
        (self.query_one(takers[name]) if name in takers else pane).focus()

    def on_pane_strip_chosen(self, message: PaneStrip.Chosen) -> None:
        """Bring the pane that was clicked to the front."""
        self.action_pane(message.pane)

    def on_change_table_selected(self, message: ChangeTable.Selected) -> None:
        """Select the heaviest frame of a function; what has no frame in the flames is selected alone."""
        if self._node_of(message.function) is None:
            self._look(selected=(message.function,))
        else:
            self._select_function(message.function)

    def on_change_table_sorted(self, message: ChangeTable.Sorted) -> None:
        """Sort by the column whose heading was clicked."""
        self._list(sort=message.sort)

    def on_gone_lane_selected(self, message: GoneLane.Selected) -> None:
        """Select a path that is gone."""
        self._select_node(message.node)

    def action_next_change(self, step: int) -> None:
        """Select the next clear change."""
        function = self.query_one(ChangeTable).next_clear(step)
        if function is None:
            why = "the samples do not tell the sides apart" if self._view.lens is None else "the sides hold the same"
            self.notify(f"no clear change: {why}", markup=False)
        else:
            self._select_function(function)

    def action_sort(self) -> None:
        """Sort the changes, or the operations where they have the keys, in the next way."""
        if self._has_operations_keys:
            self._sort_operations()
            return
        order = list(SortChanges)
        self._list(sort=order[(order.index(self._chosen.sort) + 1) % len(order)])

    def action_filter(self) -> None:
        """List the functions of the next verdict."""
        order = list(ShownChanges)
        self._list(shown=order[(order.index(self._chosen.shown) + 1) % len(order)])

    def _list(self, **changes: object) -> None:
        self._chosen = replace(self._chosen, **changes)  # type: ignore[arg-type]
        if self._chosen.pane != CHANGES:
            self.action_pane(CHANGES)
        else:
            self._draw_panes()

"""The table of hotspots on a screen: rows that keep still, and another time beside the one that is looked at."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import replace
from enum import Enum
from typing import NamedTuple, TypeVar

from perftui.analysis.call_tree import CallTree, FunctionKey, function_key
from perftui.analysis.data_quality import few_samples
from perftui.analysis.heap_profile import HeapSort
from perftui.analysis.hotspots import Listing, SortBy, rest_of, rows_of
from perftui.analysis.recent_selfs import RecentSelfs, self_shares
from perftui.analysis.scope import Fading, Last, Scope
from perftui.analysis.scoped_profile import ScopedProfile
from perftui.analysis.share_change import ShareChange, ShareChanges
from perftui.analysis.split import Split
from perftui.analysis.steady_order import LEAD_SHARE, Standing, SteadyOrder, sampled_lead
from perftui.model.hotspot import Hotspot
from perftui.recording.playback import SavedTimes
from perftui.recording.session_model import SessionModel
from perftui.recording.update import Phase, Update
from perftui.ui.screens.looked_at import TABLE_ROWS
from perftui.ui.screens.range_screen import RangeScreen
from perftui.ui.view_state import ViewState
from perftui.ui.widgets.hotspot_columns import RowNotes
from perftui.ui.widgets.hotspot_table import HotspotTable

LEAST_PERCENTS = (0.0, 0.1, 1.0, 5.0)
"""Shares below which rows are not listed, one after the other by key."""
_NEVER = float("inf")
_NO_RANGE = (
    "choose a range first, to see what differs from the rest: r takes the busiest 5 seconds, or drag over the strip"
)
_NO_SAMPLES = "what is held has no samples by time, so that nothing tells chance from change: m looks at CPU"
_NO_REST = "the range is all there is: nothing is left to hold it against"
_NO_END = "what fades away has no beginning to hold the rest against: l goes on to another live mode, r chooses a range"


class _Sides(NamedTuple):
    """A part of the run and the whole, through the same scope but for the time."""

    part: Callable[[], ScopedProfile]
    """Weighed when it is asked for: for a column beside the whole no tree is needed."""
    whole: ScopedProfile
    names: tuple[str, str]
    """What the part is called, and the rest."""
    beside: CallTree | RecentSelfs
    """What the one of the two that is not drawn in the flames weighs."""
    beside_name: str


class _Content(NamedTuple):
    listing: Listing
    sides: _Sides | None
    changes: dict[int, ShareChange] | None
    clear: tuple[str, ...] = ()


class TableScreen(RangeScreen):
    """Flames of a range of time with the table of their functions."""

    def __init__(self, view: ViewState, model: SessionModel, times: SavedTimes | None) -> None:
        super().__init__(view, model, times)
        self._content: tuple[object, _Content] | None = None
        """What the table lists and what for, until something new comes."""
        self._fresh = True
        self._other_time: ScopedProfile | None = None
        """The scope over another time; while the table is not seen there is none."""
        self._recent: RecentSelfs | None = None
        """What stands beside the whole run while it is recorded."""
        self._steady = SteadyOrder[FunctionKey]()
        self._ordered_for: object = None

    # Drawing.

    def _draw_table(self) -> None:
        """Draw the table, as long as it is seen."""
        table = self.query_one(HotspotTable)
        if not table.display:
            self._other_time = self._recent = None
            return
        view = self._view
        rows = self._ranked()
        table.show(
            rows,
            sort=view.sort if view.lens is None else view.heap_sort,
            unit=self._shown.scoped.aggregate.tree.unit,
            selected=view.function,
            cwd=view.cwd,
            search=None if view.split is not Split.NONE else self._search,
            empty=self._shown.no_rows(),
            notes=self._notes(rows),
        )

    def _ranked(self) -> list[Hotspot]:
        """Return the rows of the table; while something is recorded they change places only for good."""
        rows = self._listed().listing.rows
        view = self._view
        by_name = view.sort is SortBy.NAME if view.lens is None else view.heap_sort is HeapSort.NAME
        if self._model.phase is Phase.DONE or by_name:
            self._steady.clear()
            return rows
        if self._ordered_for != self._content_key:
            self._steady.clear()
            self._ordered_for = self._content_key
        by_key = {function_key(row.frame): row for row in rows}
        pinned = view.function if self.query_one(HotspotTable).has_focus else None
        changes = self._listed().changes
        standings = [self._standing(key, row, changes) for key, row in by_key.items()]
        return [by_key[key] for key in self._steady.update(standings, self._model.elapsed_s, pinned=pinned)]

    def _standing(
        self, key: FunctionKey, row: Hotspot, changes: Mapping[int, ShareChange] | None
    ) -> Standing[FunctionKey]:
        view = self._view
        if changes is not None:
            return Standing(key, abs(changes[row.function_id].difference), _NEVER)
        if view.lens is not None:
            amounts = {HeapSort.TOTAL: row.total_weight, HeapSort.COUNT: float(row.self_count)}
            amount = amounts.get(view.heap_sort, row.self_weight)
            # What changed in a range may have become less.
            return Standing(key, abs(amount), LEAD_SHARE * abs(amount))
        if view.sort is SortBy.TOTAL:
            return Standing(key, row.total_weight, sampled_lead(row.total_weight, row.total_count))
        return Standing(key, row.self_weight, sampled_lead(row.self_weight, row.self_count))

    def _notes(self, rows: list[Hotspot]) -> RowNotes:
        """Return what stands beside and below the rows."""
        content, options, view = self._listed(), self.settings.view, self._view
        sides = content.sides
        keys = [function_key(row.frame) for row in rows]
        notes = RowNotes(
            rest=content.listing.rest,
            least=f"{self._least_percent:g} %" if self._least_percent else "",
            moved={key: rose for key in keys if (rose := self._steady.moved(key))},
            held=self.query_one(HotspotTable).has_focus,
        )
        if view.lens is None:
            doubts = self._shown.doubts()
            notes = replace(
                notes,
                few=few_samples(rows, self._shown.scoped.tree().count),
                badge=doubts[0].badge if doubts else "",
                warn=options.warn_percent / 100,
                critical=options.critical_percent / 100,
            )
        if sides is None:
            return notes
        if content.changes is not None:
            return replace(notes, changes=content.changes, sides=sides.names, clear=content.clear)
        shares = self_shares(sides.beside, (row.function_id for row in rows))
        return replace(notes, beside=sides.beside_name, shares=shares)

    # What is listed.

    @property
    def _content_key(self) -> object:
        view = self._view
        options = self.settings.view
        least = self._least_percent
        return view.lens, view.grown, view.sort, view.heap_sort, view.scope, view.difference, least, options.window_s

    @property
    def _least_percent(self) -> float:
        chosen = self._view.least_percent
        return self.settings.view.threshold_percent if chosen is None else chosen

    def _listed(self) -> _Content:
        """Return what is listed; a key that moves the cursor does not rank thousands of functions again."""
        key, known = self._content_key, self._content
        if known is None or known[0] != key or self._fresh:
            listed = known[1].listing.rows if known is not None and known[0] == key else []
            self._content = known = key, self._list_anew(listed)
            self._fresh = False
        return known[1]

    def _list_anew(self, listed: list[Hotspot]) -> _Content:
        sides, least = self._sides(), self._least_percent / 100
        if sides is not None and self._view.difference and not self._why_no_difference(sides):
            return self._differences(sides, least)
        return _Content(self._shown.listing(least=least, listed=listed), sides, None)

    def _differences(self, sides: _Sides, least: float) -> _Content:
        """Return the functions by how much their share of the part differs from their share of the rest."""
        tree, sort = sides.whole.tree, self._view.sort
        found = ShareChanges(sides.part().tree, tree, total=sort is SortBy.TOTAL)
        told = found.ranked(TABLE_ROWS, least=least)
        if sort is SortBy.NAME:
            told.sort(key=lambda row: (tree.functions[row[0]].function, tree.functions[row[0]].file))
        rows, clear = rows_of(tree, [i for i, _ in told], self._shown.scoped.profile.line_counts), found.clear()
        told_apart = (f"{clear} of {found.seen} beyond chance", f"{clear} beyond chance", f"{clear} clear")
        return _Content(Listing(rows, rest_of(tree, rows)), sides, dict(told), told_apart)

    def _rank_anew(self) -> None:
        """Rank again when the table is drawn next: something new came."""
        self._fresh = True

    # The other time.

    def _follow_table(self, update: Update) -> None:
        """Let the scope over another time take in what is new."""
        if self._other_time is not None and update.delta is not None:
            self._other_time.apply(update.delta)

    def _sides(self) -> _Sides | None:
        """Return the part of the run that is looked at beside the whole; None where there is but one time."""
        view, shown = self._view, self._shown.scoped.profile
        time = view.scope.time
        if view.lens is not None or (time is None and self._model.phase is Phase.DONE):
            return None
        if time is None:
            seconds = self.settings.view.window_s
            if not view.difference:
                self._other_time = None
            now = view.scope.added(Last(seconds))
            return _Sides(lambda: self._over(now), shown, ("now", "before"), self._lately(shown, seconds), "now")
        whole = self._over(view.scope.timeless())
        names = ("now", "before") if isinstance(time, Last) else ("range", "rest")
        return _Sides(lambda: shown, whole, names, whole.tree, "run")

    def _lately(self, shown: ScopedProfile, seconds: float) -> RecentSelfs:
        known = self._recent
        if known is None or not known.is_of(shown, seconds):
            known = self._recent = RecentSelfs(shown, self._times, seconds)
        else:
            known.update()
        return known

    def _over(self, scope: Scope) -> ScopedProfile:
        """Return what is looked at over another time."""
        known, aggregate = self._other_time, self._shown.scoped.aggregate
        if known is None or known.aggregate is not aggregate:
            known = ScopedProfile(aggregate, scope, cwd=self._view.cwd, index=self._times)
            self._other_time = known
        elif known.scope != scope:
            known.change(scope)
        return known

    def _why_no_difference(self, sides: _Sides | None) -> str:
        """Return why a range cannot be held against the rest of the run; empty where it can."""
        if self._view.lens is not None:
            return _NO_SAMPLES
        if sides is None:
            return _NO_RANGE
        if isinstance(self._view.scope.time, Fading):
            return _NO_END
        return "" if ShareChanges(sides.part().tree, sides.whole.tree).comparable else _NO_REST

    # What a person does.

    def action_difference(self) -> None:
        """Show what differs between the range and the rest of the run, or the shares again."""
        self._show_table()
        why = self._why_no_difference(self._sides())
        if why:
            self.notify(why, markup=False)
        self._look(difference=not why and not self._view.difference)

    def action_threshold(self) -> None:
        """List rows from the next greater share on."""
        self._show_table()
        greater = [percent for percent in LEAST_PERCENTS if percent > self._least_percent]
        self._look(least_percent=greater[0] if greater else 0.0)

    def _show_table(self) -> None:
        """Bring the table to the front: what is asked of it has to be seen."""
        if not self.query_one(HotspotTable).display:
            self.action_pane("hotspots")

    @abstractmethod
    def action_pane(self, pane: str) -> None:
        """Bring a pane to the front, and give it the keys."""

    def settings_changed(self) -> None:
        """Draw by the limits that are set now."""
        super().settings_changed()
        self._draw_table()

    def on_hotspot_table_selected(self, message: HotspotTable.Selected) -> None:
        """Let the flames follow the table: the heaviest frame of the function."""
        self._select_function(message.function)

    def on_hotspot_table_sorted(self, message: HotspotTable.Sorted) -> None:
        """Sort the table by the clicked column."""
        if isinstance(message.sort, HeapSort):
            self._look(heap_sort=message.sort)
        else:
            self._look(sort=message.sort)

    def on_hotspot_table_chosen(self, message: HotspotTable.Chosen) -> None:
        """Go to the function in the flames."""
        self.on_hotspot_table_selected(message)
        self._flames.focus()

    def action_sort(self) -> None:
        """Sort the table by the next column."""
        if self._view.lens is None:
            self._look(sort=_next(SortBy, self._view.sort))
        else:
            self._look(heap_sort=_next(HeapSort, self._view.heap_sort))


_Choice = TypeVar("_Choice", bound=Enum)


def _next(choices: type[_Choice], chosen: _Choice) -> _Choice:
    order = list(choices)
    return order[(order.index(chosen) + 1) % len(order)]

"""The trend screen: all figures of a workload in a list, and the one that is selected over its sessions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal
from textual.widgets import Static

from perftui.analysis.trend_lines import ListLine, SortTrends, TrendLine, list_lines
from perftui.errors import PerftuiError, UsageError
from perftui.model.session import SessionMeta
from perftui.model.trend import Trend, TrendKind
from perftui.recording.comparison import compare_paths
from perftui.recording.early_look import begin_look
from perftui.recording.playback import open_playback
from perftui.recording.trend_overview import Followed, point_of
from perftui.recording.workload_series import Series
from perftui.storage.groups import Runs
from perftui.text import printable
from perftui.ui.commands import TREND, bindings_of
from perftui.ui.screens.comparing import ComparingScreen
from perftui.ui.screens.trend_reading import Overview, TrendReading, series_key
from perftui.ui.trend_look import LineKey, TrendLook, key_of
from perftui.ui.widgets.key_bar import KeyBar
from perftui.ui.widgets.search_bar import SearchBar
from perftui.ui.widgets.trend_plot import TrendPlot
from perftui.ui.widgets.trend_table import TrendTable

_READING = "reading sessions…"
_SEARCHED = "regular expression over figures"
_KEPT_TRENDS = 64
"""Trends that are kept worked out."""


class TrendScreen(TrendReading):
    """The list at the left, or above; the chart of what is selected beside it."""

    SCREEN = TREND
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings_of(TREND),
        Binding("escape", "back", "Back", show=False, id="trend.back"),
    ]
    DEFAULT_CSS = """
    TrendScreen #trend-title { height: 1; background: $surface; }
    TrendScreen #trend-body { height: 1fr; }
    TrendScreen TrendTable { width: 9fr; height: 1fr; }
    TrendScreen #trend-plot { width: 11fr; height: 1fr; border-left: vkey $foreground 15%; }
    """

    def __init__(self, directory: Path, meta: SessionMeta | None = None) -> None:
        """Make the screen.

        Args:
            directory: Where the sessions lie.
            meta: The session whose workload is looked at; None for the newest.
        """
        super().__init__(directory, meta)
        self._look = TrendLook(session=meta.id if meta is not None else "")
        self._followed = Followed()
        self._every: tuple[Series, ...] = ()
        self._overview: Overview | None = None
        self._lines: dict[LineKey, TrendLine] = {}
        self._listed: list[ListLine] = []
        self._trends: dict[LineKey, tuple[Trend, Sequence[Runs]]] = {}
        self._said = _READING

    def compose(self) -> ComposeResult:
        """Lay out the screen."""
        yield Static(id="trend-title")
        with Horizontal(id="trend-body"):
            yield TrendTable()
            with Container(id="trend-plot"):
                yield TrendPlot()
        yield SearchBar()
        yield KeyBar()

    def on_mount(self) -> None:
        """Paint first, read then."""
        self.query_one(SearchBar).display = False
        self.query_one(KeyBar).show(TREND)
        self.query_one(TrendTable).focus()
        self._draw_all()
        self.call_after_refresh(self._read, None, self._followed)

    # What was read.

    def _take(self, overview: Overview) -> None:
        self._every, self._overview, self._followed = overview.every, overview, overview.followed
        self._lines = {key_of(line): line for line in overview.lines}
        self._trends = {}
        self._said = "" if overview.lines else "no figures were measured in these sessions"
        self._list()
        table = self.query_one(TrendTable)
        # What is seen comes first.
        first = {key_of(line): line for line in (table.selected, *table.seen) if line is not None}
        self._find_changes([*{**first, **self._lines}.values()])

    def _take_nothing(self, every: tuple[Series, ...], why: str) -> None:
        self._every = every
        self._say(why)

    def _take_changes(self, lines: Mapping[LineKey, TrendLine], *, done: bool) -> None:
        self._lines.update({key: line for key, line in lines.items() if key in self._lines})
        # While they come, what is ranked by them would move below the eye.
        if done or self._look.sort is not SortTrends.CHANGE:
            self._list()

    def _take_trend(self, key: LineKey, trend: Trend, runs: Sequence[Runs]) -> None:
        while len(self._trends) >= _KEPT_TRENDS:
            self._trends.pop(next(iter(self._trends)))
        self._trends[key] = trend, runs
        if key == self._look.selected:
            self._draw_trend()

    def _say(self, text: str) -> None:
        self._said = printable(text)
        self._draw_all()

    # Drawing.

    def _list(self) -> None:
        """Rank and filter the figures again."""
        self._listed = list_lines(self._lines.values(), sort=self._look.sort, pattern=self._look.pattern)
        if self._look.selected not in self._lines:
            self._look = replace(self._look, selected=None)
        self._draw_all()

    def _draw_all(self) -> None:
        if not self.is_mounted:
            return
        table = self.query_one(TrendTable)
        empty = self._said or f"no figure holds {printable(repr(self._look.pattern))}"
        table.show(self._listed, self._look, self._followed, empty=empty)
        selected = table.selected
        if selected is not None and key_of(selected) != self._look.selected:
            self._look = replace(self._look, selected=key_of(selected))
        self._draw_title()
        self._draw_trend()

    def _draw_title(self) -> None:
        overview = self._overview
        parts: list[str | tuple[str, str]] = [(" trend", "bold")]
        if overview is not None:
            series = overview.read.series
            sessions = len(series.entries)
            parts += ["  ", (printable(series.workload), "bold")]
            parts.append((f"  on {printable(series.host)}" if series.host else "", "dim"))
            parts.append((f"  {sessions} session{'' if sessions == 1 else 's'}", "dim"))
            names = self._workloads
            if len(names) > 1:
                parts.append((f"  workload {names.index(series.workload) + 1}/{len(names)} (w)", "dim"))
            same = self._same_workload(series)
            if len(same) > 1:
                at = [series_key(each) for each in same].index(series_key(series))
                parts.append((f"  series {at + 1}/{len(same)} (m)", "dim"))
        text = Text.assemble(*parts, no_wrap=True, overflow="ellipsis")
        self.query_one("#trend-title", Static).update(text, layout=False)

    def _draw_trend(self) -> None:
        plot, key = self.query_one(TrendPlot), self._look.selected
        known = self._trends.get(key) if key is not None else None
        if known is not None:
            trend, runs = known
            plot.show(trend, point_of(runs, self._look.session))
        elif key is None or self._overview is None:
            plot.show(None, 0, empty="" if self._overview is None else self._said)
        else:
            # What was drawn before stands there, with its name, until this one is worked out.
            self._work_out(self._overview, self._lines[key])

    # What a person does.

    def on_trend_table_selected(self, message: TrendTable.Selected) -> None:
        """Draw the trend of another figure."""
        self._look = replace(self._look, selected=message.key)
        self._draw_all()

    def on_trend_table_sorted(self, message: TrendTable.Sorted) -> None:
        """Rank by the column that was clicked, or by kind again."""
        again = message.sort is self._look.sort
        self._sort_by(SortTrends.KIND if again else message.sort)

    def on_trend_table_switched(self, message: TrendTable.Switched) -> None:
        """Follow the next figure of a kind."""
        self._follow_next(message.kind)

    def on_trend_plot_moved(self, message: TrendPlot.Moved) -> None:
        """Remember the session, also for other figures."""
        _, runs = self._shown
        if isinstance(message, TrendPlot.Chosen):
            self.action_open()
        elif message.point < len(runs):
            self._look = replace(self._look, session=runs[message.point].newest.id)

    def on_key_bar_pressed(self, message: KeyBar.Pressed) -> None:
        """Run the command whose key was clicked."""
        self.run_worker(self.run_action(message.action), exclusive=False)

    def action_session(self, step: int) -> None:
        """Go to an earlier or a later session."""
        self.query_one(TrendPlot).step(step)

    def action_change(self, step: int) -> None:
        """Go to the change before or after."""
        self.query_one(TrendPlot).step_to_change(step)

    def action_open(self) -> None:
        """Open the session below the cursor."""
        from perftui.ui.screens.dashboard import DashboardScreen  # noqa: PLC0415 (from there one comes here, too)

        _, runs = self._shown
        if not runs:
            return
        try:
            playback = open_playback(runs[self.query_one(TrendPlot).point].newest.path)
        except PerftuiError as error:
            self.tell(error)
        else:
            self.app.push_screen(DashboardScreen.saved(playback, keep=playback.keep_view))

    def action_compare(self) -> None:
        """Compare the session below the cursor with the one before it."""
        _, runs = self._shown
        at = self.query_one(TrendPlot).point
        if not runs:
            return
        if at == 0:
            self.notify("this is the first session: there is none before it", markup=False)
            return
        sides = runs[at - 1].complete, runs[at].complete
        self.app.push_screen(ComparingScreen(lambda: compare_paths(*sides), lambda: begin_look(*sides)(), sides))

    def action_sort(self) -> None:
        """Rank by the next thing."""
        order = list(SortTrends)
        self._sort_by(order[(order.index(self._look.sort) + 1) % len(order)])

    def action_figure(self) -> None:
        """Follow the next figure of operations or functions, whatever the cursor is on."""
        kind = self._look.selected[0] if self._look.selected is not None else TrendKind.METRIC
        self._follow_next(kind)

    def action_workload(self, step: int) -> None:
        """Show another workload."""
        names, overview = self._workloads, self._overview
        if len(names) < 2 and overview is not None:
            self.notify("there is no other workload", timeout=2, markup=False)
        elif names:
            at = -step if overview is None else names.index(overview.read.series.workload)
            name = names[(at + step) % len(names)]
            self._show_series(next(series for series in self._every if series.workload == name))

    def action_machine(self) -> None:
        """Show the next series of the same workload."""
        if self._overview is None:
            return
        series = self._overview.read.series
        same = self._same_workload(series)
        if len(same) < 2:
            self.notify("all sessions of this workload are here: one machine, one folder", timeout=2, markup=False)
            return
        at = [series_key(each) for each in same].index(series_key(series))
        self._show_series(same[(at + 1) % len(same)])

    def action_refresh(self) -> None:
        """Read the sessions again."""
        overview = self._overview
        self._read(None if overview is None else series_key(overview.read.series), self._followed)

    def action_filter(self) -> None:
        """Filter the figures."""
        self.query_one(SearchBar).open(self._look.pattern, over=_SEARCHED)
        self._filter(self._look.pattern)

    def on_search_bar_changed(self, message: SearchBar.Changed) -> None:
        """Filter while the person types."""
        self._filter(message.pattern)

    def on_search_bar_closed(self, message: SearchBar.Closed) -> None:
        """Keep the filter, or give it up."""
        self._filter(message.pattern if message.keep else "")
        self.query_one(SearchBar).display = False
        self.query_one(TrendTable).focus()

    def action_back(self) -> None:
        """Take the filter away; without one, leave."""
        if self._look.pattern:
            self._filter("")
        else:
            self.leave()

    async def action_quit(self) -> None:
        """Leave."""
        self.leave()

    def _filter(self, pattern: str) -> None:
        bar = self.query_one(SearchBar)
        try:
            found = list_lines(self._lines.values(), sort=SortTrends.NAME, pattern=pattern)
        except UsageError as error:
            bar.show_error(error.message)
            return
        bar.show_result(f"{len(found)} of {len(self._lines)} figures")
        self._look = replace(self._look, pattern=pattern)
        self._list()

    def _sort_by(self, sort: SortTrends) -> None:
        self._look = replace(self._look, sort=sort)
        self._list()
        self.notify(f"figures by {sort.value}", timeout=2, markup=False)

    def _follow_next(self, kind: TrendKind) -> None:
        followed = self._followed.next(kind)
        if followed == self._followed:
            self.notify("a metric has one figure: b is for operations and functions", timeout=2, markup=False)
        elif self._overview is not None:
            self._follow(self._overview, followed)

    def _show_series(self, series: Series) -> None:
        self._say(_READING)
        self._read(series_key(series), self._followed)

    @property
    def _shown(self) -> tuple[Trend | None, Sequence[Runs]]:
        """The trend that is drawn, and what its points stand for; nothing while another one is worked out."""
        known = self._trends.get(self._look.selected) if self._look.selected is not None else None
        return known if known is not None else (None, ())

    @property
    def _workloads(self) -> list[str]:
        return list(dict.fromkeys(series.workload for series in self._every))

    def _same_workload(self, series: Series) -> list[Series]:
        return [each for each in self._every if each.workload == series.workload]

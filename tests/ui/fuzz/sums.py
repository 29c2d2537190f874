"""What must hold of a dashboard whatever was pressed: what is drawn adds up, and fits where it is drawn."""

from __future__ import annotations

from collections.abc import Iterator
from math import isclose, ulp
from weakref import WeakKeyDictionary

from rich.cells import cell_len
from textual.screen import Screen
from textual.strip import Strip

from perftui.analysis.call_tree import ROOT, CallTree
from perftui.analysis.count_tree import CountTree
from perftui.analysis.inversion import MergedTree
from perftui.analysis.scope import Fading
from perftui.analysis.scoped_profile import ScopedProfile
from perftui.analysis.split import Split
from perftui.ui.screens.compare import CompareScreen
from perftui.ui.screens.dashboard import DashboardScreen
from perftui.ui.widgets.change_table import ChangeTable
from perftui.ui.widgets.flame_graph import FlameGraph
from perftui.ui.widgets.hotspot_table import HotspotTable
from perftui.ui.widgets.line_canvas import LineCanvas
from perftui.ui.widgets.paired_strip import PairedStrip
from perftui.ui.widgets.status_line import StatusLine
from perftui.ui.widgets.thread_table import ThreadTable
from perftui.ui.widgets.time_strip import TimeStrip


def close(one: float, other: float, what: str) -> None:
    """Hold two sums of the same weights against each other."""
    assert isclose(one, other, rel_tol=1e-7, abs_tol=1e-6), f"{what}: {one!r} is not {other!r}"


class Strips:
    """Rows as they were drawn: each is as long as its widget is wide."""

    def __init__(self) -> None:
        self._known: WeakKeyDictionary[LineCanvas, list[Strip]] = WeakKeyDictionary()

    def check(self, screen: Screen[object]) -> None:
        """Draw what is to be drawn, and measure what is new of it."""
        for widget in screen.query(LineCanvas):
            if not widget.size or not widget.is_on_screen:
                continue
            widget.render_line(0)
            strips, known = widget._row_strips, self._known.get(widget, [])
            for y, strip in enumerate(strips):
                if y >= len(known) or known[y] is not strip:
                    measure(strip, widget.size.width, f"row {y} of {widget!r}")
            self._known[widget] = list(strips)


def measure(strip: Strip, width: int, what: str) -> None:
    """Hold a strip to its width."""
    cells = sum(cell_len(segment.text) for segment in strip if not segment.control)
    assert strip.cell_length == cells == width, f"{what}: says {strip.cell_length}, is {cells}, has {width}: {strip!r}"


def check_whole_screen(screen: Screen[object]) -> None:
    """Hold every line of the screen to its width."""
    width, height = screen.app.size
    lines = screen._compositor.render_strips()
    assert len(lines) == height, f"{len(lines)} lines, has {height}"
    for y, strip in enumerate(lines):
        measure(strip, width, f"line {y} of {screen!r}")


def check_notifications(screen: Screen[object]) -> None:
    """What is told is never markup."""
    for each in screen.app._notifications:
        assert not each.markup, f"a notification is read as markup: {each.message!r}"


def check_sums(screen: DashboardScreen, *, thorough: bool = False) -> None:
    """Self weights of what is drawn add up to the scope, and the scope to the profile."""
    view, shown = screen._view, screen._shown
    scoped = shown.scoped
    profile, whole = scoped.profile, scoped.aggregate.tree
    assert profile.scope == (view.scope if view.lens is None else view.scope.timeless()), "the scope lags behind"
    _add_up(whole, "the whole")
    if profile.scope.is_everything:
        close(profile.weight, whole.weight, "everything")
        assert profile.count == whole.count
    elif not profile.scope.is_estimate:
        assert profile.weight <= whole.weight * (1 + 1e-9) + 1e-6, f"{profile.scope} covers more than there is"
    for split in Split if thorough else (view.split,):
        upright = scoped.tree(split=split)
        _add_up(upright, f"{split}")
        close(upright.weight, profile.weight, f"{split} against the scope {profile.scope}")
        for inverted in (False, True) if thorough else (view.inverted,):
            drawn = scoped.flames(split=split, inverted=inverted, by_count=view.by_count and view.lens is not None)
            _add_up(drawn, f"drawn {split} {inverted}")
            of = profile.count if isinstance(drawn, CountTree) else profile.weight
            close(drawn.total_weight[ROOT], of, f"drawn {split}, inverted {inverted}, in {profile.scope}")
    close(sum(share.weight for share in scoped.thread_shares()), profile.weight, f"threads in {profile.scope}")
    _check_rows(screen)
    _check_times(screen)
    if thorough:
        _check_anew(screen)


def _add_up(tree: CallTree | CountTree, what: str) -> None:
    merged = tree.of if isinstance(tree, CountTree) else tree
    if isinstance(merged, MergedTree):
        _add_up_as_far_as_made(merged, what)
        return
    close(sum(tree.self_weight), tree.total_weight[ROOT], f"self weights of {what}")
    close(sum(tree.function_self_weight), tree.total_weight[ROOT] - tree.self_weight[ROOT], f"functions of {what}")
    assert sum(merged.self_count) == merged.total_count[ROOT], f"self counts of {what}"


def _add_up_as_far_as_made(tree: MergedTree, what: str) -> None:
    below = [0.0] * len(tree)
    for node in range(1, len(tree)):
        below[tree.parent[node]] += tree.total_weight[node]
    for node in range(len(tree)):
        if tree._expanded[node]:
            close(below[node] + tree.self_weight[node], tree.total_weight[node], f"below node {node} of {what}")


def _check_rows(screen: DashboardScreen) -> None:
    """Rows of the table, and what it says that it leaves out, are the profile."""
    table, view = screen.query_one(HotspotTable), screen._view
    if not table.display or (view.grown and view.lens is not None):
        # What grew may have shrunk: sums of differences are no parts of a whole.
        return
    sides = screen._listed().sides
    # Where two times are held against each other, functions of either are listed.
    between = sides is not None and table._notes.changes is not None
    profile = sides.whole if sides is not None and between else screen._shown.scoped.profile
    listed = sum(row.self_weight for row in table._hotspots) / (profile.weight or 1.0)
    rest = table._notes.rest.self_share if table._notes.rest is not None else 0.0
    assert listed + rest <= 1 + 1e-6, f"the table holds {listed} and says {rest} besides"
    if view.lens is None and profile.weight > 1e-6:
        root = profile.tree.self_weight[ROOT] / profile.weight
        close(listed + rest + root, 1.0, f"the table in {profile.scope}, {len(table._hotspots)} rows")


def _check_times(screen: DashboardScreen) -> None:
    """How busy the run was adds up to the profile, and in a range to what is looked at there."""
    if screen._view.lens is not None:
        return
    aggregate, times = screen._shown.scoped.aggregate, screen._times
    close(sum(times.busy(0.0, times.end_s, 40)) + times.weight_until(0.0), aggregate.tree.weight, "the time strip")
    between, scope = screen._range, screen._view.scope
    if between is not None and not isinstance(scope.time, Fading) and scope.timeless().is_everything:
        busy, held = sum(times.busy(*between, 7)), screen._shown.scoped.profile.weight
        if times.is_cut(*between):
            assert abs(busy - held) < 1.5, f"busy {busy}, looked at {held} in {between}"
        else:
            close(busy, held, f"busy in {between}")


def _check_anew(screen: DashboardScreen) -> None:
    """What was folded in step by step is what is there when it is made at once."""
    profile = screen._shown.scoped.profile
    if isinstance(profile.scope.time, Fading):
        return
    anew = ScopedProfile(
        profile.aggregate,
        profile.scope,
        cwd=screen._view.cwd,
        index=profile.index,
        idle_recorded=profile._idle_recorded,
    )
    one, other = dict(_leaves(profile.tree)), dict(_leaves(anew.tree))
    assert one.keys() == other.keys(), f"other stacks in {profile.scope}: {one.keys() ^ other.keys()}"
    for path, weight in one.items():
        close(weight, other[path], f"{path} in {profile.scope}")


def _leaves(tree: CallTree) -> Iterator[tuple[object, float]]:
    # What came and went leaves a rest of rounding errors.
    least = 1e-6 + ulp(tree.weight)
    return ((tree.path(node), weight) for node, weight in enumerate(tree.self_weight) if abs(weight) > least)


def check_flames(flames: FlameGraph) -> None:
    """Boxes stand beside each other, inside the row and inside their parents' weight."""
    boxes = flames._boxes
    if boxes is None or flames._flames is None or not flames.size or not flames.is_on_screen:
        return
    width = flames.size.width
    for row in boxes.rows:
        reached = 0
        for box in row:
            assert box.x >= reached, f"{box} stands on the one before it"
            assert box.width >= 1, f"{box} has no cell"
            reached = box.end
        assert reached <= width, f"a row of flames reaches {reached} of {width} cells"


def check_selection(screen: DashboardScreen | CompareScreen) -> None:
    """What is selected exists or is nothing, and every part of the screen says the same of it."""
    view, flames = screen._view, screen._flames
    if flames._flames is None:
        return
    # Side by side, the flames of a comparison draw one side; its nodes are those of both.
    tree = screen._weighed_tree if isinstance(screen, DashboardScreen) else flames._flames
    assert flames._flames is tree, "the flames draw another tree than is looked at"
    assert 0 <= flames.selected < len(tree), "the selection is no node"
    assert 0 <= flames.zoom < len(tree), "the zoom is no node"
    assert flames.selected_path == view.selected, f"flames select {flames.selected_path}, the screen {view.selected}"
    assert flames.selected == tree.nearest(view.selected), "the flames select another node than the path says"
    if isinstance(screen, DashboardScreen):
        _check_told(screen)
    else:
        _check_compared(screen)


def _check_compared(screen: CompareScreen) -> None:
    """Table, axes and flames of a comparison say the same, and weigh what the comparison does."""
    comparison, tree = screen._comparison, screen._weighed_tree
    weights = (comparison.baseline_weight, comparison.current_weight)
    for total, scale, weight in zip(
        (tree.baseline_total[ROOT], tree.current_total[ROOT]),
        (tree.baseline_scale, tree.current_scale),
        weights,
        strict=True,
    ):
        assert isclose(total, weight * scale, rel_tol=1e-6, abs_tol=1e-9), f"the root weighs {total}, not {weight}"
    assert screen.query_one(ChangeTable)._selected == screen._view.function, "the table selects another function"
    for strip in screen.query(PairedStrip):
        if strip.display and strip.is_on_screen:
            assert strip._ranges == screen._chosen.ranges, f"the axis shows {strip._ranges}"


def _check_told(screen: DashboardScreen) -> None:
    view, flames = screen._view, screen._flames
    status = screen.query_one(StatusLine)._lasting
    if not screen.query_one(ThreadTable).has_focus and flames.selected != ROOT:
        assert flames.describe(flames.selected) in status, f"the status says {status!r} of {view.selected}"
    table = screen.query_one(HotspotTable)
    if table.display and table.cursor is not None:
        assert table._function == view.function, f"the table selects {table._function}, the screen {view.function}"
    strip = screen.query_one(TimeStrip)
    if strip.display and view.lens is None:
        assert strip._range == screen._range, f"the strip shows {strip._range}, looked at is {screen._range}"

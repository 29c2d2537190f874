"""Order and comparison, the panes, source, runs of the workload."""

from __future__ import annotations

from perftui.ui.commands.command import COMPARE, DASHBOARD, FLAMES, HOME, Command

PANE_COMMANDS: tuple[Command, ...] = (
    Command("order", "o", "o", "order", "Order sibling frames: first seen, by weight, by name", FLAMES, "order"),
    Command(
        "share", "a", "a", "abs/share", "Absolute weights, or shares of each side", (COMPARE,), "share", in_bar=True
    ),
    Command(
        "width",
        "w",
        "w",
        "width",
        "Width of the differential flames: the larger side, before, after",
        (COMPARE,),
        "width",
    ),
    Command(
        "delta.next",
        "right_square_bracket",
        "[ ]",
        "change",
        "Previous and next clear change",
        (COMPARE,),
        "next_change(1)",
        in_bar=True,
    ),
    Command(
        "delta.previous", "left_square_bracket", "[", "previous change", "Previous clear change", (), "next_change(-1)"
    ),
    Command(
        "view", "v", "v", "view", "Switch between the differential view and both sides", (COMPARE,), "view", in_bar=True
    ),
    Command("pane.next", "tab", "Tab", "pane", "Focus the next pane", FLAMES, "app.focus_next", in_bar=True),
    Command("pane.hotspots", "1", "1", "hotspots", "Show the hotspots", (DASHBOARD,), "pane('hotspots')"),
    Command("pane.output", "2", "2", "output", "Show what the workload printed", (DASHBOARD,), "pane('output')"),
    Command("pane.threads", "3", "3", "threads", "Show threads and processes", (DASHBOARD,), "pane('threads')"),
    Command("pane.meters", "4", "4", "meters", "Show all meters, with scale and peak", (DASHBOARD,), "pane('meters')"),
    Command(
        "pane.budget", "5", "5", "budget", "Show the budget and what happened when", (DASHBOARD,), "pane('budget')"
    ),
    Command(
        "pane.callers",
        "6,c",
        "6 c",
        "callers",
        "Show who calls the selected function and what it calls, and what each costs; Enter goes there",
        (DASHBOARD,),
        "pane('callers')",
    ),
    Command(
        "pane.source",
        "7",
        "7",
        "source",
        "Show the source of the selected function, with what each line costs",
        (DASHBOARD,),
        "pane('source')",
    ),
    Command(
        "pane.tree",
        "8",
        "8",
        "tree",
        "Show the call tree as a table; there → ← open and close, + opens the hottest path below, - closes all below",
        (DASHBOARD,),
        "pane('tree')",
    ),
    Command(
        "pane.time",
        "9",
        "9",
        "time",
        "Show CPU by state, meters and what happened over one axis: ← → read a moment, ↑ ↓ choose a lane",
        (DASHBOARD,),
        "pane('time')",
    ),
    Command(
        "time.axis",
        "",
        "+ - [ ]",
        "time axis",
        "In the time pane: zoom, bound a range; Enter looks at what is in sight, Esc at everything, End follows",
        (DASHBOARD,),
    ),
    Command(
        "pane.order",
        "0",
        "0",
        "order",
        "Show what one thread did when; there + - and the wheel zoom, Enter zooms to a block, [ ] change the thread",
        (DASHBOARD,),
        "pane('order')",
    ),
    Command(
        "edit",
        "e",
        "e",
        "edit",
        "Open the selected function in $EDITOR, at its hottest line or the one with the cursor",
        (DASHBOARD,),
        "edit",
    ),
    Command(
        "copy",
        "Y,shift+y",
        "Y",
        "copy",
        "Copy where the selected frame is; again: its stack; once more: its name",
        (DASHBOARD,),
        "copy",
    ),
    Command(
        "flames",
        "g",
        "g",
        "flames",
        "Go to the flames from anywhere; a pane that fills the screen makes room for them",
        (DASHBOARD,),
        "go_to_flames",
    ),
    Command(
        "restart",
        "R,shift+r",
        "R",
        "restart",
        "Restart the workload: this run is ended and saved, the next one begins with the same view",
        (DASHBOARD,),
        "restart",
    ),
    Command(
        "again",
        "A,shift+a",
        "A",
        "again",
        "Run it again, as long as this run, and compare with this or the pinned baseline; there A compares at once",
        (DASHBOARD,),
        "again",
    ),
    Command(
        "name",
        "P,shift+p",
        "P",
        "pin",
        "Name the session and pin it as the baseline; a click on its name does the same",
        (DASHBOARD, HOME),
        "name",
    ),
    Command("maximise", "z", "z", "maximise", "Give the focused pane the whole screen, and back", FLAMES, "maximise"),
)

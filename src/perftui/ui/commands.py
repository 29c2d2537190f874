"""The table of commands: bindings, the palette, the help, the key bar and the README are all drawn from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from textual.binding import Binding


@dataclass(frozen=True, slots=True)
class Command:
    """Something that a person can do."""

    id: str
    keys: str
    """Keys in Textual's spelling, the one to be shown first."""
    shown: str
    """The keys as a person reads them."""
    label: str
    """One or two words for the key bar."""
    help: str
    where: tuple[str, ...]
    """Screens that have it: `dashboard`, `compare`, `home`, `settings`."""
    action: str = ""
    """Action of the screen; empty for what only keys or the mouse can do."""
    in_bar: bool = False


DASHBOARD, COMPARE, HOME, PICKER, SETTINGS = "dashboard", "compare", "home", "attach", "settings"
FLAMES = (DASHBOARD, COMPARE)
EVERYWHERE = (DASHBOARD, COMPARE, HOME, PICKER)
ALSO_IN_SETTINGS = (*EVERYWHERE, SETTINGS)

COMMANDS: tuple[Command, ...] = (
    Command("flame.move", "", "↑ ↓ ← →", "move", "Parent, widest child, neighbours in the row", FLAMES),
    Command(
        "flame.zoom", "", "Enter", "zoom", "Make the selected frame as wide as the whole", FLAMES, "flames('zoom_in')"
    ),
    Command(
        "flame.out",
        "",
        "Esc Backspace",
        "out",
        "Zoom out one step; Home shows everything again",
        FLAMES,
        "flames('zoom_out')",
    ),
    Command("flame.home", "", "Home", "whole", "Show everything again", (), "flames('zoom_home')"),
    Command("flame.scroll", "", "PgUp PgDn", "scroll", "Scroll deep stacks, tables and output", FLAMES),
    Command(
        "mouse", "", "mouse", "mouse", "Click selects, double click zooms, right click zooms out, wheel scrolls", FLAMES
    ),
    Command(
        "search",
        "slash",
        "/",
        "search",
        "Search functions and files by regular expression",
        FLAMES,
        "search",
        in_bar=True,
    ),
    Command("search.next", "n", "n N", "next", "Next and previous match", FLAMES, "next_match(1)"),
    Command("search.previous", "N,shift+n", "N", "previous", "Previous match", (), "next_match(-1)"),
    Command(
        "search.name",
        "number_sign,asterisk",
        "#",
        "this name",
        "Search for the selected function's name",
        FLAMES,
        "search_selected",
    ),
    Command(
        "freeze",
        "f,space",
        "f Space",
        "freeze",
        "Freeze the view; the recording goes on",
        (DASHBOARD,),
        "freeze",
        in_bar=True,
    ),
    Command(
        "lens",
        "m",
        "m",
        "CPU/memory",
        "Switch between CPU and memory",
        FLAMES,
        "lens",
        in_bar=True,
    ),
    Command(
        "lens.view",
        "M,shift+m",
        "M",
        "heap view",
        "Next view of the heap: held, high watermark, leaked, temporary, allocated",
        FLAMES,
        "heap_view",
    ),
    Command(
        "weight",
        "b",
        "b",
        "bytes/count",
        "Width of memory: bytes, or number of allocations",
        (DASHBOARD,),
        "by_count",
    ),
    Command(
        "sort",
        "s",
        "s",
        "sort",
        "Sort the table by self, total or name; memory by number of allocations too",
        (DASHBOARD,),
        "sort",
        in_bar=True,
    ),
    Command(
        "difference",
        "d",
        "d",
        "difference",
        "Table: what differs between the range (or the last seconds) and the rest of the run, and whether by chance",
        (DASHBOARD,),
        "difference",
    ),
    Command(
        "threshold",
        "p",
        "p",
        "threshold",
        "List only functions from 0.1, 1 or 5 % on, or all of them; the others stand in one line below",
        (DASHBOARD,),
        "threshold",
    ),
    Command(
        "sort.delta", "s", "s", "sort", "Sort the deltas by change, confidence or name", (COMPARE,), "sort", in_bar=True
    ),
    Command(
        "threads",
        "t",
        "t",
        "threads",
        "Split the flames: by thread, by thread name, by process, or not at all",
        (DASHBOARD,),
        "split",
        in_bar=True,
    ),
    Command(
        "scope.own",
        "y",
        "y",
        "my code",
        "My code only, on and off: what others' code weighs goes to the nearest caller of mine",
        (DASHBOARD,),
        "own_only",
        in_bar=True,
    ),
    Command(
        "scope.hide",
        "H,shift+h",
        "H",
        "hide",
        "Hide the selected function: its weight goes to its callers",
        (DASHBOARD,),
        "hide_function",
    ),
    Command(
        "scope.focus",
        "F,shift+f",
        "F",
        "focus",
        "Focus on the selected function, thread or process: only stacks that hold it",
        (DASHBOARD,),
        "focus_on",
    ),
    Command(
        "scope.thread",
        "X,shift+x",
        "X",
        "leave out",
        "Leave the selected thread or process out, or take it in again",
        (DASHBOARD,),
        "leave_thread_out",
    ),
    Command(
        "scope.menu",
        "S,shift+s",
        "S",
        "scope",
        "Scope menu: all that can be looked at or left out, with shares; saves scopes under a name",
        (DASHBOARD,),
        "scope_menu",
    ),
    Command(
        "scope.module",
        "x",
        "x",
        "module as one",
        "Make the selected function's package one frame, on and off",
        (DASHBOARD,),
        "collapse_module",
    ),
    Command(
        "scope.recursion",
        "j",
        "j",
        "recursion",
        "Join recursion, on and off: a function that calls itself becomes one frame",
        (DASHBOARD,),
        "merge_recursion",
    ),
    Command(
        "scope.stdlib",
        "",
        "",
        "without standard library",
        "Take the standard library out of all stacks, on and off",
        (),
        "without_origin('stdlib')",
    ),
    Command(
        "scope.packages",
        "",
        "",
        "without site-packages",
        "Take installed packages out of all stacks, on and off",
        (),
        "without_origin('package')",
    ),
    Command(
        "scope.native",
        "",
        "",
        "without native code",
        "Take machine code and builtins out of all stacks, on and off",
        (),
        "without_origin('native')",
    ),
    Command(
        "scope.gil",
        "",
        "",
        "GIL holders",
        "Look at what threads did while they held the GIL, on and off: an estimate",
        (),
        "gil_holders",
    ),
    Command(
        "scope.idle",
        "",
        "",
        "without idle",
        "Leave out what idle threads did, on and off: an estimate",
        (),
        "without_idle",
    ),
    Command(
        "scope.undo",
        "u",
        "u",
        "undo",
        "Take away the last chip of the scope",
        (DASHBOARD,),
        "undo_scope",
        in_bar=True,
    ),
    Command("scope.clear", "U,shift+u", "U", "everything", "Take away all chips", (DASHBOARD,), "clear_scope"),
    Command(
        "range",
        "r",
        "r",
        "range",
        "Look at the busiest 5 seconds, or drag over the time strip; there ← → - + change the range, Esc takes it away",
        (DASHBOARD,),
        "worst_range",
        in_bar=True,
    ),
    Command(
        "range.second",
        "w",
        "w",
        "worst second",
        "Look at the busiest second, again: at the next one; in the time pane, at the worst ones of the chosen lane",
        (DASHBOARD,),
        "worst_second",
    ),
    Command(
        "range.last",
        "L,shift+l",
        "L",
        "last seconds",
        "Look at the last 10 seconds (or as many as are set), on and off: the range slides with the recording",
        (DASHBOARD,),
        "last_range",
    ),
    Command(
        "live.mode",
        "l",
        "l",
        "live mode",
        "Next live mode: all of the time, the last 10 seconds, fading (what was seen counts half after 5 seconds)",
        (DASHBOARD,),
        "live_mode",
    ),
    Command(
        "invert",
        "i",
        "i",
        "inverted",
        "Invert the flames: functions by where time goes, below each its callers",
        (DASHBOARD,),
        "invert",
        in_bar=True,
    ),
    Command(
        "instances",
        "I,shift+i",
        "I",
        "instances",
        "All instances of the selected function as one: flames that begin with it, wherever it is called; Esc leaves",
        (DASHBOARD,),
        "instances",
    ),
    Command(
        "back",
        "less_than_sign",
        "< >",
        "back",
        "Back and forward in what was selected",
        (DASHBOARD,),
        "go_in_trail(-1)",
    ),
    Command("forward", "greater_than_sign", ">", "forward", "Forward in what was selected", (), "go_in_trail(1)"),
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
    Command(
        "open",
        "enter",
        "Enter",
        "open",
        "Open the selected session, run the profile, attach to the process",
        (HOME,),
        "open_selected",
    ),
    Command(
        "attach",
        "a",
        "a",
        "attach",
        "Choose among all running Python processes, and attach to one",
        (HOME,),
        "attach",
        in_bar=True,
    ),
    Command("attach.from_dashboard", "", "", "attach", "Choose among all running Python processes", (), "attach"),
    Command("pick", "", "Enter", "attach", "Attach to the selected process", (PICKER,), "attach", in_bar=True),
    Command(
        "pick.memory",
        "m",
        "m",
        "memory",
        "Attach memray to the selected process, after a question",
        (PICKER,),
        "attach_memory",
        in_bar=True,
    ),
    Command(
        "pick.filter",
        "slash",
        "/",
        "filter",
        "Filter processes by words of command, user, directory, environment or pid",
        (PICKER,),
        "filter",
        in_bar=True,
    ),
    Command(
        "pick.sort",
        "s",
        "s",
        "sort",
        "Sort processes by CPU, memory, age, command or pid; a click on a heading does the same",
        (PICKER,),
        "sort",
        in_bar=True,
    ),
    Command(
        "pick.refresh", "f5", "F5", "refresh", "Look at the processes again, and rank them anew", (PICKER,), "refresh"
    ),
    Command(
        "home.search", "slash", "/", "search", "Search sessions by name, command or tag", (HOME,), "search", in_bar=True
    ),
    Command("rename", "r", "r", "rename", "Rename the session", (HOME,), "rename", in_bar=True),
    Command("tag", "t", "t", "tag", "Set the session's tags", (HOME,), "tag", in_bar=True),
    Command(
        "mark",
        "c",
        "c",
        "compare",
        "Compare with the pinned baseline of its workload; without one, mark a session, then compare another with it",
        (HOME,),
        "compare",
        in_bar=True,
    ),
    Command(
        "delete", "d,delete", "d", "delete", "Move the session to the trash folder", (HOME,), "delete", in_bar=True
    ),
    Command("refresh", "f5", "F5", "refresh", "Read the list of sessions again", (HOME,), "refresh_list"),
    Command("settings.move", "", "↑ ↓", "move", "Another setting", (SETTINGS,)),
    Command(
        "settings.change",
        "enter",
        "Enter",
        "change",
        "Take the next of a few values, or type one; it is saved at once",
        (SETTINGS,),
        "change",
        in_bar=True,
    ),
    Command("settings.step", "right", "← →", "value", "Previous and next value", (SETTINGS,), "step(1)", in_bar=True),
    Command("settings.back", "left", "←", "previous value", "Previous value", (), "step(-1)"),
    Command(
        "settings.reset",
        "backspace,delete",
        "Backspace",
        "reset",
        "Take the setting out of your file: the project's value or the default holds",
        (SETTINGS,),
        "reset",
        in_bar=True,
    ),
    Command(
        "settings.close",
        "escape,q,comma",
        "Esc q",
        "close",
        "Back to where you were",
        (SETTINGS,),
        "close",
        in_bar=True,
    ),
    Command(
        "quality",
        "D,shift+d",
        "D",
        "data quality",
        "How good the data are, what watching costs, and what may be concluded",
        (DASHBOARD,),
        "data_quality",
    ),
    Command(
        "settings",
        "comma",
        ",",
        "settings",
        "Settings: what holds, where it comes from, and changing it",
        EVERYWHERE,
        "settings",
    ),
    Command(
        "theme",
        "T,shift+t",
        "T",
        "theme",
        "Switch between dark and light; the palette is one of the settings",
        ALSO_IN_SETTINGS,
        "app.toggle_theme",
    ),
    Command("help", "question_mark,f1", "?", "help", "Show the keys", ALSO_IN_SETTINGS, "help", in_bar=True),
    Command("palette", "ctrl+p", "^p", "palette", "Find any command by name", ALSO_IN_SETTINGS, "app.command_palette"),
    Command(
        "quit",
        "q",
        "q",
        "quit",
        "Close; a workload that was launched is ended and its session saved",
        EVERYWHERE,
        "quit",
        in_bar=True,
    ),
    Command("interrupt", "ctrl+c", "^c", "stop", "End at once, without a question", ALSO_IN_SETTINGS, "app.interrupt"),
)

_ALSO = {
    "search.previous": FLAMES,
    "delta.previous": (COMPARE,),
    "flame.home": FLAMES,
    "forward": (DASHBOARD,),
    "attach.from_dashboard": (DASHBOARD,),
    "scope.stdlib": (DASHBOARD,),
    "scope.packages": (DASHBOARD,),
    "scope.native": (DASHBOARD,),
    "settings.back": (SETTINGS,),
    "scope.gil": (DASHBOARD,),
    "scope.idle": (DASHBOARD,),
}
"""What shares a line of the tables with another command, and the screens that have it."""


def commands_of(screen: str) -> Iterator[Command]:
    """Yield the commands of a screen that are shown to a person."""
    return (command for command in COMMANDS if screen in command.where)


_TOPICS = (
    (
        "Moving in the flames",
        ("flame", "mouse", "back", "order", "invert", "instances", "flames", "weight", "share", "width"),
    ),
    ("Searching", ("search", "home.search")),
    ("Time and refresh", ("freeze", "range", "time", "live", "threshold")),
    ("What is looked at", ("lens", "scope", "threads", "split", "delta", "view")),
    ("Table", ("sort", "difference", "columns")),
    ("Panes", ("pane", "maximise")),
    ("Source", ("edit", "copy")),
    ("Sessions", ("open", "attach", "rename", "tag", "mark", "delete", "refresh", "restart", "again", "name")),
    ("Settings", ("settings", "theme", "quality")),
    ("Help and leaving", ("help", "palette", "quit", "interrupt")),
)
"""Headings of the help, and the ids of their commands; a part before a dot stands for all that begin with it."""
_ELSEWHERE = "Else"


def topic_of(command: Command) -> str:
    """Return the heading of the help that a command stands below."""
    group = command.id.partition(".")[0]
    named = (topic for name in (command.id, group) for topic, names in _TOPICS if name in names)
    return next(named, _ELSEWHERE)


def commands_by_topic(screen: str) -> list[tuple[str, list[Command]]]:
    """Return the commands of a screen that are shown to a person, below the headings of the help."""
    shown = list(commands_of(screen))
    headings = [*(topic for topic, _ in _TOPICS), _ELSEWHERE]
    grouped = ((topic, [command for command in shown if topic_of(command) == topic]) for topic in headings)
    return [(topic, commands) for topic, commands in grouped if commands]


def help_of(command_id: str) -> str:
    """Return a command's keys and what it does; nothing where there is no such command."""
    return next((f"{each.shown}: {each.help}" for each in COMMANDS if each.id == command_id), "")


def runnable_on(screen: str) -> Iterator[Command]:
    """Yield the commands of a screen that can be run by name."""
    return (
        command for command in COMMANDS if command.action and screen in (*command.where, *_ALSO.get(command.id, ()))
    )


def bindings_of(screen: str) -> list[Binding]:
    """Return the bindings of a screen; a command without keys is bound by the widget that it is about."""
    return [
        Binding(command.keys, command.action, command.label, show=False, tooltip=command.help, id=command.id)
        for command in runnable_on(screen)
        if command.keys
    ]


def pane_keys() -> dict[str, str]:
    """Return the key of each pane of the dashboard, by the pane's id."""
    prefix = "pane."
    return {
        command.id.removeprefix(prefix): command.shown.split()[0]
        for command in COMMANDS
        if command.id.startswith(prefix) and DASHBOARD in command.where
    }

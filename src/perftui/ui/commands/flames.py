"""Moving in the flames, searching, lenses, sorting: what one does with a profile as it is."""

from __future__ import annotations

from perftui.ui.commands.command import COMPARE, DASHBOARD, FLAMES, Command

FLAME_COMMANDS: tuple[Command, ...] = (
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
        opens_line=True,
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
        in_bar=True,
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
)

"""What people come for, done in a real terminal by keyboard alone and by mouse alone, with the keys and clicks counted.

A workload is recorded by the real sampler, and each task is done on its session, opened anew. What the screen says in
the end is held against what the session's own JSON says. `--pictures DIR` draws the last screen of each.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.command import PERFTUI, Home, home
from harness.pictures import draw
from harness.table import Figure, show
from harness.terminal import Replay, Terminal
from perftui.storage.session_file import open_session

ROOT = Path(__file__).parents[1]
FEED = Path("examples/feed.py")
SECONDS = 18
MOST_GESTURES = 8
COLUMNS, ROWS = 160, 50
# A person looks at what a key did before the next one.
STILL_S, LONGEST_S = 0.4, 4.0
ENTER, DOWN, HOME_KEY = b"\r", b"\x1b[B", b"\x1b[H"


class Hand:
    """Somebody at a terminal, who sees its screen; counts what is typed and clicked."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._replay = Replay(terminal.columns, terminal.rows)
        self._fed = 0
        self.gestures = 0

    def screen(self) -> Replay:
        """Return what is on the screen now."""
        for chunk in self._terminal.printed()[self._fed :]:
            self._replay.feed(chunk.data)
            self._fed += 1
        return self._replay

    def keys(self, *keys: bytes | str) -> None:
        """Press keys one after the other; a text is as many keys as it has letters."""
        for each in keys:
            for key in each if isinstance(each, str) else (each,):
                self._terminal.type(key.encode() if isinstance(key, str) else key)
                self.gestures += 1
                self.wait()

    def click(self, text: str, *, at: int = 0, below: str = "") -> None:
        """Click on a text: `at` cells to the right of its first, and in a line below the one that holds `below`."""
        column, row = self._find(text, below)
        for kind in "Mm":
            self._terminal.type(f"\x1b[<0;{column + at + 1};{row + 1}{kind}".encode())
        self.gestures += 1
        self.wait()

    def wait(self) -> None:
        """Wait until the screen stands still."""
        end_s = time.monotonic() + LONGEST_S
        printed = -1
        while time.monotonic() < end_s and len(self._terminal.printed()) != printed:
            printed = len(self._terminal.printed())
            time.sleep(STILL_S)

    def _find(self, text: str, below: str) -> tuple[int, int]:
        lines = self.screen().lines()
        first = next((row for row, line in enumerate(lines) if below in line), 0) if below else 0
        for row in range(first + bool(below), len(lines)):
            column = lines[row].find(text)
            if column >= 0:
                return column, row
        shown = "\n".join(lines)
        raise LookupError(f"{text!r} is not on the screen:\n{shown}")


@dataclass(frozen=True, slots=True)
class Task:
    """Something to find out or to do."""

    name: str
    keyboard: Callable[[Hand], None]
    mouse: Callable[[Hand], None]
    done: Callable[[Sequence[str], Truth], bool]
    """Whether the lines of the last screen say what is true."""


@dataclass(frozen=True, slots=True)
class Truth:
    """What the session says of itself, without a screen."""

    hottest: str
    """The function of the workload's own code that most time is spent in, or in what it calls of others' code."""
    hottest_line: int
    """The line of it at which most of that is spent."""
    sessions: Callable[[], list[dict[str, object]]]


def hottest_by_keys(hand: Hand) -> None:
    hand.keys("y", "1", HOME_KEY, "7")


def hottest_by_mouse(hand: Hand) -> None:
    hand.click("my code")
    hand.click("Hotspots")
    hand.click("▌", below="function", at=2)
    hand.click("Source")


def hottest_is_shown(lines: Sequence[str], truth: Truth) -> bool:
    # The line that costs most stands in the pane, whose first line says whose source it is.
    pane = after(lines, "Source")
    return truth.hottest in lines[-2] and f"{truth.hottest_line} " in pane


def slowest_by_keys(hand: Hand) -> None:
    hand.keys("r", "d")


def slowest_by_mouse(hand: Hand) -> None:
    hand.click("range")
    hand.click("difference")


def difference_is_shown(lines: Sequence[str], _truth: Truth) -> bool:
    # The index is built anew in these seconds, and only then.
    table = after(lines, "Hotspots").splitlines()
    return "Δ" in table[0] and any("more" in row and ("stems" in row or "rebuild" in row) for row in table[1:4])


def callers_by_keys(hand: Hand) -> None:
    hand.keys("/", "loads", ENTER, "6")


def callers_by_mouse(hand: Hand) -> None:
    hand.click("total %")
    hand.click("loads", below="function")
    hand.click("Callers")


def callers_are_shown(lines: Sequence[str], _truth: Truth) -> bool:
    pane = after(lines, "Callers")
    return all(f"{caller}" in pane for caller in ("Index.rebuild", "Prices.refresh", "Orders.take"))


def thread_by_keys(hand: Hand) -> None:
    hand.keys("3", DOWN)
    while not hand.screen().lines()[-2].lstrip().startswith("index"):
        hand.keys(DOWN)
    hand.keys("X")


def thread_by_mouse(hand: Hand) -> None:
    hand.click("Threads")
    hand.click("index", below="running~", at=-6)


def thread_is_left_out(lines: Sequence[str], _truth: Truth) -> bool:
    return any("not index" in line for line in lines)


def pinned_by_keys(hand: Hand) -> None:
    hand.keys("P", "base", ENTER)


def pinned_by_mouse(hand: Hand) -> None:
    hand.click("feed")
    hand.click("before-feed")
    hand.click("Save")


def session_is_pinned(_lines: Sequence[str], truth: Truth) -> bool:
    sessions = truth.sessions()
    return any(one["name"] in ("base", "before-feed") and one["pinned"] and one["baseline"] for one in sessions)


TASKS = (
    Task(
        "the hottest function of my code, and its source at the hottest line",
        hottest_by_keys,
        hottest_by_mouse,
        hottest_is_shown,
    ),
    Task("what was different in the slowest five seconds", slowest_by_keys, slowest_by_mouse, difference_is_shown),
    Task("who calls json.loads, and what each caller costs", callers_by_keys, callers_by_mouse, callers_are_shown),
    Task("leave one thread out", thread_by_keys, thread_by_mouse, thread_is_left_out),
    Task("name the session and pin it as the baseline", pinned_by_keys, pinned_by_mouse, session_is_pinned),
)


def after(lines: Sequence[str], text: str) -> str:
    """Return what stands below the first line that holds a text."""
    first = next((row for row, line in enumerate(lines) if text in line), len(lines))
    return "\n".join(lines[first + 1 :])


def do(task: Task, way: str, place: Home, truth: Truth, session: Path, pictures: Path | None) -> tuple[int, bool]:
    """Open the session, do the task in one way, and return how many keys or clicks it took and whether it is done."""
    command = [PERFTUI, "open", str(session)]
    with Terminal(command, env=place.environment(), columns=COLUMNS, rows=ROWS) as terminal:
        terminal.shows("Hotspots", seconds=15)
        hand = Hand(terminal)
        hand.wait()
        try:
            (task.keyboard if way == "keyboard" else task.mouse)(hand)
        except LookupError as error:
            print(f"{task.name}, by {way}: {error}", file=sys.stderr)
            return hand.gestures, False
        screen = hand.screen()
        done = task.done(screen.lines(), truth)
        if not done:
            print(f"{task.name}, by {way}:\n" + "\n".join(screen.lines()), file=sys.stderr)
        if pictures is not None and way == "keyboard":
            draw(screen, pictures / f"use-{1 + TASKS.index(task)}.svg", title=f"perftui: {task.name}")
        terminal.type(b"\x03")
        terminal.wait(seconds=5)
    return hand.gestures, done


def truth_of(place: Home, session: Path) -> Truth:
    """Return what the samples of the session say, counted one by one."""
    saved = open_session(session)
    frames = dict(enumerate(saved.frames))
    nodes = [(0, -1), *saved.nodes]
    functions: dict[str, float] = defaultdict(float)
    places: dict[tuple[str, int], float] = defaultdict(float)
    for _, leaf, weight, _ in saved.totals():
        node = leaf
        while node and not frames[nodes[node][1]].file.endswith(FEED.name):
            node = nodes[node][0]
        if node:
            frame = frames[nodes[node][1]]
            functions[frame.function] += weight
            places[frame.function, frame.line] += weight
    hottest = max(functions, key=functions.__getitem__)
    line = max((weight, line) for (function, line), weight in places.items() if function == hottest)[1]
    return Truth(hottest, line, lambda: place.json("sessions", "list", "--json")["sessions"])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=Path, help="draw the last screens into this folder")
    parser.add_argument("--only", type=int, choices=range(1, len(TASKS) + 1), help="only this task")
    options = parser.parse_args()
    figures = []
    pictures = options.pictures and options.pictures.absolute()
    # As somebody who stands in the project would: no path of a machine is in the pictures.
    os.chdir(ROOT)
    with home() as place:
        place.record(["python3", str(FEED), "--seconds", str(SECONDS)], seconds=SECONDS, options=["--name", "feed"])
        session = Path(place.json("show", "feed", "--json")["path"])
        # What is chosen and named is kept with a session: each task begins with the session as it was recorded.
        recorded = session.read_bytes()
        truth = truth_of(place, session)
        for number, task in enumerate(TASKS, 1):
            for way in ("keyboard", "mouse") if options.only in (None, number) else ():
                session.write_bytes(recorded)
                gestures, done = do(task, way, place, truth, session, pictures)
                unit = "keys" if way == "keyboard" else "clicks"
                name = f"{task.name}, by {way}"
                figures.append(Figure(name, gestures if done else float("nan"), unit, at_most=MOST_GESTURES, digits=0))
    return 0 if show("Tasks done in a real terminal", figures) else 1


if __name__ == "__main__":
    sys.exit(main())

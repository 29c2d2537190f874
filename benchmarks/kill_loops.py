"""Start and stop perftui in every way, again and again, and look at what is left behind.

Afterwards nothing that was started may live (but an attached target, or one that was to be kept), the terminal must be
as it was, every session must open with at least what it held before the end, and the worktree of a comparison must be
gone; what a killed one left goes with the next recording of several runs.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import time
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from harness.command import PERFTUI, Home, home, workload
from harness.processes import Process, carrying, descendants, process, running, wait_until
from harness.table import Figure, show
from harness.terminal import Terminal

# How long perftui may take to end itself, and then its processes: it gives a workload two seconds of grace.
END_S = 12.0
GONE_S = 6.0
# A workload that does not end by itself during a loop.
LONG_S = 60.0
# Before this moment a session need not hold anything yet.
SETTLED_S = 1.5
# How the names of sessions end, when they are saved and while they are recorded.
SUFFIXES = (".perftui", ".perftui.part")
MARK = "PERFTUI_BENCH_MARK"
SOMEBODY = ("-c", "user.name=somebody", "-c", "user.email=somebody@example.org")


def type_keys(keys: bytes) -> Callable[[Terminal, int], None]:
    """Return a way to end that types."""

    def end(terminal: Terminal, _: int) -> None:
        terminal.type(keys)

    return end


def quit_and_confirm(terminal: Terminal, _: int) -> None:
    """Press the quit key, and once more for the question that follows while the workload runs."""
    terminal.type(b"q")
    time.sleep(0.4)
    if terminal.poll() is None:
        terminal.type(b"q")


def send(number: signal.Signals) -> Callable[[Terminal, int], None]:
    """Return a way to end that signals perftui itself."""

    def end(_: Terminal, pid: int) -> None:
        os.kill(pid, number)

    return end


def close_window(terminal: Terminal, _: int) -> None:
    """Close the terminal under everything that runs in it."""
    terminal.hang_up()


def wait_for_end(terminal: Terminal, pid: int) -> None:
    """Let the workload end by itself, then leave the dashboard that shows the result."""
    below = descendants(pid)
    wait_until(lambda: not any("ending.py" in one.command for one in descendants(pid)), seconds=8 if below else 1)
    time.sleep(0.7)
    if running(pid) and terminal.poll() is None:
        quit_and_confirm(terminal, pid)


ENDINGS: dict[str, Callable[[Terminal, int], None]] = {
    "the quit key": quit_and_confirm,
    "Ctrl-C": type_keys(b"\x03"),
    "SIGTERM": send(signal.SIGTERM),
    "SIGHUP": send(signal.SIGHUP),
    "SIGKILL": send(signal.SIGKILL),
    "a closed window": close_window,
    "the workload": wait_for_end,
}


@dataclass(frozen=True, slots=True)
class Case:
    """One way to start and one way to end."""

    verb: str
    ending: str
    how: str = "ends"
    """What the workload does; see workloads/ending.py."""
    keep: bool = False
    mode: str = "cpu"

    def __str__(self) -> str:
        kept = ", kept" if self.keep else ""
        return f"{self.verb} a workload that {self.how}{kept} for {self.mode}, ended by {self.ending}"


def cases() -> list[Case]:
    """Return every case once."""
    by_us = [name for name in ENDINGS if name != "the workload"]
    found = [Case("run", ending, how) for ending in by_us for how in ("ends", "ignores", "daemon")]
    found += [Case("run", "the workload", how) for how in ("ends", "crashes", "daemon")]
    found += [Case("run", ending, keep=True) for ending in by_us]
    found += [Case("attach", ending) for ending in by_us]
    found += [Case("record", ending, how) for ending in by_us[1:] for how in ("ends", "ignores")]
    found += [Case("record", "the workload", how) for how in ("ends", "crashes")]
    found += [Case("ab", ending, how) for ending in by_us[1:] for how in ("ends", "ignores", "daemon")]
    return found + [case for mode in ("memory", "both") for case in traced_cases(mode)]


def traced_cases(mode: str) -> list[Case]:
    """Return the cases in which allocations are traced."""
    by_us = [name for name in ENDINGS if name != "the workload"]
    found = [Case("run", ending, how, mode=mode) for ending in by_us for how in ("ends", "daemon")]
    found += [Case("run", "the workload", how, mode=mode) for how in ("ends", "crashes")]
    found += [Case("run", ending, keep=True, mode=mode) for ending in by_us]
    found += [Case("attach", ending, mode=mode) for ending in by_us]
    found += [Case("record", ending, mode=mode) for ending in by_us[1:]]
    return found + [Case("record", "the workload", how, mode=mode) for how in ("ends", "crashes")]


@dataclass(slots=True)
class Tally:
    """What went wrong, over all loops."""

    loops: int = 0
    left_processes: int = 0
    lost_targets: int = 0
    broken_terminals: int = 0
    unreadable_sessions: int = 0
    held_s: float = 0.0
    lost_s: float = 0.0
    sessions: int = 0
    not_ended: int = 0
    left_worktrees: int = 0
    remarks: Counter[str] = field(default_factory=Counter)


class Loop:
    """One start and one stop."""

    def __init__(self, case: Case, place: Home, delay_s: float, tally: Tally) -> None:
        self.case = case
        self.place = place
        self.delay_s = delay_s
        self.tally = tally
        self.mark = uuid.uuid4().hex
        self.target: subprocess.Popen[bytes] | None = None

    def run(self) -> None:
        """Start, wait, end, look."""
        self.tally.loops += 1
        with Terminal(self._command(), env=self.place.environment({MARK: self.mark}), columns=120, rows=40) as terminal:
            pid = self._wait_for_perftui(terminal)
            time.sleep(self.delay_s)
            settled = self.delay_s >= SETTLED_S and self.case.verb != "ab"
            held_s = self._seconds_held() if settled else {}
            targets = self._targets()
            ENDINGS[self.case.ending](terminal, pid)
            self._check_end(terminal, pid)
            self._check_processes(targets)
            if self.case.ending != "a closed window":
                self._check_terminal(terminal)
        if self.case.verb == "ab":
            self._check_worktrees()
        else:
            self._check_sessions(held_s)

    def _command(self) -> list[str]:
        if self.case.verb == "attach":
            self.target = subprocess.Popen(
                workload("ending", self.case.how, LONG_S), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
            )
            time.sleep(0.2)
            # What is asked before memray is attached is answered with it.
            sure = ["--yes"] if self.case.mode != "cpu" else []
            return [PERFTUI, "attach", *self._mode(), *sure, str(self.target.pid)]
        if self.case.verb == "ab":
            base = ["env", "-C", str(self._repository()), PERFTUI, "ab", "--base", "HEAD", "--warmup", "0"]
            return [*base, "--", *workload("ending", self.case.how, LONG_S)]
        seconds = 1.5 if self.case.ending == "the workload" else LONG_S
        kept = ["--keep-target"] if self.case.keep else []
        return [PERFTUI, self.case.verb, *self._mode(), *kept, "--", *workload("ending", self.case.how, seconds)]

    def _repository(self) -> Path:
        """Return a repository with one commit, made where it is missing."""
        folder = self.place.directory / "project"
        if not folder.exists():
            folder.mkdir()
            (folder / "file.txt").write_text("content")
            for words in (("init", "-q"), ("add", "."), (*SOMEBODY, "commit", "-q", "-m", "one")):
                subprocess.run(["git", *words], cwd=folder, check=True)
        return folder

    def _check_worktrees(self) -> None:
        if self.case.ending == "SIGKILL":
            self.place.run("record", "--warmup", "1", "--", "true")
        listed = subprocess.run(
            ["git", "worktree", "list"], cwd=self._repository(), capture_output=True, text=True, check=True
        ).stdout.splitlines()
        left = [path for path in self.place.directory.glob("scratch/*") if path.is_dir()]
        if len(listed) > 1 or left:
            self.tally.left_worktrees += 1
            self._remark(f"left: {', '.join(listed[1:] or map(str, left))}")

    def _mode(self) -> list[str]:
        return [] if self.case.mode == "cpu" else ["--mode", self.case.mode]

    def _wait_for_perftui(self, terminal: Terminal) -> int:
        found: list[Process] = []

        def started() -> bool:
            found[:] = [one for one in descendants(terminal.pid) if one.parent == terminal.pid]
            return bool(found)

        wait_until(started, seconds=5)
        return found[0].pid if found else terminal.pid

    def _seconds_held(self) -> dict[str, float]:
        """Return the observed seconds that each session has committed."""
        return {name: held_s for name in self._sessions() if (held_s := self._observed_s(name)) is not None}

    def _sessions(self) -> list[str]:
        """Return the id of every session that has a file, under its name while it is recorded or its last one."""
        # A file with a dot before its name never was a session: it gets its name when it can be read.
        files = [path for ending in SUFFIXES for path in self.place.directory.rglob(f"[!.]*{ending}")]
        return sorted({path.name.partition(SUFFIXES[0])[0] for path in files})

    def _observed_s(self, session: str) -> float | None:
        """Return how many seconds of one busy thread a session holds; reading it all proves that it can be read.

        Where nothing is sampled these are the seconds up to the newest picture of what is held.
        """
        done = self.place.run("show", session, "--json")
        if done.returncode != 0:
            self._remark(f"show: exit {done.returncode}, {done.stderr.strip()[:120]}")
            return None
        document = json.loads(done.stdout)
        if self.case.mode == "memory":
            views = (document["memory"] or {}).get("views", {})
            return float(views.get("held", {}).get("at_s", 0.0))
        return float(document["cpu"]["samples"] / document["cpu"]["requested_hz"])

    def _check_end(self, terminal: Terminal, pid: int) -> None:
        if not wait_until(lambda: not running(pid), seconds=END_S):
            self.tally.not_ended += 1
            self._remark("perftui did not end")
            os.kill(pid, signal.SIGKILL)
        terminal.wait(seconds=2)

    def _check_processes(self, targets: list[Process]) -> None:
        """`targets` ran when the end was asked for; they must live on where they are to be kept."""
        if not wait_until(lambda: not self._strangers(), seconds=GONE_S, pause_s=0.1):
            self._count_left(self._strangers())
        if self.case.keep:
            for one in targets:
                self._check_alive(one)
            for one in self._targets():
                os.kill(one.pid, signal.SIGKILL)
            # The keeper reads what a kept workload prints, and goes when that ends.
            if not wait_until(lambda: not carrying(self.mark), seconds=GONE_S, pause_s=0.1):
                self._count_left(carrying(self.mark))
        if self.target is not None:
            self._check_alive(process(self.target.pid))
            self.target.kill()
            self.target.wait()
        for one in carrying(self.mark):
            os.kill(one.pid, signal.SIGKILL)

    def _targets(self) -> list[Process]:
        # What traces allocations stands before the script in the command line.
        script = workload("ending")[1]
        return [one for one in carrying(self.mark) if script in one.command and PERFTUI not in one.command]

    def _strangers(self) -> list[Process]:
        if not self.case.keep:
            return carrying(self.mark)
        kept = {one.pid for one in self._targets()}
        return [one for one in carrying(self.mark) if one.pid not in kept and "keeper.py" not in one.command]

    def _count_left(self, left: list[Process]) -> None:
        self.tally.left_processes += len(left)
        self._remark(f"left behind: {', '.join(one.command[:60] for one in left)}")

    def _check_alive(self, target: Process | None) -> None:
        found = target and running(target.pid)
        if not found or found.state in "Tt":
            self.tally.lost_targets += 1
            self._remark("a target that should live on does not run")

    def _check_terminal(self, terminal: Terminal) -> None:
        left = terminal.left_on()
        if left:
            self.tally.broken_terminals += 1
            self._remark(f"left on: {', '.join(left)}")

    def _check_sessions(self, held_s: dict[str, float]) -> None:
        self.tally.held_s += sum(held_s.values())
        for session in {*self._sessions(), *held_s}:
            self.tally.sessions += 1
            after_s = self._observed_s(session)
            if after_s is None:
                self.tally.unreadable_sessions += 1
            else:
                self.tally.lost_s += max(0.0, held_s.get(session, 0.0) - after_s)

    def _remark(self, what: str) -> None:
        self.tally.remarks[f"{self.case}: {what}"] += 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--loops", type=int, default=100, help="starts and stops")
    parser.add_argument("--seed", type=int, default=1, help="of the moments at which perftui is ended")
    parser.add_argument("--only", default="", help="only cases whose description holds this text")
    options = parser.parse_args()
    chosen = [case for case in cases() if options.only in str(case)]
    if not chosen:
        parser.error(f"no case holds {options.only!r}")
    dice = random.Random(options.seed)
    tally = Tally()
    for number in range(options.loops):
        case = chosen[number % len(chosen)]
        print(f"{number + 1:>4} of {options.loops}  {case}", file=sys.stderr)
        with home() as place:
            Loop(case, place, dice.choice((0.05, 0.3, 0.8, 2.0, 2.5)) * dice.uniform(0.9, 1.1), tally).run()
    for remark, count in tally.remarks.most_common():
        print(f"  {count} x {remark}")
    figures = [
        Figure("starts and stops", tally.loops, digits=0),
        Figure("processes left behind", tally.left_processes, at_most=0, digits=0),
        Figure("targets lost that should live on", tally.lost_targets, at_most=0, digits=0),
        Figure("worktrees left behind", tally.left_worktrees, at_most=0, digits=0),
        Figure("perftui did not end", tally.not_ended, at_most=0, digits=0),
        Figure("terminals left broken", tally.broken_terminals, at_most=0, digits=0),
        Figure("sessions written", tally.sessions, digits=0),
        Figure("sessions unreadable", tally.unreadable_sessions, at_most=0, digits=0),
        Figure("committed seconds at the end asked for", tally.held_s, "s", digits=1),
        Figure("committed seconds lost", tally.lost_s, "s", at_most=0),
    ]
    return 0 if show("Starts and stops", figures) else 1


if __name__ == "__main__":
    sys.exit(main())

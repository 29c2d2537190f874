"""The keeper: a small process between perftui and what it starts, so that nothing stays behind when perftui dies.

Run as a script with the standard library alone. It ends everything it guards as soon as its control pipe closes.
"""

from __future__ import annotations

import marshal
import os
import select
import signal
import sys
import time
from typing import Any

PR_SET_CHILD_SUBREAPER = 36
# How often the tree is looked at while it ends; the walk costs well under a millisecond.
ENDING_ROUND_S = 0.01
# A process in uninterruptible sleep, or one that changed its user, may outlive SIGKILL: do not wait for it for ever.
KILL_LIMIT_S = 5.0
# The grace when perftui is gone and nobody can be asked.
ORPHAN_GRACE_S = 2.0
READ_BYTES = 1 << 16
IGNORED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGTSTP, signal.SIGUSR1, signal.SIGUSR2)
# Python ignores these for itself, and an ignored signal stays ignored across exec.
RESTORED = (*IGNORED, signal.SIGPIPE, signal.SIGXFSZ, signal.SIGCHLD)


def frame(message: Any) -> bytes:
    """Return a message as it goes through a pipe: its length in four bytes, then itself."""
    body = marshal.dumps(message)
    return len(body).to_bytes(4, "big") + body


class Inbox:
    """Cuts a stream of bytes into messages."""

    def __init__(self) -> None:
        self._data = bytearray()

    def feed(self, data: bytes) -> list[Any]:
        """Return the messages that `data` completes."""
        self._data += data
        messages = []
        while len(self._data) >= 4:
            end = 4 + int.from_bytes(self._data[:4], "big")
            if len(self._data) < end:
                break
            messages.append(marshal.loads(self._data[4:end]))
            del self._data[:end]
        return messages


def become_subreaper() -> bool:
    """Ask the kernel to hand orphans of the tree to this process; tells whether it will."""
    if not sys.platform.startswith("linux"):
        return False
    import ctypes  # noqa: PLC0415 - a quarter of the start-up time, and of no use elsewhere

    try:
        return ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0  # type: ignore[no-any-return]
    except (OSError, AttributeError):
        return False


def stat_fields(pid: int) -> list[bytes]:
    """Return the fields of /proc/PID/stat from the state on; empty where there is no such process."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:  # noqa: PTH123 - pathlib would double the start-up time
            return file.read().rpartition(b")")[2].split()
    except OSError:
        return []


def start_time(pid: int) -> int | None:
    """Return when a process started, in clock ticks since boot: with the pid it names a process for good."""
    fields = stat_fields(pid)
    return int(fields[19]) if len(fields) > 19 else None


def children_of(pid: int) -> list[int]:
    """Return the children of all threads of a process."""
    found: list[int] = []
    try:
        for task in os.listdir(f"/proc/{pid}/task"):  # noqa: PTH208
            with open(f"/proc/{pid}/task/{task}/children", "rb") as file:  # noqa: PTH123
                found += map(int, file.read().split())
    except OSError:
        pass
    return found


def children_by_scan(pid: int) -> list[int]:
    """Return the children of a process where the kernel keeps no lists of them."""
    found = []
    for entry in os.listdir("/proc"):  # noqa: PTH208
        if entry.isdigit():
            fields = stat_fields(int(entry))
            if len(fields) > 1 and int(fields[1]) == pid:
                found.append(int(entry))
    return found


def descendants_of(pid: int) -> list[int]:
    """Return every process below `pid`, parents before children."""
    # The file of this process exists wherever the kernel was built with the lists.
    children = children_of if os.path.exists("/proc/thread-self/children") else children_by_scan  # noqa: PTH110
    found: list[int] = []
    todo = [pid]
    while todo:
        below = children(todo.pop())
        found += below
        todo += below
    return found


def send_signal(pid: int, number: int) -> bool:
    """Send a signal; tells whether there was somebody to get it."""
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


class Keeper:
    """The state of the keeper: one command with its tree, and the recorders that perftui started."""

    def __init__(self, control: int, report: int, output: int) -> None:
        self.control = control
        self.report = report
        self.output = output
        """Read end of the command's output, or -1; drained when the command outlives perftui."""
        self.keep = False
        self.orphaned = False
        self.main_pid = 0
        self.guarded: dict[int, int | None] = {}
        self.token = b""
        self.subreaper = become_subreaper()
        self.kill_at: float | None = None
        self.give_up_at: float | None = None
        self.told_empty = True
        self.asked: set[int] = set()
        self.inbox = Inbox()
        self.wake, wake_in = os.pipe()
        for end in (self.wake, wake_in):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(wake_in, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for number in IGNORED:
            signal.signal(number, signal.SIG_IGN)

    def run(self) -> None:
        """Serve until perftui is gone and nothing is left to guard."""
        while True:
            self.reap()
            if self.orphaned and self.told_empty:
                return
            self.advance_ending()
            self.wait()

    def wait(self) -> None:
        """Sleep until there is a message, a dead child, output to drain, or the next round of ending."""
        poll = select.poll()
        poll.register(self.wake, select.POLLIN)
        if not self.orphaned:
            poll.register(self.control, select.POLLIN)
        elif self.output >= 0:
            poll.register(self.output, select.POLLIN)
        ending = self.kill_at is not None
        for descriptor, _ in poll.poll(ENDING_ROUND_S * 1000 if ending else self.idle_ms()):
            if descriptor == self.control:
                self.read_control()
            elif descriptor == self.output:
                self.drain()
            else:
                os.read(self.wake, 512)

    def idle_ms(self) -> int | None:
        """Return how long to sleep when nothing is under way: for ever, where dead orphans wake us."""
        return None if self.subreaper or self.told_empty else 200

    def read_control(self) -> None:
        """Take what perftui says; the end of the stream means that it is gone."""
        data = os.read(self.control, READ_BYTES)
        if not data:
            self.lose_perftui()
            return
        for message in self.inbox.feed(data):
            self.obey(message)

    def obey(self, message: tuple[Any, ...]) -> None:
        """Do what one message asks for."""
        match message:
            case ("launch", spec):
                self.launch(spec)
            case ("guard", pid, started):
                self.guarded[pid] = started
            case ("release", pid):
                self.guarded.pop(pid, None)
            case ("token", token):
                self.token = token
            case ("keep", keep):
                self.keep = keep
            case ("end", grace_s):
                self.begin_ending(grace_s)

    def tell(self, *message: object) -> None:
        """Report to perftui, if it still listens."""
        try:
            os.write(self.report, frame(message))
        except OSError:
            # The control pipe will say so too.
            return

    def launch(self, spec: dict[str, Any]) -> None:
        """Start the command, and report its pid or why it could not be started."""
        trouble_out, trouble_in = os.pipe()
        pid = os.fork()
        if pid == 0:
            become_command(spec, trouble_in)
        os.close(trouble_in)
        for descriptor in {*spec["stdio"], *spec["pass"]}:
            os.close(descriptor)
        trouble = os.read(trouble_out, 64)
        os.close(trouble_out)
        if trouble:
            os.waitpid(pid, 0)
            stage, _, number = trouble.partition(b" ")
            self.tell("refused", stage.decode(), int(number))
            return
        self.main_pid = pid
        self.told_empty = False
        self.tell("started", pid)

    def reap(self) -> None:
        """Collect dead children, and report the end of the command and of its tree."""
        while True:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                self.note_no_children()
                return
            if pid == 0:
                return
            if pid == self.main_pid:
                code = os.waitstatus_to_exitcode(status)
                self.tell("exit", code, usage.ru_utime, usage.ru_stime, usage.ru_maxrss)

    def note_no_children(self) -> None:
        """Report once that the tree is empty."""
        if self.told_empty or (not self.subreaper and self.main_pid and send_group(self.main_pid, 0)):
            return
        self.told_empty = True
        self.kill_at = self.give_up_at = None
        self.tell("empty")

    def lose_perftui(self) -> None:
        """End what must not outlive perftui."""
        self.orphaned = True
        for pid, started in self.guarded.items():
            if started is None or start_time(pid) == started:
                send_signal(pid, signal.SIGKILL)
        self.end_strays()
        if not self.keep and not self.told_empty and self.kill_at is None:
            self.begin_ending(ORPHAN_GRACE_S)

    def end_strays(self) -> None:
        """End recorders that perftui had no time to name: their environment bears its token."""
        if not self.token or not os.path.isdir("/proc"):  # noqa: PTH112
            return
        for entry in os.listdir("/proc"):  # noqa: PTH208
            if not entry.isdigit():
                continue
            try:
                with open(f"/proc/{entry}/environ", "rb") as file:  # noqa: PTH123
                    ours = self.token in file.read().split(b"\0")
            except OSError:
                continue
            if ours:
                send_signal(int(entry), signal.SIGKILL)

    def begin_ending(self, grace_s: float) -> None:
        """Ask the tree to end, and set the hour of those who do not."""
        if self.told_empty:
            return
        at = time.monotonic() + grace_s
        self.kill_at = at if self.kill_at is None else min(self.kill_at, at)

    def advance_ending(self) -> None:
        """One round: ask whoever was not asked yet; after the grace, kill."""
        if self.kill_at is None:
            return
        now = time.monotonic()
        if now < self.kill_at:
            self.ask_to_end()
            return
        if self.give_up_at is None:
            self.give_up_at = now + KILL_LIMIT_S
        elif now > self.give_up_at:
            self.give_up()
            return
        for pid in self.tree():
            send_signal(pid, signal.SIGKILL)
        if not self.subreaper and self.main_pid:
            send_group(self.main_pid, signal.SIGKILL)

    def ask_to_end(self) -> None:
        """Send SIGTERM once to each process of the tree; SIGCONT lets stopped ones hear it."""
        for pid in self.tree():
            if pid not in self.asked:
                self.asked.add(pid)
                send_signal(pid, signal.SIGTERM)
                send_signal(pid, signal.SIGCONT)
        if not self.subreaper and self.main_pid not in self.asked:
            self.asked.add(self.main_pid)
            send_group(self.main_pid, signal.SIGTERM)

    def give_up(self) -> None:
        """Report who survived SIGKILL, and go on as if they were gone."""
        self.tell("left", self.tree())
        self.kill_at = self.give_up_at = None
        self.told_empty = True
        self.tell("empty")

    def tree(self) -> list[int]:
        """Return the processes of the command's tree, including those that left their group and session."""
        if self.subreaper:
            return descendants_of(os.getpid())
        return []

    def drain(self) -> None:
        """Read and forget output of a command that outlives perftui, so that it neither blocks nor breaks."""
        try:
            data = os.read(self.output, READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            # The terminal's other side was closed.
            data = b""
        if not data:
            os.close(self.output)
            self.output = -1


def send_group(group: int, number: int) -> bool:
    """Send a signal to a process group: all there is where the kernel keeps no orphans for us (macOS)."""
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def become_command(spec: dict[str, Any], trouble: int) -> None:
    """Turn this forked child into the command; on failure say the stage and the errno through `trouble`."""
    stage = b"exec"
    try:
        os.setsid()
        for target, descriptor in enumerate(spec["stdio"]):
            os.dup2(descriptor, target)
        for descriptor in spec["pass"]:
            os.set_inheritable(descriptor, True)
        signal.set_wakeup_fd(-1)
        for number in RESTORED:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        stage = b"cwd"
        os.chdir(spec["cwd"])
        stage = b"exec"
        os.execvpe(spec["argv"][0], spec["argv"], spec["env"])
    except OSError as error:
        os.write(trouble, b"%s %d" % (stage, error.errno or 0))
    finally:
        os._exit(127)


def main(argv: list[str]) -> None:
    """Run with the descriptors of control, report and output (-1 for none), and those to pass on."""
    control, report, output, *others = map(int, argv)
    for descriptor in (control, report, output, *others):
        if descriptor >= 0:
            os.set_inheritable(descriptor, False)
    Keeper(control, report, output).run()


if __name__ == "__main__":
    main(sys.argv[1:])

from __future__ import annotations

import errno
import os
import select
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from perftui.errors import ExitCode, WorkloadError
from perftui.model.workload import Workload
from perftui.sources import keeper as keeper_script
from perftui.sources import processes
from perftui.sources.launch import Exit, Keeper, Launched
from perftui.sources.launch_refusal import refusal
from perftui.sources.side_process import process_exists, run_on_terminal, run_tool

LIMIT_S = 20.0


def shell(script: str, **more: str) -> Workload:
    return Workload(("/bin/sh", "-c", script), env=more)


def finish(keeper: Keeper) -> Exit:
    ended = keeper.poll_exit(LIMIT_S)
    assert ended is not None
    return ended


def all_output(launched: Launched) -> bytes:
    collected = b""
    deadline = time.monotonic() + LIMIT_S
    while time.monotonic() < deadline:
        select.select([launched.output_fd], [], [], 0.1)
        data = launched.read_output()
        if data is None:
            break
        collected += data
    os.close(launched.output_fd)
    return collected


def gone(pid: int) -> bool:
    deadline = time.monotonic() + LIMIT_S
    while processes.alive(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    return not processes.alive(pid)


def test_a_command_runs_and_its_status_and_its_cost_are_known() -> None:
    with Keeper() as keeper:
        launched = keeper.launch(Workload((sys.executable, "-S", "-c", "raise SystemExit(7)")))
        ended = finish(keeper)
        assert ended.code == 7
        assert launched.poll() == ended
        assert ended.user_s + ended.system_s > 0
        assert ended.max_rss_bytes > 1_000_000


def test_a_command_that_a_signal_ended_says_so() -> None:
    with Keeper() as keeper:
        keeper.launch(shell("kill -SEGV $$"))
        assert finish(keeper).code == -signal.SIGSEGV


def test_both_streams_come_in_the_order_in_which_they_were_written() -> None:
    with Keeper() as keeper:
        launched = keeper.launch(shell("echo one; echo two >&2; echo three"))
        assert all_output(launched) == b"one\ntwo\nthree\n"


def test_a_terminal_is_one_and_has_a_size_and_leaves_the_bytes_alone() -> None:
    script = "import os, sys; print(os.isatty(1), os.isatty(2), os.isatty(0), *os.get_terminal_size(1))"
    with Keeper() as keeper:
        launched = keeper.launch(Workload((sys.executable, "-S", "-c", script)), terminal=True)
        assert all_output(launched) == b"True True False 120 40\n"


def test_the_command_does_not_get_our_terminal_as_its_controlling_one() -> None:
    with Keeper() as keeper:
        launched = keeper.launch(shell("(: < /dev/tty) 2>/dev/null && echo has one || echo has none"), terminal=True)
        assert all_output(launched) == b"has none\n"


def test_standard_input_is_empty_unless_it_is_given() -> None:
    with Keeper() as keeper:
        assert all_output(keeper.launch(shell("cat; echo end"))) == b"end\n"
    reader, writer = os.pipe()
    os.write(writer, b"given\n")
    os.close(writer)
    with Keeper() as keeper:
        assert all_output(keeper.launch(shell("cat"), stdin=reader)) == b"given\n"
    os.close(reader)


def test_directory_environment_and_odd_arguments_arrive(tmp_path: Path) -> None:
    odd = "a b\n'\"\udcff"
    workload = Workload(("/bin/sh", "-c", 'pwd; printf %s "$ODD$1"', "sh", odd), cwd=tmp_path, env={"ODD": odd})
    with Keeper() as keeper:
        said = all_output(keeper.launch(workload))
    assert said == os.fsencode(f"{tmp_path.resolve()}\n{odd}{odd}")


def test_the_command_starts_with_default_signals_in_a_session_of_its_own() -> None:
    script = (
        "import os, signal, sys;"
        "print(os.getsid(0) == os.getpid(), signal.getsignal(signal.SIGTERM) == signal.SIG_DFL,"
        "signal.getsignal(signal.SIGHUP) == signal.SIG_DFL, signal.pthread_sigmask(signal.SIG_BLOCK, []) == set())"
    )
    with Keeper() as keeper:
        launched = keeper.launch(Workload((sys.executable, "-S", "-c", script)))
        assert all_output(launched) == b"True True True True\n"


@pytest.mark.parametrize(
    ("argv", "message", "hint"),
    [
        (("no-such-command-at-all",), "Command not found: no-such-command-at-all.", "PATH"),
        (("missing.py",), "Command not found: missing.py.", "python missing.py"),
        (("/etc/passwd",), "/etc/passwd is not executable.", "chmod +x"),
        (("/",), "/ is a directory, not a command.", ""),
        (("evil\x1b[31m",), "Command not found: evil␛[31m.", ""),
        ((), "There is no command to start.", "--"),
        (("a\0b",), "The command or its environment holds a character that no command may hold.", ""),
    ],
)
def test_what_cannot_be_started_is_one_sentence_and_a_hint(argv: tuple[str, ...], message: str, hint: str) -> None:
    with Keeper() as keeper, pytest.raises(WorkloadError) as caught:
        keeper.launch(Workload(argv))
    assert caught.value.message == message
    assert hint in caught.value.hint
    assert caught.value.exit_code is ExitCode.USAGE, "the command line is wrong, and no workload failed"


def test_a_command_that_may_not_even_be_looked_at_is_one_sentence_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "stat", refuse)
    error = refusal(Workload(("/closed/tool",)), "exec", errno.EACCES)
    assert error.message == "Cannot execute /closed/tool: Permission denied."


def test_an_end_under_way_can_be_hastened() -> None:
    with Keeper() as keeper:
        launched = keeper.launch(shell("trap '' TERM; echo ready; while :; do sleep 0.05; done"))
        assert select.select([launched.output_fd], [], [], LIMIT_S)[0]
        timer = threading.Timer(0.1, launched.hasten)
        timer.start()
        # Without the haste this would take for ever.
        assert launched.end(grace_s=1_000_000.0).code == -signal.SIGKILL
        timer.join()


def test_a_script_without_a_first_line_or_with_a_wrong_one_is_explained(tmp_path: Path) -> None:
    for text, expected in (("echo hello\n", "Exec format error"), ("#!/no/such/thing\n", "interpreter that does not")):
        script = tmp_path / "script"
        script.write_text(text)
        script.chmod(0o755)
        with Keeper() as keeper, pytest.raises(WorkloadError, match=expected):
            keeper.launch(Workload((str(script),)))


def test_a_directory_that_is_not_there_is_named(tmp_path: Path) -> None:
    with Keeper() as keeper, pytest.raises(WorkloadError, match=r"Cannot start in the directory .*nowhere"):
        keeper.launch(Workload(("true",), cwd=tmp_path / "nowhere"))


def test_a_command_that_obeys_ends_within_the_grace() -> None:
    with Keeper() as keeper:
        launched = keeper.launch(shell("sleep 300 & sleep 300"))
        assert launched.poll() is None
        assert launched.end(grace_s=LIMIT_S).code == -signal.SIGTERM
        assert gone(launched.pid)


def test_a_command_that_ignores_every_request_is_killed_after_the_grace() -> None:
    script = "trap '' TERM INT HUP; echo ready; while :; do sleep 1; done"
    with Keeper() as keeper:
        launched = keeper.launch(shell(script))
        select.select([launched.output_fd], [], [], LIMIT_S)
        assert launched.end(grace_s=0.1).code == -signal.SIGKILL


def test_a_stopped_command_hears_the_request() -> None:
    with Keeper() as keeper:
        launched = keeper.launch(shell("kill -STOP $$; sleep 300"))
        assert launched.end(grace_s=LIMIT_S).code == -signal.SIGTERM


def test_what_a_command_leaves_running_is_ended_with_it() -> None:
    with Keeper() as keeper:
        launched = keeper.launch(shell("(trap '' TERM; exec setsid sleep 300) & echo $!"))
        assert finish(keeper).code == 0
        left = int(all_output_so_far(launched))
        keeper.close()
        assert gone(left)


def all_output_so_far(launched: Launched) -> bytes:
    select.select([launched.output_fd], [], [], LIMIT_S)
    return launched.read_output() or b""


def test_closing_twice_and_closing_without_a_launch_is_harmless() -> None:
    keeper = Keeper()
    keeper.close()
    keeper.close()


def test_a_keeper_starts_one_command_only() -> None:
    with Keeper() as keeper:
        keeper.launch(shell("sleep 300"))
        with pytest.raises(WorkloadError):
            keeper.launch(shell("sleep 300"))


def test_recorders_are_read_interrupted_and_reaped() -> None:
    with Keeper() as keeper:
        recorder = keeper.start_recorder([sys.executable, "-S", "-c", "import time; print('on'); time.sleep(300)"])
        assert recorder.poll() is None
        recorder.interrupt()
        deadline = time.monotonic() + LIMIT_S
        while (ended := recorder.poll()) is None and time.monotonic() < deadline:
            time.sleep(0.01)
        assert ended is not None
        assert ended.code == -signal.SIGINT
        assert ended.cpu_s > 0
        assert recorder.close() == ended
        # Signals to a reaped recorder go nowhere: its number may be another's by now.
        recorder.interrupt()


def test_closing_ends_recorders_that_were_forgotten() -> None:
    with Keeper() as keeper:
        recorder = keeper.start_recorder(["sleep", "300"])
    assert gone(recorder.pid)
    with pytest.raises(OSError, match="shutdown"):
        keeper.start_recorder(["true"])


def test_a_lost_keeper_is_reported_and_its_command_ended() -> None:
    with Keeper() as keeper:
        launched = keeper.launch(shell("sleep 300 & exec sleep 300"))
        keeper_pid = int(Path(f"/proc/{launched.pid}/stat").read_text().rpartition(")")[2].split()[1])
        os.kill(keeper_pid, signal.SIGKILL)
        with pytest.raises(WorkloadError, match="was killed"):
            keeper.poll_exit(LIMIT_S)
        assert gone(launched.pid)


def test_descriptors_do_not_leak() -> None:
    before = len(list(Path("/dev/fd").iterdir()))
    for _ in range(3):
        with Keeper() as keeper:
            launched = keeper.launch(shell("true"))
            finish(keeper)
            keeper.start_recorder(["true"]).close()
        os.close(launched.output_fd)
    assert len(list(Path("/dev/fd").iterdir())) == before


def test_a_tool_gives_its_output_or_nothing() -> None:
    assert run_tool(["echo", "hello"], timeout_s=LIMIT_S) == "hello\n"
    assert run_tool(["false"], timeout_s=LIMIT_S) is None
    assert run_tool(["no-such-command-at-all"], timeout_s=LIMIT_S) is None
    assert run_tool(["sleep", "300"], timeout_s=0.05) is None


def test_a_process_exists_or_does_not() -> None:
    assert process_exists(os.getpid())
    assert process_exists(1)
    assert not process_exists(1 << 40)
    assert not process_exists((1 << 22) + 5)


def test_where_the_kernel_keeps_no_orphans_the_group_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = tmp_path / "plain_keeper.py"
    plain.write_text(
        f"import sys; sys.path.insert(0, {str(Path(keeper_script.__file__).parent)!r}); import keeper\n"
        "keeper.become_subreaper = lambda: False\n"
        "keeper.main(sys.argv[1:])\n"
    )
    monkeypatch.setattr(keeper_script, "__file__", str(plain))
    with Keeper() as keeper:
        launched = keeper.launch(shell("trap '' TERM; sleep 300 & echo $!; wait; sleep 300"))
        child = int(all_output_so_far(launched))
        assert launched.end(grace_s=0.1).code == -signal.SIGKILL
        assert gone(child)
    with Keeper() as keeper:
        launched = keeper.launch(shell("sleep 300 & echo $!"))
        child = int(all_output_so_far(launched))
        assert finish(keeper).code == 0
    assert gone(child)


def test_closed_standard_streams_are_no_obstacle(tmp_path: Path) -> None:
    driver = (
        "import pathlib, select, sys; from perftui.model.workload import Workload;"
        "from perftui.sources.launch import Keeper; keeper = Keeper();"
        "launched = keeper.launch(Workload(('echo', 'hi')));"
        "ended = keeper.poll_exit(20);"
        f"pathlib.Path({str(tmp_path)!r}, 'said').write_bytes(launched.read_output() + str(ended.code).encode());"
        "keeper.close()"
    )
    closed = Workload(("/bin/sh", "-c", f'exec {sys.executable} -c "$1" <&- >&- 2>&-', "sh", driver))
    with Keeper() as keeper:
        launched = keeper.launch(closed)
        launched.gate.close()
        assert finish(keeper).code == 0
        os.close(launched.output_fd)
    assert (tmp_path / "said").read_bytes() == b"hi\n0"


def test_our_own_standard_input_can_be_given(tmp_path: Path) -> None:
    driver = (
        "import os, sys; from perftui.model.workload import Workload; from perftui.sources.launch import Keeper\n"
        "with Keeper() as keeper:\n"
        "    launched = keeper.launch(Workload(('cat',)), stdin=0); keeper.poll_exit(20)\n"
        "    os.write(1, launched.read_output())\n"
    )
    done = subprocess.run([sys.executable, "-c", driver], input=b"for the workload", capture_output=True, check=True)
    assert done.stdout == b"for the workload"


def test_a_command_that_has_the_terminal_gets_its_keys_and_perftui_does_not_mind_them() -> None:
    before = signal.getsignal(signal.SIGINT)
    # The interrupt goes to both, as from a terminal; the command is ended by it, as it would be in a shell.
    status = run_on_terminal(["/bin/sh", "-c", "kill -INT $PPID; kill -INT $$"])
    assert status == -signal.SIGINT
    assert signal.getsignal(signal.SIGINT) is before
    assert run_on_terminal(["/bin/sh", "-c", "exit 3"]) == 3
    with pytest.raises(FileNotFoundError):
        run_on_terminal(["/no/such/editor"])
    assert signal.getsignal(signal.SIGINT) is before

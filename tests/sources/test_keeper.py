from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from perftui.sources import keeper
from perftui.sources.keeper import Inbox, frame

messages = st.lists(
    st.tuples(st.text(), st.integers(), st.floats(allow_nan=False), st.binary(), st.lists(st.text(max_size=5))),
    max_size=6,
)


@given(messages, st.lists(st.integers(1, 50), max_size=50))
def test_messages_survive_any_cutting_of_the_stream(sent: list[tuple[object, ...]], cuts: list[int]) -> None:
    stream = b"".join(frame(message) for message in sent)
    inbox = Inbox()
    received = []
    for size in [*cuts, len(stream)]:
        received += inbox.feed(stream[:size])
        stream = stream[size:]
    assert received == sent


def test_the_keeper_s_script_needs_nothing_but_the_standard_library() -> None:
    check = f"import runpy, sys; runpy.run_path({keeper.__file__!r}, run_name='x'); print(*sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-I", "-S", "-c", check], capture_output=True, text=True, check=True)
    assert "perftui" not in loaded.stdout
    # Each of these would double the time until a workload starts.
    assert {"subprocess", "socket", "json", "asyncio", "typing_extensions"}.isdisjoint(loaded.stdout.split())


def test_the_keeper_shrugs_off_signals_and_ends_when_nobody_holds_its_pipe() -> None:
    control_out, control = os.pipe()
    report, report_in = os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", keeper.__file__, str(control_out), str(report_in), "-1", "-1"],
        pass_fds=(control_out, report_in),
    )
    os.close(control_out)
    os.close(report_in)
    os.write(control, frame(("launch", launch_order("exit 3"))))
    inbox = Inbox()
    told: list[tuple[object, ...]] = []
    while ("empty",) not in told:
        told += inbox.feed(os.read(report, 4096))
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            process.send_signal(number)
    assert [message[0] for message in told] == ["started", "exit", "empty"]
    assert told[1][1] == 3
    os.close(control)
    assert process.wait(20) == 0
    os.close(report)


def launch_order(script: str) -> dict[str, object]:
    # The keeper closes what it handed on.
    return {
        "argv": ["/bin/sh", "-c", script],
        "cwd": str(Path("/")),
        "env": {},
        "stdio": [0, 1, 2],
        "pass": [],
    }

from __future__ import annotations

import json
import os
import select
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from perftui.model.workload import Workload
from perftui.sources.gate import GATE_DIRECTORY, Gate, Visitor
from perftui.sources.launch import Keeper, Launched

WORKLOADS = Path(__file__).parents[1] / "workloads"
TRACES = str(WORKLOADS / "traces_of_us.py")
LIMIT_S = 20.0


def wait_for_visitors(launched: Launched, number: int = 1) -> list[Visitor]:
    found: list[Visitor] = []
    deadline = time.monotonic() + LIMIT_S
    while len(found) < number and time.monotonic() < deadline:
        if select.select([launched.gate], [], [], 0.1)[0]:
            found += launched.gate.arrivals()
    return found


def output_of(launched: Launched) -> bytes:
    said = b""
    while (data := launched.read_output()) is not None:
        said += data
        select.select([launched.output_fd], [], [], LIMIT_S)
    os.close(launched.output_fd)
    return said


def seen_by_the_workload(argv: tuple[str, ...], env: dict[str, str], *, gated: bool) -> dict[str, Any]:
    with Keeper() as keeper:
        launched = keeper.launch(Workload(argv, env=env))
        if gated:
            assert len(wait_for_visitors(launched)) == 1
            launched.gate.release(1)
        seen: dict[str, Any] = json.loads(output_of(launched))
    return seen


@pytest.mark.parametrize("path", [None, "", "/one:/two", ":/odd:"], ids=["unset", "empty", "two", "odd"])
def test_the_gate_leaves_no_trace(path: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTHONPATH", raising=False)
    env = {} if path is None else {"PYTHONPATH": path}
    argv = (sys.executable, TRACES, "one", "two three")
    with_gate = seen_by_the_workload(argv, env, gated=True)
    monkeypatch.setattr(Gate, "environment", lambda *_: {})
    without = seen_by_the_workload(argv, env, gated=False)
    # The pipes of the gate are closed by the gate; without it they are still there.
    assert [each for each in without.pop("descriptors") if each < 200] == with_gate.pop("descriptors")
    assert with_gate == without


def test_a_visitor_tells_who_it_is_and_waits_until_it_is_let_go() -> None:
    with Keeper() as keeper:
        launched = keeper.launch(Workload((sys.executable, "-c", "print('in')")))
        assert wait_for_visitors(launched) == [
            Visitor(launched.pid, sys.version_info[:3], sys.executable, sys.version.replace("\n", "?"))
        ]
        assert launched.gate.first is not None
        assert not select.select([launched.output_fd], [], [], 0.1)[0]
        launched.gate.release(1)
        assert output_of(launched) == b"in\n"


def test_a_gate_that_is_closed_lets_everybody_through() -> None:
    with Keeper() as keeper:
        launched = keeper.launch(
            Workload(("sh", "-c", f"{sys.executable} -c 'print(1)'; {sys.executable} -c 'print(2)'"))
        )
        wait_for_visitors(launched)
        launched.gate.close()
        launched.gate.close()
        assert output_of(launched) == b"1\n2\n"
        assert list(launched.gate.arrivals()) == []


def test_a_gate_that_is_closed_stays_with_nobody() -> None:
    with Keeper() as keeper:
        launched = keeper.launch(Workload((sys.executable, TRACES)))
        launched.gate.close()
        seen = json.loads(output_of(launched))
        assert [each for each in seen["descriptors"] if each >= 200] == []


def test_interpreters_in_a_row_and_at_once_all_come() -> None:
    script = f"{sys.executable} -c 'print(1)' & {sys.executable} -c 'print(2)'; wait; {sys.executable} -c 'print(3)'"
    with Keeper() as keeper:
        launched = keeper.launch(Workload(("sh", "-c", script)))
        assert len({visitor.pid for visitor in wait_for_visitors(launched, 2)}) == 2
        launched.gate.release(2)
        assert len(wait_for_visitors(launched)) == 1
        launched.gate.release(1)
        # Two that run at once may print into each other's line.
        assert bytes(sorted(output_of(launched).replace(b"\n", b""))) == b"123"


def test_children_of_an_interpreter_do_not_wait() -> None:
    script = f"import subprocess; subprocess.run([{sys.executable!r}, '-c', 'print(1)'], close_fds=False)"
    with Keeper() as keeper:
        launched = keeper.launch(Workload((sys.executable, "-c", script)))
        wait_for_visitors(launched)
        launched.gate.release(1)
        assert output_of(launched) == b"1\n"


def test_a_program_that_took_our_descriptor_for_something_else_is_left_alone(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    with Keeper() as keeper:
        launched = keeper.launch(
            # The shell has closed both pipes, and opened a file under the number of one of them.
            Workload(
                (
                    "bash",
                    "-c",
                    f'IFS=, read r _ w _ <<< "$PERFTUI_GATE"; eval "exec $r<&- $w>{precious}"; '
                    f"{sys.executable} -c 'print(1)'",
                )
            )
        )
        assert output_of(launched) == b"1\n"
    assert precious.read_bytes() == b""


@pytest.mark.parametrize("ticket", ["", "x", "1,2,3", "200,1,201,1,1,0", ",,,,,", "9" * 5000])
def test_a_spoilt_ticket_never_reaches_the_workload(ticket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Gate.environment
    monkeypatch.setattr(Gate, "environment", lambda self, inherited: {**real(self, inherited), "PERFTUI_GATE": ticket})
    with Keeper() as keeper:
        launched = keeper.launch(Workload((sys.executable, "-c", "print('in')")))
        assert output_of(launched) == b"in\n"


def test_the_system_s_own_sitecustomize_still_runs(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import builtins; builtins.customised = __file__\n")
    workload = Workload(
        (sys.executable, "-c", "import sitecustomize; print(customised, sitecustomize.__file__ == customised)"),
        env={"PYTHONPATH": str(tmp_path)},
    )
    with Keeper() as keeper:
        launched = keeper.launch(workload)
        wait_for_visitors(launched)
        launched.gate.release(1)
        assert output_of(launched) == f"{tmp_path}/sitecustomize.py True\n".encode()


def test_a_system_s_own_sitecustomize_that_fails_fails_as_ever(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import no_such_module\n")
    workload = Workload((sys.executable, "-c", "print('in')"), env={"PYTHONPATH": str(tmp_path)})
    with Keeper() as keeper:
        launched = keeper.launch(workload)
        wait_for_visitors(launched)
        launched.gate.release(1)
        said = output_of(launched)
    assert b"no_such_module" in said
    assert said.endswith(b"in\n")


def test_nobody_can_come_once_the_command_has_ended() -> None:
    with Keeper() as keeper:
        launched = keeper.launch(Workload(("true",)))
        assert wait_for_visitors_until_deserted(launched)


def wait_for_visitors_until_deserted(launched: Launched) -> bool:
    deadline = time.monotonic() + LIMIT_S
    while not launched.gate.deserted and time.monotonic() < deadline:
        select.select([launched.gate], [], [], 0.1)
        assert list(launched.gate.arrivals()) == []
    return launched.gate.deserted


def test_lines_are_read_whole_and_nonsense_is_passed_over() -> None:
    gate = Gate()
    writer = gate.passed_on[1]
    os.write(writer, b"nonsense\n12 3.11")
    assert list(gate.arrivals()) == []
    os.write(writer, b".7 /usr/bin/python\xff\n\n13 2.7.18 \n")
    assert list(gate.arrivals()) == [
        Visitor(12, (3, 11, 7), "/usr/bin/python\udcff"),
        Visitor(13, (2, 7, 18), ""),
    ]
    gate.close()


def test_the_gate_s_directory_holds_nothing_else_that_could_be_imported() -> None:
    assert {path.name for path in GATE_DIRECTORY.iterdir()} - {"__pycache__"} == {"__init__.py", "sitecustomize.py"}

from __future__ import annotations

import pytest

from perftui.sources.attach_remarks import remarks_on
from perftui.sources.diagnosis import explain_target
from tests.sources.machines import SimulatedMachine

PID = 100


def test_the_first_process_of_a_container_may_be_observed_and_is_called_that() -> None:
    machine = SimulatedMachine(uid=0).with_process(1)
    assert explain_target(1, probe=machine) is None
    [remark] = remarks_on(1, probe=machine)
    assert remark.startswith("Process 1 (python3.12) is the first process")


@pytest.mark.parametrize(
    "command", ["/venv/bin/perftui\0open", "python\0/venv/bin/perftui\0run", "python3\0-m\0perftui\0attach"]
)
def test_another_perftui_is_called_that(command: str) -> None:
    machine = SimulatedMachine().with_process(PID)
    machine.files[f"/proc/{PID}/cmdline"] = f"{command}\0"
    [remark] = remarks_on(PID, probe=machine)
    assert "is another perftui" in remark


@pytest.mark.parametrize("command", ["python\0app.py\0perftui", "python\0-m\0perftui_plugin", "", "python"])
def test_of_most_processes_nothing_is_remarked(command: str) -> None:
    machine = SimulatedMachine().with_process(PID)
    machine.files[f"/proc/{PID}/cmdline"] = command
    assert remarks_on(PID, probe=machine) == ()

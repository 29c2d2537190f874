"""Who may observe what, on each kind of machine."""

from __future__ import annotations

import pytest

from perftui.sources.permission import permission
from tests.sources.machines import DOCKER_RIGHTS, SimulatedMachine

DOCKER = {"/.dockerenv": ""}


@pytest.mark.parametrize(
    ("machine", "launched", "attached", "others"),
    [
        (SimulatedMachine(), True, True, False),
        (SimulatedMachine(uid=0), True, True, True),
        (SimulatedMachine().with_yama(0), True, True, False),
        (SimulatedMachine().with_yama(1), True, False, False),
        (SimulatedMachine().with_yama(2), False, False, False),
        (SimulatedMachine().with_yama(3), False, False, False),
        (SimulatedMachine(uid=0).with_yama(1), True, True, True),
        (SimulatedMachine(uid=0).with_yama(2), True, True, True),
        (SimulatedMachine(uid=0).with_yama(3), False, False, False),
        (SimulatedMachine(uid=0, files=DOCKER).with_rights(DOCKER_RIGHTS, seccomp=2), True, True, False),
        (
            SimulatedMachine(uid=0, files=DOCKER, filter_blocks=True).with_rights(DOCKER_RIGHTS, seccomp=2),
            *3 * (False,),
        ),
        (SimulatedMachine(uid=0, files=DOCKER).with_rights(DOCKER_RIGHTS, seccomp=2).with_yama(1), True, False, False),
        (SimulatedMachine(platform="darwin"), False, False, False),
        (SimulatedMachine(platform="darwin", uid=0), True, True, True),
        (SimulatedMachine(platform="freebsd14"), True, True, False),
        (SimulatedMachine().with_rights("not hexadecimal"), True, True, False),
    ],
    ids=[
        "plain user",
        "root",
        "yama 0",
        "yama 1",
        "yama 2",
        "yama 3",
        "root under yama 1",
        "root under yama 2",
        "root under yama 3",
        "docker without SYS_PTRACE",
        "docker with a filter",
        "docker under yama 1",
        "mac",
        "root on a mac",
        "bsd",
        "odd status file",
    ],
)
def test_who_may_observe_what(machine: SimulatedMachine, launched: bool, attached: bool, others: bool) -> None:
    allowed = permission(machine)
    assert (allowed.launched, allowed.attached, allowed.others) == (launched, attached, others)
    assert allowed.finding
    assert bool(allowed.remedy) == (not allowed.attached)
    assert "\n" not in allowed.remedy


def test_a_filter_is_asked_for_only_inside_a_container_that_has_one() -> None:
    outside = SimulatedMachine(filter_blocks=True).with_rights("0", seccomp=2)
    unfiltered = SimulatedMachine(files=DOCKER, filter_blocks=True)
    assert permission(outside).attached
    assert permission(unfiltered).attached


def test_a_container_is_told_what_the_container_needs() -> None:
    machine = SimulatedMachine(files=DOCKER, filter_blocks=True).with_rights("0", seccomp=2)
    assert "--cap-add SYS_PTRACE" in permission(machine).remedy
    assert "--cap-add SYS_PTRACE" in permission(SimulatedMachine(files=DOCKER).with_yama(2)).remedy

"""Containers are recognised, and the strictest limit of their control groups holds."""

from __future__ import annotations

import pytest

from perftui.sources.containment import container_kind, cpu_limit_cores, memory_limit_bytes
from tests.sources.machines import SimulatedMachine


@pytest.mark.parametrize(
    ("files", "kind"),
    [
        ({}, ""),
        ({"/.dockerenv": ""}, "Docker"),
        ({"/run/.containerenv": "", "/.dockerenv": ""}, "Podman"),
        ({"/proc/1/cgroup": "0::/kubepods/burstable/pod1"}, "Kubernetes"),
        ({"/proc/1/cgroup": "12:cpu:/docker/abc"}, "Docker"),
        ({"/run/systemd/container": "systemd-nspawn\n"}, "systemd-nspawn"),
        ({"/run/systemd/container": "wsl\n"}, ""),
    ],
)
def test_a_container_is_known_by_its_marks(files: dict[str, str], kind: str) -> None:
    assert container_kind(SimulatedMachine(files=files)) == kind


def test_a_mac_is_no_container() -> None:
    assert container_kind(SimulatedMachine(platform="darwin", files={"/.dockerenv": ""})) == ""


@pytest.mark.parametrize(
    ("files", "cores"),
    [
        ({}, None),
        ({"/sys/fs/cgroup/cpu.max": "150000 100000\n"}, 1.5),
        ({"/sys/fs/cgroup/cpu.max": "max 100000\n"}, None),
        ({"/sys/fs/cgroup/cpu.max": "garbage"}, None),
        ({"/sys/fs/cgroup/cpu.max": "50000 100000 and more"}, 0.5),
        ({"/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "50000", "/sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000"}, 0.5),
        ({"/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1", "/sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000"}, None),
    ],
)
def test_the_limit_of_cores(files: dict[str, str], cores: float | None) -> None:
    assert cpu_limit_cores(SimulatedMachine(files=files)) == cores


@pytest.mark.parametrize(
    ("files", "limit"),
    [
        ({}, None),
        ({"/sys/fs/cgroup/memory.max": "536870912\n"}, 536870912),
        ({"/sys/fs/cgroup/memory.max": "max"}, None),
        ({"/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712"}, None),
    ],
)
def test_the_limit_of_memory(files: dict[str, str], limit: int | None) -> None:
    assert memory_limit_bytes(SimulatedMachine(files=files)) == limit


def test_the_strictest_of_nested_groups_holds() -> None:
    files = {
        "/proc/self/cgroup": "0::/user.slice/run-1.scope\n",
        "/sys/fs/cgroup/user.slice/memory.max": "1000",
        "/sys/fs/cgroup/user.slice/run-1.scope/memory.max": "5000",
    }
    assert memory_limit_bytes(SimulatedMachine(files=files)) == 1000

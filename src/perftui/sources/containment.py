"""Whether we run in a container, and how much of the machine it lets us have."""

from __future__ import annotations

from pathlib import PurePosixPath

from perftui.sources.probe import Probe

# A control group without a limit says "max", or (the older kind) a number near 2 to the 63rd.
_NO_LIMIT_BYTES = 1 << 60


def container_kind(probe: Probe) -> str:
    """Return what kind of container we run in, or an empty string."""
    if not probe.platform.startswith("linux"):
        return ""
    if probe.exists("/run/.containerenv"):
        return "Podman"
    if probe.exists("/.dockerenv"):
        return "Docker"
    if probe.exists("/var/run/secrets/kubernetes.io"):
        return "Kubernetes"
    groups = probe.text("/proc/1/cgroup") or ""
    for mark, kind in (("kubepods", "Kubernetes"), ("docker", "Docker"), ("libpod", "Podman"), ("lxc", "LXC")):
        if mark in groups:
            return kind
    named = (probe.text("/run/systemd/container") or "").strip()
    return "" if named == "wsl" else named


def cpu_limit_cores(probe: Probe) -> float | None:
    """Return how many cores the control group lets us use, or None where it sets no limit."""
    limits = [_cores(*(probe.text(f"{group}/cpu.max") or "").split()[:2]) for group in _groups(probe)]
    older = "/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "/sys/fs/cgroup/cpu/cpu.cfs_period_us"
    limits.append(_cores(*((probe.text(path) or "").strip() for path in older)))
    return min((limit for limit in limits if limit is not None), default=None)


def memory_limit_bytes(probe: Probe) -> int | None:
    """Return how much memory the control group lets us use, or None where it sets no limit."""
    paths = [f"{group}/memory.max" for group in _groups(probe)]
    paths.append("/sys/fs/cgroup/memory/memory.limit_in_bytes")
    limits = [_number((probe.text(path) or "").strip()) for path in paths]
    return min((limit for limit in limits if limit is not None and 0 < limit < _NO_LIMIT_BYTES), default=None)


def _groups(probe: Probe) -> list[str]:
    """Return the directory of our control group and of each that it lies in: the strictest limit holds."""
    groups = (probe.text("/proc/self/cgroup") or "").splitlines()
    own = next((line.removeprefix("0::/") for line in groups if line.startswith("0::/")), "")
    path = PurePosixPath("/sys/fs/cgroup") / own
    return [str(group) for group in (path, *path.parents) if group.is_relative_to("/sys/fs/cgroup")]


def _cores(quota: str = "", period: str = "") -> float | None:
    quota_us, period_us = _number(quota), _number(period)
    return quota_us / period_us if quota_us and period_us and quota_us > 0 and period_us > 0 else None


def _number(word: str) -> int | None:
    try:
        return int(word)
    except ValueError:
        return None

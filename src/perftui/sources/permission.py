"""Whether this machine lets one process look into another, and what would help where it does not."""

from __future__ import annotations

from dataclasses import dataclass

from perftui.sources.containment import container_kind
from perftui.sources.probe import Probe

_CAP_SYS_PTRACE = 1 << 19
_FILTERED = "2"
"""Value of `Seccomp` in a status file where a filter of system calls is set."""

AS_ROOT = 'sudo env "PATH=$PATH" perftui'
"""How to start perftui with root's rights: sudo alone would not find it in a virtual environment."""
RUN_AS_ROOT = f"Run perftui as root: {AS_ROOT}"
_CONTAINER = "Start the container with --cap-add SYS_PTRACE (Kubernetes: securityContext.capabilities.add)."
_YAMA = f"Allow it: sudo sysctl kernel.yama.ptrace_scope=0; or run perftui as root: {AS_ROOT}"


@dataclass(frozen=True, slots=True)
class Permission:
    """What may be observed here."""

    launched: bool
    """Processes that perftui starts itself."""
    attached: bool
    """Processes of our own user that run already."""
    others: bool
    """Processes of other users."""
    finding: str
    remedy: str = ""


def permission(probe: Probe) -> Permission:
    """Find out what this user may observe on this machine."""
    if probe.platform == "darwin":
        return _on_macos(probe)
    if not probe.platform.startswith("linux"):
        return Permission(True, True, False, f"the rules of {probe.platform} are not known here")
    return _on_linux(probe)


def capabilities(status: dict[str, str], name: str = "CapEff") -> int:
    """Return a capability set of a status file as bits."""
    try:
        return int(status.get(name, "0"), 16)
    except ValueError:
        return 0


def status_of(probe: Probe, pid: int | str) -> dict[str, str]:
    """Return the fields of a process's status file; none where it cannot be read."""
    lines = (probe.text(f"/proc/{pid}/status") or "").splitlines()
    return {name: value.strip() for name, colon, value in (line.partition(":") for line in lines) if colon}


def _on_macos(probe: Probe) -> Permission:
    if probe.uid == 0:
        return Permission(True, True, True, "root may observe every process that the system itself does not protect")
    return Permission(False, False, False, "macOS lets only root observe another process", RUN_AS_ROOT)


def _on_linux(probe: Probe) -> Permission:
    status = status_of(probe, "self")
    may_trace_all = bool(capabilities(status) & _CAP_SYS_PTRACE)
    container = container_kind(probe)
    if container and status.get("Seccomp") == _FILTERED and probe.tracing_blocked():
        return Permission(False, False, False, f"the system call filter of {container} forbids tracing", _CONTAINER)
    scope = (probe.text("/proc/sys/kernel/yama/ptrace_scope") or "0").strip()
    if scope == "3":
        return Permission(
            False,
            False,
            False,
            "Yama forbids tracing to everybody, root included, until the next start (kernel.yama.ptrace_scope=3)",
            "Set kernel.yama.ptrace_scope to 0 or 1 in /etc/sysctl.d and restart the machine.",
        )
    if may_trace_all:
        return Permission(True, True, True, "every process may be observed (CAP_SYS_PTRACE)")
    return _without_capability(scope, container)


def _without_capability(scope: str, container: str) -> Permission:
    yama = _CONTAINER if container else _YAMA
    if scope == "2":
        return Permission(
            False, False, False, "Yama lets only root observe processes (kernel.yama.ptrace_scope=2)", yama
        )
    if scope == "1":
        finding = "Yama lets us observe only what perftui starts itself (kernel.yama.ptrace_scope=1)"
        return Permission(True, False, False, finding, yama)
    where = f" in this {container} container" if container else ""
    return Permission(True, True, False, f"processes of the same user may be observed{where}")

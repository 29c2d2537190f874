"""Machines that a diagnosis can be tried on without having them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

GIB = 1 << 30
ALL_RIGHTS = "000001ffffffffff"
DOCKER_RIGHTS = "00000000a80425fb"
NO_RIGHTS = "0000000000000000"
US = 4711
"""Our own process id on every simulated machine."""


@dataclass
class SimulatedMachine:
    """A probe whose answers are given; files are those of /proc and /sys that the test cares for."""

    platform: str = "linux"
    uid: int = 1000
    pid: int = US
    python: tuple[int, int, int] = (3, 12, 1)
    files: dict[str, str] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    owners: dict[str, int] = field(default_factory=dict)
    programs: dict[str, bytes] = field(default_factory=dict)
    """What program files hold, by path; one that is missing cannot be read."""
    packages: dict[str, str] = field(default_factory=lambda: {"memray": "1.20.0"})
    commands: dict[str, str | None] = field(
        default_factory=lambda: {"--version": "py-spy 0.4.3\n", "dump": "Thread 1 (idle)"}
    )
    """What py-spy prints, by its first word; None where it fails."""
    has_pyspy: bool = True
    free: int | None = 100 * GIB
    may_write: bool = True
    filter_blocks: bool | None = None
    processes: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.files = dict(self.files)
        rights = ALL_RIGHTS if self.uid == 0 else NO_RIGHTS
        self.files.setdefault("/proc/self/status", f"CapPrm:\t{rights}\nCapEff:\t{rights}\nSeccomp:\t0\n")

    def text(self, path: str) -> str | None:
        return self.files.get(path)

    def link(self, path: str) -> str | None:
        return self.links.get(path)

    def exists(self, path: str) -> bool:
        return path in self.files

    def names(self, path: str) -> Sequence[str]:
        return [*{part.split("/")[2] for part in self.files if part.startswith("/proc/")}] if path == "/proc" else ()

    def owner(self, path: str) -> int | None:
        return self.owners.get(path)

    def holds(self, path: str, needles: Sequence[bytes]) -> bool | None:
        held = self.programs.get(path)
        return None if held is None else any(needle in held for needle in needles)

    def head(self, path: str) -> bytes | None:
        held = self.programs.get(path)
        return None if held is None else held[:20]

    def process_exists(self, pid: int) -> bool:
        return pid in self.processes

    def user_name(self, uid: int) -> str:
        return {0: "root", 1000: "ada", 1001: "grace"}.get(uid, f"user {uid}")

    def version_of(self, package: str) -> str | None:
        return self.packages.get(package)

    def executable(self, name: str) -> str | None:
        return f"/usr/bin/{name}" if self.has_pyspy else None

    def free_bytes(self, path: Path) -> int | None:
        return self.free

    def writable(self, path: Path) -> bool:
        return self.may_write

    def tracing_blocked(self) -> bool | None:
        return self.filter_blocks

    def run(self, argv: Sequence[str], *, timeout_s: float) -> str | None:
        return self.commands.get(argv[1])

    def with_yama(self, scope: int) -> SimulatedMachine:
        self.files["/proc/sys/kernel/yama/ptrace_scope"] = f"{scope}\n"
        return self

    def with_rights(self, rights: str, *, seccomp: int = 0) -> SimulatedMachine:
        self.files["/proc/self/status"] = f"CapPrm:\t{rights}\nCapEff:\t{rights}\nSeccomp:\t{seccomp}\n"
        return self

    def with_process(
        self,
        pid: int,
        *,
        program: str | None = "/usr/bin/python3.12",
        holds: bytes | None = b"\x7fELF\x02 PyEval_EvalFrame",
        libraries: str | None = "/usr/lib/libc.so.6",
        uid: int | None = None,
        dumpable: bool = True,
        parent: int = 1,
        flags: int = 0,
        status: Mapping[str, str] | None = None,
    ) -> SimulatedMachine:
        """Add a process; what its owner would not let us read is None."""
        uid = self.uid if uid is None else uid
        at = f"/proc/{pid}"
        name = Path(program or "secret").name
        fields = {"Name": name, "State": "S (sleeping)", "PPid": str(parent), "TracerPid": "0", "CapPrm": NO_RIGHTS}
        fields |= {"Uid": f"{uid}\t{uid}\t{uid}\t{uid}"} | dict(status or {})
        self.processes.add(pid)
        self.files[f"{at}/status"] = "".join(f"{label}:\t{value}\n" for label, value in fields.items())
        self.files[f"{at}/stat"] = f"{pid} (a ) b) S {parent} 1 1 0 -1 {flags} 0 0"
        self.files[f"{at}/cmdline"] = f"{program or 'secret'}\0app.py\0"
        self.owners[at] = uid if dumpable else 0
        if program is not None:
            self.links[f"{at}/exe"] = program
        if libraries is not None:
            self.files[f"{at}/maps"] = f"7f00-7f10 r-xp 00000000 08:01 42 {libraries}\n"
        if holds is not None:
            self.programs[f"{at}/exe"] = holds
        return self

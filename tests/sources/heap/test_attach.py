"""Whether memray can be attached, what is said where it cannot, and how an attachment follows its injector."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from perftui.errors import ExitCode, ObserveError
from perftui.model.workload import MemoryOptions
from perftui.sources.diagnosis import CheckVerdict, diagnose_machine
from perftui.sources.heap import inject
from perftui.sources.heap.attach import AttachState, HeapAttachment, State, refusal
from perftui.sources.heap.attachable import (
    REMOTE_EXEC,
    RISKS,
    TargetMemray,
    memray_of,
    method_for,
    named,
    risks,
    why_not,
)
from tests.sources.machines import SimulatedMachine

PID = 99
VENV = "/home/ada/venv"
SITE = f"{VENV}/lib/python3.12/site-packages"
MEMRAY = {f"{SITE}/memray/__init__.py": "", f"{SITE}/memray-1.20.0.dist-info/METADATA": ""}


@dataclass
class Machine(SimulatedMachine):
    """A machine with the debuggers that are named, and directories made of its files."""

    debuggers: tuple[str, ...] = ("gdb",)
    heads: dict[str, bytes] = field(default_factory=dict)

    def executable(self, name: str) -> str | None:
        return f"/usr/bin/{name}" if name in self.debuggers else None

    def names(self, path: str) -> Sequence[str]:
        below = [name.removeprefix(f"{path}/") for name in self.files if name.startswith(f"{path}/")]
        return [*dict.fromkeys(name.split("/")[0] for name in below)] or super().names(path)

    def head(self, path: str) -> bytes | None:
        return self.heads.get(path) or super().head(path)

    def with_venv(self, packages: dict[str, str], *, settings: str = "home = /usr/bin\n") -> Machine:
        """Add our process: it runs in a virtual environment that has these files."""
        self.with_process(PID, program="/usr/bin/python3.12")
        self.files[f"/proc/{PID}/cmdline"] = f"{VENV}/bin/python\0app.py\0"
        self.files[f"{VENV}/pyvenv.cfg"] = settings
        self.files[f"{SITE}/pip/__init__.py"] = ""
        self.files |= packages
        return self


def machine(**facts: object) -> Machine:
    return Machine(**facts).with_venv(MEMRAY)  # type: ignore[arg-type]


def sentence(problem: ObserveError | None) -> str:
    assert problem is not None
    assert problem.exit_code is ExitCode.CANNOT_OBSERVE
    assert problem.hint
    assert "\n" not in problem.message + problem.hint
    return f"{problem.message} {problem.hint}"


def test_nothing_speaks_against_a_python_that_has_memray() -> None:
    assert why_not(PID, probe=machine()) is None


def test_without_a_debugger_the_remedy_is_one_or_a_launch() -> None:
    said = sentence(why_not(PID, probe=machine(debuggers=())))
    assert "gdb" in said
    assert "perftui run --mode memory" in said


def test_what_is_no_python_or_not_there_or_not_ours_is_refused_as_for_cpu() -> None:
    other = machine()
    other.with_process(PID, program="/usr/bin/vi", holds=b"\x7fELF\x02 vi")
    assert "not a Python program" in sentence(why_not(PID, probe=other))
    assert "no process 98" in sentence(why_not(98, probe=machine()))
    assert "Yama" in sentence(why_not(PID, probe=machine().with_yama(1)))
    other.with_process(PID, uid=1001)
    assert "belongs to grace" in sentence(why_not(PID, probe=other))


def test_what_only_py_spy_cannot_read_is_no_reason() -> None:
    new = machine()
    new.files[f"/proc/{PID}/maps"] = "7f00-7f10 r-xp 00000000 08:01 42 /usr/lib/libpython3.15.so.1.0\n"
    assert why_not(PID, probe=new) is None


def test_memray_must_be_installed_on_both_sides() -> None:
    assert "beside perftui" in sentence(why_not(PID, probe=machine(packages={})))
    said = sentence(why_not(PID, probe=Machine().with_venv({})))
    assert f"not installed in the Python of process {PID}" in said
    assert f"{VENV}/bin/python -m pip install memray==1.20.0" in said


@pytest.mark.parametrize(
    "settings", ["include-system-site-packages = true\n", "home = /x\nInclude-System-Site-Packages=True"]
)
def test_an_environment_that_shares_packages_may_have_memray_anywhere(settings: str) -> None:
    shared = Machine().with_venv({}, settings=settings)
    assert memray_of(PID, shared).installed is None
    assert why_not(PID, probe=shared) is None


def test_memray_is_found_wherever_the_process_looks() -> None:
    assert memray_of(PID, machine()) == TargetMemray(True, "1.20.0")
    linked = Machine().with_venv(
        {f"{SITE}/more.pth": "# a remark\nimport x\n/opt/more\n", "/opt/more/memray/__init__.py": ""}
    )
    assert memray_of(PID, linked).installed
    told = Machine().with_venv({"/opt/told/memray/__init__.py": ""})
    told.files[f"/proc/{PID}/environ"] = "PYTHONPATH=/opt/none:/opt/told\0"
    assert memray_of(PID, told).installed
    loaded = Machine().with_venv({})
    loaded.files[f"/proc/{PID}/maps"] = "7f00-7f10 r-xp 0 08:01 42 /opt/x/memray/_memray.cpython-312.so\n"
    assert memray_of(PID, loaded).installed


def test_memray_of_a_plain_installation_and_of_the_user_is_found() -> None:
    plain = Machine().with_process(PID, program="/usr/bin/python3.12")
    plain.files[f"/proc/{PID}/cmdline"] = "python3.12\0app.py\0"
    plain.files[f"/proc/{PID}/environ"] = "PATH=/usr/bin:/bin\0HOME=/home/ada\0"
    plain.files["/usr/bin/python3.12"] = ""
    plain.files["/usr/lib/python3/dist-packages/apt/__init__.py"] = ""
    assert memray_of(PID, plain).installed is False
    plain.files["/home/ada/.local/lib/python3.12/site-packages/memray/__init__.py"] = ""
    assert memray_of(PID, plain).installed


def test_nothing_is_called_missing_that_may_be_there() -> None:
    renamed = Machine().with_venv({})
    renamed.files[f"/proc/{PID}/cmdline"] = "gunicorn: master\0"
    assert memray_of(PID, renamed).installed is None
    secret = Machine(uid=0).with_process(PID, program=None, libraries=None)
    assert memray_of(PID, secret).installed is None
    moved = Machine().with_venv({})
    moved.files[f"/proc/{PID}/environ"] = "PYTHONHOME=/opt/python\0"
    assert memray_of(PID, moved).installed is None


def test_a_process_that_a_debugger_holds_is_refused() -> None:
    held = machine()
    held.files[f"/proc/{PID}/status"] += "TracerPid:\t1234\n"
    assert "traced by process 1234" in sentence(why_not(PID, probe=held))


def test_a_sampler_that_holds_the_process_for_a_moment_is_no_reason() -> None:
    class Sampled(Machine):
        looks = 0

        def text(self, path: str) -> str | None:
            text = super().text(path)
            if path != f"/proc/{PID}/status" or text is None:
                return text
            self.looks += 1
            return text + "TracerPid:\t1234\n" if self.looks % 2 else text

    assert why_not(PID, probe=Sampled().with_venv(MEMRAY)) is None


def test_a_stopped_process_is_refused() -> None:
    stopped = machine()
    stopped.files[f"/proc/{PID}/status"] += "State:\tT (stopped)\n"
    assert f"kill -CONT {PID}" in sentence(why_not(PID, probe=stopped))


def test_a_process_in_another_container_is_refused() -> None:
    other = machine()
    other.links |= {"/proc/self/ns/net": "net:[1]", f"/proc/{PID}/ns/net": "net:[1]"}
    assert why_not(PID, probe=other) is None
    other.links |= {"/proc/self/ns/mnt": "mnt:[1]", f"/proc/{PID}/ns/mnt": "mnt:[2]"}
    assert "container" in sentence(why_not(PID, probe=other))


def test_a_capture_that_is_being_written_is_not_taken_away() -> None:
    traced = machine()
    traced.files[f"/proc/{PID}/maps"] += (
        "7f20-7f30 rw-s 00000000 08:01 43 /dev/shm/mine\n7f40-7f50 -w-s 00000000 08:01 44 /tmp/a b.bin\n"
    )
    assert why_not(PID, probe=traced) is None
    traced.heads["/tmp/a b.bin"] = b"memray\0\x0d"
    said = sentence(why_not(PID, probe=traced))
    assert "/tmp/a b.bin" in said
    assert f"memray detach {PID}" in said


def test_names_from_outside_are_printable() -> None:
    hostile = machine(debuggers=())
    hostile.debuggers = ("gdb",)
    hostile.files[f"/proc/{PID}/status"] += "Name:\t\x1b[31mred\nTracerPid:\t12\x1b[1m\n"
    assert "\x1b" not in sentence(why_not(PID, probe=hostile))
    assert "\x1b" not in named(PID, probe=hostile)


@pytest.mark.parametrize(
    ("platform", "debuggers", "python", "method"),
    [
        ("linux", ("gdb", "lldb"), (3, 12, 1), "gdb"),
        ("linux", ("lldb",), (3, 12, 1), "lldb"),
        ("darwin", ("gdb", "lldb"), (3, 12, 1), "lldb"),
        ("linux", (), (3, 12, 1), None),
        ("linux", ("gdb",), (3, 14, 0), "gdb"),
    ],
)
def test_the_method_is_what_the_machine_has(
    platform: str, debuggers: tuple[str, ...], python: tuple[int, int, int], method: str | None
) -> None:
    assert method_for(PID, probe=machine(platform=platform, debuggers=debuggers, python=python)) == method


def test_two_pythons_of_one_version_from_3_14_on_need_no_debugger() -> None:
    new = Machine(python=(3, 14, 2), debuggers=())
    new.with_process(PID, program="/usr/bin/python3.14")
    assert method_for(PID, probe=new) == REMOTE_EXEC
    new.with_process(PID, program="/usr/bin/python3.15")
    assert method_for(PID, probe=new) is None


def test_the_risks_name_what_can_happen_and_another_version_of_memray() -> None:
    told = " ".join(risks(PID, probe=machine()))
    assert [word in told for word in ("debugger", "allocates", "kills", "from now on", "slows", "another")] == [
        True
    ] * 6
    assert risks(PID, probe=machine(packages={"memray": "1.21.0"}))[:-1] == RISKS
    assert "1.20.0" in risks(PID, probe=machine(packages={"memray": "1.21.0"}))[-1]


@pytest.mark.parametrize(
    ("debuggers", "python", "verdict", "finding"),
    [
        (("gdb", "py-spy"), (3, 12, 1), CheckVerdict.OK, "gdb"),
        (("py-spy",), (3, 12, 1), CheckVerdict.WARN, "what perftui starts"),
        (("py-spy",), (3, 14, 0), CheckVerdict.WARN, "Python 3.14"),
    ],
)
def test_the_doctor_says_whether_memray_can_be_attached(
    debuggers: tuple[str, ...], python: tuple[int, int, int], verdict: CheckVerdict, finding: str
) -> None:
    probe = Machine(debuggers=debuggers, python=python)
    check = next(one for one in diagnose_machine(sessions=Path("/s"), probe=probe) if one.name == "debugger")
    assert check.verdict is verdict
    assert finding in check.finding
    assert bool(check.remedy) is (verdict is CheckVerdict.WARN)


FAILED = "Failed to attach a debugger to the process.\n"
STARTING = "Failed to start tracking in remote process: "


@pytest.mark.parametrize(
    ("said", "message", "hint"),
    [
        (f"{FAILED}The given process ID does not exist.", "has ended", "pgrep"),
        (f"{FAILED}The given process ID is owned by a different user.", "another user", "sudo"),
        (f"{FAILED}You most likely do not have permission to trace the process.", "may not stop", "doctor"),
        ("The process does not seem to be running Python 3.7 or newer.", "no Python", "perftui run"),
        ("Cannot find a supported lldb or gdb executable and sys.remote_exec is not available.", "gdb", "Install"),
        ("sys.remote_exec requires Python 3.14 or newer.", "3.14", "gdb"),
        (f"{STARTING}ModuleNotFoundError(\"No module named 'memray'\")", "not installed in the Python", "pip install"),
        ("/venv/bin/python: No module named memray", "beside perftui", "pip install"),
        (f"{STARTING}RuntimeError('No more than one Tracker instance can be active')", "already", "end first"),
        (f"{STARTING}OSError('Output file /x already exists. ...')", "already", "once more"),
        (
            f"{STARTING}OSError('Could not create output file /x: Permission denied')",
            "e: Could not create output file /x: Permission denied.",
            "--sessions",
        ),
        ("The target process couldn't open the memray shared library.\nThis can occur", "may not read", "Install"),
        ("Timed out waiting for connection from pid 99", "ten seconds", "again"),
        (f"{STARTING}ImportError('libunwind.so.8: no such file')", "libunwind", "pip install"),
        ("An unexpected error occurred. Run with --verbose to debug the failure.", "did not get memray", "again"),
        ("what is new\n\x1b[31min another version", "in another version", "perftui run"),
        ("", "did not say why", "perftui run"),
    ],
)
def test_each_refusal_of_memray_is_one_sentence_with_a_remedy(said: str, message: str, hint: str) -> None:
    told, remedy = refusal(PID, said, machine())
    assert message in told
    assert hint in remedy
    assert "\n" not in told + remedy
    assert "\x1b" not in told


class FakeInjector:
    """An injector that says what the test lets it say."""

    def __init__(self) -> None:
        self.stdout_fd, self._voice = os.pipe()
        self.heard: list[bytes] = []
        self.argv: Sequence[str] = ()
        self.left = False

    def __call__(self, argv: Sequence[str]) -> FakeInjector:
        self.argv = argv
        return self

    def tell(self, state: str, *, alive: bool = True, said: str = "") -> None:
        os.write(self._voice, json.dumps({"state": state, "alive": alive, "said": said}).encode() + b"\n")

    def end(self) -> None:
        os.close(self._voice)
        self._voice = -1

    def say(self, line: bytes) -> None:
        self.heard.append(line)

    def let_go(self) -> None:
        self.left = True

    def close(self) -> None:
        os.close(self.stdout_fd)
        if self._voice >= 0:
            self.end()


class Clock:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        self.now_s += 0.001
        return self.now_s


@pytest.fixture
def fake() -> Iterator[FakeInjector]:
    injector = FakeInjector()
    yield injector
    injector.close()


def attached(fake: FakeInjector, clock: Clock | None = None, **options: bool) -> HeapAttachment:
    one = HeapAttachment(
        PID,
        Path("/c/a.bin"),
        options=MemoryOptions(**options),  # type: ignore[arg-type]
        probe=machine(),
        start=fake,
        clock=clock or Clock(),
    )
    one.start()
    return one


def test_the_injector_gets_both_commands_and_no_more_than_asked_for(fake: FakeInjector) -> None:
    attached(fake)
    assert fake.argv[-3] == str(PID)
    attach, detach = json.loads(fake.argv[-2]), json.loads(fake.argv[-1])
    memray = [sys.executable, "-P", "-m", "memray"]
    assert attach == [*memray, "attach", "--no-compress", "-o", "/c/a.bin", "--method", "gdb", "99"]
    assert detach == [*memray, "detach", "--method", "gdb", "99"]


def test_options_become_flags(fake: FakeInjector) -> None:
    attached(fake, native=True, pymalloc=True, children=True)
    given = json.loads(fake.argv[-2])
    assert {"--native", "--trace-python-allocators", "--follow-fork"} <= set(given)


def test_an_attachment_goes_from_pending_to_tracing_to_detached(fake: FakeInjector) -> None:
    one = attached(fake)
    assert one.poll() == AttachState(State.PENDING)
    fake.tell("tracing")
    assert one.poll() == AttachState(State.TRACING)
    assert one.poll() == AttachState(State.TRACING)
    one.detach()
    one.detach()
    assert fake.heard == [b"detach\n"]
    fake.tell("detached")
    fake.end()
    assert one.close() == AttachState(State.DETACHED)
    assert fake.left
    assert one.close() == AttachState(State.DETACHED)


def test_a_long_wait_is_explained(fake: FakeInjector) -> None:
    clock = Clock()
    one = attached(fake, clock)
    clock.now_s += 4
    assert "has not allocated" in one.poll().message
    assert one.poll().state is State.PENDING
    fake.tell("tracing")
    assert one.poll() == AttachState(State.TRACING)


def test_a_target_that_cannot_be_left_yet_is_left_to_the_injector(fake: FakeInjector) -> None:
    clock = Clock()
    one = attached(fake, clock)
    fake.tell("tracing")
    one.poll()
    assert one.close(timeout_s=0.01).state is State.TRACING
    assert fake.left


def test_the_end_of_the_target_and_a_foreign_detach_are_told(fake: FakeInjector) -> None:
    one = attached(fake)
    fake.tell("detached", alive=False)
    assert one.poll() == AttachState(State.DETACHED, "Process 99 has ended.")
    fake.tell("detached", said="Failed to stop tracking: no previous ``memray attach`` call detected")
    assert "Somebody else" in one.poll().message


def test_a_failure_to_detach_is_told_with_what_to_do_by_hand(fake: FakeInjector) -> None:
    one = attached(fake)
    fake.tell("tracing")
    fake.tell("detached", said="Failed to attach a debugger to the process.")
    state = one.poll()
    assert state.state is State.TRACING
    assert state.hint.endswith("memray detach 99")


def test_an_injector_that_was_killed_is_told(fake: FakeInjector) -> None:
    one = attached(fake)
    fake.end()
    assert one.poll().state is State.REFUSED
    assert fake.left


def test_an_injector_that_was_killed_while_memray_traces_is_told(fake: FakeInjector) -> None:
    one = attached(fake)
    fake.tell("tracing")
    one.poll()
    fake.end()
    state = one.poll()
    assert state.state is State.TRACING
    assert "memray detach 99" in state.hint


def test_an_attachment_without_a_method_or_without_a_process_cannot_begin() -> None:
    with pytest.raises(ObserveError, match="gdb"):
        HeapAttachment(PID, Path("/c"), probe=machine(debuggers=())).start()

    def fail(argv: Sequence[str]) -> FakeInjector:
        raise OSError(12, "Cannot allocate memory")

    with pytest.raises(ObserveError, match="Cannot allocate memory"):
        HeapAttachment(PID, Path("/c"), probe=machine(), start=fail).start()


def test_the_injector_s_script_needs_nothing_but_the_standard_library() -> None:
    check = f"import runpy, sys; runpy.run_path({inject.__file__!r}, run_name='x'); print(*sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-I", "-S", "-c", check], capture_output=True, text=True, check=True)
    assert {"perftui", "memray", "subprocess", "psutil"}.isdisjoint(loaded.stdout.split())


def run_injector(target: subprocess.Popen[bytes], attach: str, detach: str) -> tuple[list[str], bytes]:
    """Run the injector with two shell commands in memray's place until it ends; it is asked for that at once."""
    commands = [json.dumps(["/bin/sh", "-c", command]) for command in (attach, detach)]
    run = [sys.executable, "-I", "-S", inject.__file__, str(target.pid), *commands]
    with subprocess.Popen(run, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as injector:
        assert injector.stdout is not None
        first = injector.stdout.readline()
        out, errors = injector.communicate(b"", timeout=30)
    return [json.loads(line)["state"] for line in (first + out).splitlines()], errors


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(["sleep", "60"]) as process:
        yield process
        process.kill()


def test_the_injector_tells_how_it_goes(sleeper: subprocess.Popen[bytes], tmp_path: Path) -> None:
    assert run_injector(sleeper, "true", "true") == (["tracing", "detached"], b"")
    assert run_injector(sleeper, "echo no >&2; exit 1", "true") == (["refused"], b"")
    # A tracer that holds the target for a moment is waited for.
    once = f"[ -e {tmp_path}/tried ] || {{ touch {tmp_path}/tried; echo Failed to attach a debugger; exit 1; }}"
    assert run_injector(sleeper, once, "true") == (["tracing", "detached"], b"")


def test_the_injector_spares_its_tools_the_signals_that_end_processes(
    sleeper: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    survive = f"kill -TERM $$; kill -HUP $$; echo lives > {tmp_path}/said"
    assert run_injector(sleeper, survive, "true")[0] == ["tracing", "detached"]
    assert (tmp_path / "said").read_text() == "lives\n"

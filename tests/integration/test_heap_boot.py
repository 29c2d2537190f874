"""Real programs under the real memray: they run as they would without it, and what they allocate is known."""

from __future__ import annotations

import json
import os
import py_compile
import select
import signal
import subprocess
import sys
import textwrap
import time
import venv
import zipfile
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path

import memray
import pytest

from perftui.model.sample import SampleWindow
from perftui.model.workload import MemoryOptions, SamplingOptions, Workload
from perftui.sources import processes
from perftui.sources.base import SourceEvent
from perftui.sources.cpu_pyspy import PySpySource
from perftui.sources.gate import Visitor
from perftui.sources.heap import BOOT_FILE, tracing
from perftui.sources.heap.tracing import REPORT_SUFFIX, Tracing
from perftui.sources.launch import Keeper, Launched

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the other command lines are those of Linux"),
]

LIMIT_S = 40.0
MB = 1_000_000
TICKETS = ("PERFTUI_CAPTURE", "PERFTUI_MEMRAY")
WORKLOADS = Path(__file__).parents[1] / "workloads"
# Prints all that a program could notice of how it was started.
SEE = """
import os, sys
if sys.argv[1:] == ["raise"]:
    raise ValueError("as asked")
main = sys.modules["__main__"]
seen = {name: value for name, value in vars(main).items() if name not in {"main", "os", "sys", "__builtins__"}}
seen["__loader__"] = getattr(main.__loader__, "__name__", type(main.__loader__))
seen["__spec__"] = main.__spec__ and (main.__spec__.name, main.__spec__.origin)
print(seen, vars(main) is globals(), sys._getframe().f_code.co_filename)
print(sys.argv, sys.orig_argv, sys.path, sys.flags, sys.warnoptions, sys._xoptions, sys.executable, sys.prefix)
print(dict(os.environ), sys.excepthook is sys.__excepthook__)
print(sorted(int(name) for name in os.listdir("/dev/fd") if int(name) < 200))
"""
POOLS = """
import inspect, multiprocessing, os, pickle

class Task:
    pass

def work(number):
    return number * number, __name__, [name for name in os.environ if name.startswith("PERFTUI")]

if __name__ == "__main__":
    print(inspect.getsource(work), pickle.loads(pickle.dumps(Task())).__class__)
    for method in ("spawn", "fork", "forkserver"):
        with multiprocessing.get_context(method).Pool(4) as pool:
            print(pool.map(work, range(8)))
"""
LATE = """
import atexit, threading, time

kept = []

def at_exit():
    kept.append(bytearray(5_000_000))

def linger():
    time.sleep(0.1)
    kept.append(bytearray(7_000_000))
    print("late")

def load():
    kept.extend(bytearray(1_000_000) for _ in range(3))

atexit.register(at_exit)
threading.Thread(target=linger).start()
load()
1 / 0
"""
PROGRAMS = {
    "see.py": SEE,
    "dir/__main__.py": SEE,
    "package/__init__.py": "",
    "package/__main__.py": SEE,
    "package/sub.py": SEE,
    "empty/nothing.txt": "",
    "pools.py": POOLS,
    "late.py": LATE,
    "broken.py": "x = = 1\n",
    "latin.py": "# coding: latin-1\nprint(ascii('\xe9'))\n",
    "chain.py": "try:\n    {}['a']\nexcept KeyError:\n    raise RuntimeError('b')\n",
    "hook.py": "import sys\nsys.excepthook = lambda *a: print(a[0], a[2].tb_frame.f_code.co_filename)\n1 / 0\n",
    "warn.py": "import warnings\nwarnings.warn('careful')\n",
}
KILL = "import os, signal; os.kill(os.getpid(), signal.{}); import time; time.sleep(9)"


@dataclass
class Outcome:
    """How a command went."""

    output: str
    code: int
    capture: Path
    report: dict[str, object] = field(default_factory=dict)

    @property
    def state(self) -> object:
        return self.report.get("state", "untold")

    def held(self) -> dict[str, int]:
        """Bytes that were never freed, by stack without our own frames."""
        found: dict[str, int] = {}
        with memray.FileReader(self.capture) as reader:
            for record in reader.get_leaked_allocation_records():
                stack = [(name, file) for name, file, _ in reversed(record.stack_trace())]
                while stack and stack[0][1] == BOOT_FILE:
                    del stack[0]
                path = ";".join(name for name, _ in stack)
                found[path] = found.get(path, 0) + record.size
        return {path: size for path, size in found.items() if size >= MB}


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    directory = tmp_path / "programs"
    for name, content in PROGRAMS.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="latin-1")
    (directory / "link.py").symlink_to(directory / "dir" / "__main__.py")
    py_compile.compile(str(directory / "see.py"), cfile=str(directory / "compiled.pyc"))
    with zipfile.ZipFile(directory / "app.pyz", "w") as archive:
        archive.writestr("__main__.py", SEE)
    return directory


def run(
    argv: tuple[str, ...],
    cwd: Path,
    *,
    traced: bool = True,
    options: MemoryOptions | None = None,
    capture: Path | None = None,
    stdin: str = "",
) -> Outcome:
    """Run a command to its end, with its allocations traced or not."""
    if capture is None:
        captures = cwd.parent / "captures"
        captures.mkdir(exist_ok=True)
        capture = captures / f"{len(list(captures.iterdir()))}.bin"
    reader, writer = os.pipe()
    os.write(writer, stdin.encode())
    os.close(writer)
    with Keeper() as keeper:
        how = Tracing(capture, options or MemoryOptions()) if traced else None
        launched = keeper.launch(Workload(argv, cwd=cwd), stdin=reader, tracing=how)
        launched.gate.close()
        output = output_of(launched)
        ended = keeper.poll_exit(LIMIT_S)
    os.close(reader)
    assert ended is not None
    report = capture.with_name(capture.name + REPORT_SUFFIX)
    told = json.loads(report.read_text()) if report.exists() else {}
    return Outcome(output, ended.code, capture, told)


def output_of(launched: Launched) -> str:
    said = b""
    while (data := launched.read_output()) is not None:
        said += data
        select.select([launched.output_fd], [], [], LIMIT_S)
    os.close(launched.output_fd)
    return said.decode("utf-8", "surrogateescape")


def code(text: str) -> tuple[str, ...]:
    return (sys.executable, "-c", textwrap.dedent(text))


@pytest.mark.parametrize(
    ("words", "state"),
    [
        (("see.py", "a", "-m", "b"), "tracing"),
        (("./see.py",), "tracing"),
        (("link.py",), "tracing"),
        (("package/../see.py",), "tracing"),
        (("compiled.pyc",), "tracing"),
        (("latin.py",), "tracing"),
        (("dir", "a"), "tracing"),
        (("app.pyz", "a"), "tracing"),
        (("-m", "see", "a"), "tracing"),
        (("-mpackage",), "tracing"),
        (("-m", "package.sub", "a"), "tracing"),
        (("-uBm", "see", "a"), "tracing"),
        (("-c", SEE, "-c"), "tracing"),
        (("-c" + SEE, "a"), "tracing"),
        (("-", "a"), "tracing"),
        ((), "tracing"),
        (("-P", "see.py"), "tracing"),
        (("-W", "error", "-Xdev", "-X", "utf8", "-OO", "--", "see.py"), "tracing"),
        (("-I", "see.py"), "untold"),
        (("-x", "see.py"), "refused"),
        (("see.py", "raise"), "tracing"),
        (("dir", "raise"), "tracing"),
        (("-m", "see", "raise"), "tracing"),
        (("-c", "def f(): 1 / 0\nf()"), "tracing"),
        (("chain.py",), "tracing"),
        (("hook.py",), "tracing"),
        (("warn.py",), "tracing"),
        (("late.py",), "tracing"),
        (("pools.py",), "tracing"),
        (("-c", "import sys; sys.exit(3)"), "tracing"),
        (("-c", "import sys; sys.exit('text')"), "tracing"),
        (("-c", "import os; os._exit(4)"), "tracing"),
        (("-c", "raise KeyboardInterrupt"), "tracing"),
        (("-c", "import os; os.abort()"), "tracing"),
        (("-c", KILL.format("SIGINT")), "tracing"),
        (("-c", KILL.format("SIGTERM")), "tracing"),
        (("-c", KILL.format("SIGKILL")), "tracing"),
        (("-c", KILL.format("SIGSEGV")), "tracing"),
        (("broken.py",), "refused"),
        (("-c", "x = = 1"), "refused"),
        (("-m", "nosuch"), "refused"),
        (("-m", "package.nosuch"), "refused"),
        (("empty",), "refused"),
        (("missing.py",), "untold"),
    ],
    ids=lambda value: " ".join(value)[:30].replace("\n", " ") if isinstance(value, tuple) else value,
)
def test_a_program_runs_as_it_would_without_us(words: tuple[str, ...], state: str, programs: Path) -> None:
    argv = (sys.executable, *words)
    stdin = "" if "see.py" in words else SEE
    without = run(argv, programs, traced=False, stdin=stdin)
    traced = run(argv, programs, stdin=stdin)
    if words[:1] == ("-I",):
        # What never comes to the gate finds our variables, as that of the gate itself.
        assert all(ticket in traced.output for ticket in TICKETS)
    else:
        assert traced.output == without.output
        assert not any(ticket in traced.output for ticket in TICKETS)
    assert traced.code == without.code
    assert traced.state == state
    assert traced.capture.exists() == (state == "tracing")


def test_known_bytes_are_found_where_they_were_allocated(programs: Path) -> None:
    traced = run((sys.executable, "late.py"), programs)
    # Newer interpreters give qualified names.
    held = {path.replace("Thread.", ""): size // MB for path, size in traced.held().items()}
    # Also what a thread that outlives the main one allocates, and what is called at the exit.
    assert held == {
        "<module>;load;<genexpr>": 3,
        "_bootstrap;_bootstrap_inner;run;linger": 7,
        "at_exit": 5,
    }


@pytest.mark.parametrize("form", [("-m", "late"), ("-c", LATE), ("-",)], ids=["module", "command", "input"])
def test_stacks_of_the_main_thread_are_whole_in_every_form(form: tuple[str, ...], programs: Path) -> None:
    held = run((sys.executable, *form), programs, stdin=LATE).held()
    runpy = "_run_module_as_main;_run_code;" if form[0] == "-m" else ""
    assert f"{runpy}<module>;load;<genexpr>" in held


def test_the_capture_tells_the_command_line_and_the_report_who_writes_it(programs: Path) -> None:
    traced = run((sys.executable, "-u", "-m", "see", "a"), programs, options=MemoryOptions(pymalloc=True))
    with memray.FileReader(traced.capture) as reader:
        assert reader.metadata.command_line == f"{sys.executable} -u -m see a"
        assert reader.metadata.pid == traced.report["pid"]
        assert reader.metadata.trace_python_allocators
    assert traced.report["memray"] == metadata.version("memray")
    assert traced.report["buffered"] is True


def test_the_first_interpreter_below_a_shell_is_traced_and_no_other(programs: Path) -> None:
    script = f"{sys.executable} missing.py; {sys.executable} -c 'print(1)'; {sys.executable} see.py"
    traced = run(("sh", "-c", script), programs)
    with memray.FileReader(traced.capture) as reader:
        assert reader.metadata.command_line.endswith("print(1)")
    assert not any(ticket in traced.output for ticket in TICKETS)


def test_a_script_that_is_started_by_its_own_name_is_traced(programs: Path) -> None:
    script = programs / "tool"
    script.write_text(f"#!{sys.executable}\nimport sys\nprint(sys.argv)\n")
    script.chmod(0o755)
    traced = run(("./tool", "a"), programs)
    assert traced.output == "['./tool', 'a']\n"
    assert traced.state == "tracing"


def test_forked_children_have_captures_of_their_own_if_asked(programs: Path) -> None:
    script = """
        import os
        kept = []
        def child(): kept.append(bytearray(4_000_000))
        if not os.fork():
            child()
            os._exit(0)
        print(os.wait()[0])
    """
    traced = run(code(script), programs, options=MemoryOptions(children=True))
    traced.capture = traced.capture.with_name(f"{traced.capture.name}.{traced.output.strip()}")
    assert [path.split(";")[-1] for path in traced.held()] == ["child"]


def test_a_program_that_starts_its_own_command_line_again_keeps_its_capture(programs: Path) -> None:
    script = """
        import os
        kept = bytearray(4_000_000)
        words = open("/proc/self/cmdline").read().split(chr(0))[:-1]
        if "AGAIN" not in os.environ:
            os.environ["AGAIN"] = "1"
            os.spawnv(os.P_WAIT, words[0], words)
        print(os.environ["AGAIN"])
    """
    traced = run(code(script), programs)
    assert traced.output == "1\n1\n"
    assert list(traced.held()) == ["<module>"]


def test_modules_of_the_program_are_not_mistaken_for_those_that_memray_needs(programs: Path) -> None:
    for name in ("platform", "copy", "dataclasses", "typing_extensions", "boot", "json", "memray"):
        (programs / f"{name}.py").write_text("print(__name__, __file__)\n")
    (programs / "fractions").mkdir()
    (programs / "own.py").write_text(
        "import platform, copy, boot, json, memray, typing_extensions, fractions\nprint(fractions.Fraction(1))\n"
    )
    for words in (("own.py",), ("-m", "own")):
        traced = run((sys.executable, *words), programs)
        without = run((sys.executable, *words), programs, traced=False)
        # memray itself is there already: a program of that name is the one thing that cannot be had.
        expected = [line for line in without.output.splitlines() if not line.startswith("memray ")]
        assert traced.output.splitlines() == expected
        assert traced.state == "tracing"


@pytest.fixture
def bare_python(tmp_path: Path) -> str:
    """An interpreter like ours without memray and what it needs."""
    directory = tmp_path / "bare"
    venv.create(directory, symlinks=True)
    return str(directory / "bin" / "python")


WHAT_IS_LENT = """
import sys
print(sorted({name.split(".")[0] for name in sys.modules} & {"memray", "rich", "typing_extensions", "perftui"}))
print([entry for entry in [*sys.path, *sys.path_importer_cache] if "site-packages" in entry and "bare" not in entry])
try:
    import rich
except ImportError as error:
    print(error)
"""


def test_an_interpreter_without_memray_is_lent_ours_and_nothing_else(bare_python: str, programs: Path) -> None:
    traced = run((bare_python, "-c", WHAT_IS_LENT), programs)
    assert traced.state == "tracing"
    shown = traced.output.splitlines()
    assert shown[0] == "['memray']"
    assert "memray" not in shown[1].replace("site-packages/memray", "")
    assert shown[2] == "No module named 'rich'"


@pytest.mark.parametrize("spoilt", ["lend", "suffix"])
def test_where_memray_cannot_be_had_the_program_runs_and_the_remedy_is_told(
    spoilt: str, bare_python: str, programs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if spoilt == "lend":
        monkeypatch.setattr(tracing, "_own_memray", lambda: ("1.2.3", str(tmp_path)))
    else:
        monkeypatch.setattr(tracing, "EXTENSION_SUFFIXES", [".cpython-27-pdp11.so"])
    traced = run((bare_python, "see.py"), programs)
    without = run((bare_python, "see.py"), programs, traced=False)
    assert (traced.output, traced.code) == (without.output, without.code)
    assert traced.state == "refused"
    assert str(traced.report["message"]).startswith("memray ")
    assert f"{bare_python} -m pip install memray==" in str(traced.report["hint"])
    assert not traced.capture.exists()


def test_the_target_s_own_memray_of_another_version_is_better_than_none(
    programs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracing, "_own_memray", lambda: ("1.2.3", ""))
    traced = run((sys.executable, "see.py"), programs)
    assert (traced.state, traced.report["memray"]) == ("tracing", metadata.version("memray"))


@pytest.mark.parametrize("children", [False, True], ids=["written", "mapped"])
def test_a_full_disk_ends_the_capture_and_not_the_program(children: bool, programs: Path) -> None:
    script = "for _ in range(100): kept = [bytearray(600) for _ in range(1000)]\nprint('through'); raise SystemExit(5)"
    command = ("sh", "-c", f"ulimit -f 64; exec {sys.executable} -c '{script.replace(chr(39), chr(34))}'")
    traced = run(command, programs, options=MemoryOptions(children=children))
    assert "through\n" in traced.output
    assert traced.code == 5
    assert 0 < traced.capture.stat().st_size <= 64 * 1024


def test_a_program_that_takes_the_small_descriptors_for_itself_is_left_alone(programs: Path) -> None:
    script = """
        import os
        for number in range(3, 20):
            os.dup2(os.open("precious", os.O_CREAT | os.O_RDWR), number)
        kept = bytearray(4_000_000)
        os.lseek(3, 0, os.SEEK_SET)
        print(os.read(3, 10))
    """
    traced = run(code(script), programs)
    assert (traced.output, traced.code) == ("b''\n", 0)
    assert traced.held() == {"<module>": 4 * MB + 1}
    assert (programs / "precious").read_bytes() == b""


@pytest.mark.parametrize("children", [False, True], ids=["written", "mapped"])
def test_a_program_that_closes_whatever_is_open_as_daemons_do_lives_and_is_traced(
    children: bool, programs: Path
) -> None:
    script = """
        import os, time
        os.closerange(3, os.sysconf("SC_OPEN_MAX"))
        own = os.open("precious", os.O_CREAT | os.O_RDWR)
        if not os.fork():
            os.closerange(3, 1 << 16)
            own = os.open("precious", os.O_CREAT | os.O_RDWR)
            in_child = bytearray(2_000_000)
            time.sleep(0.1)
            os._exit(0)
        kept = bytearray(4_000_000)
        print(os.wait()[1], os.pread(own, 10, 0))
    """
    traced = run(code(script), programs, options=MemoryOptions(children=children))
    assert (traced.output, traced.code) == ("0 b''\n", 0)
    assert traced.held() == {"<module>": 4 * MB + 1}
    assert (programs / "precious").read_bytes() == b""


def test_arguments_that_are_no_text_reach_the_program_and_do_not_hinder_the_tracing(programs: Path) -> None:
    words = (*code("import sys; kept = bytearray(4_000_000); print(ascii(sys.argv[1:]))"), os.fsdecode(b"\xff"))
    traced = run(words, programs)
    assert (traced.output, traced.state) == ("['\\udcff']\n", "tracing")
    assert traced.held() == {"<module>": 4 * MB + 1}


def test_a_capture_that_cannot_be_written_is_no_reason_not_to_run(programs: Path) -> None:
    traced = run(code("print('in')"), programs, capture=programs / "nowhere" / "it.bin")
    assert (traced.output, traced.code, traced.state) == ("in\n", 0, "untold")


def test_a_capture_that_is_deleted_hurts_nobody(programs: Path) -> None:
    script = """
        import glob, os, time
        [os.unlink(name) for name in glob.glob("../captures/*")]
        kept = [bytearray(600) for _ in range(50_000)]
        print(len(kept))
    """
    traced = run(code(script), programs)
    assert (traced.output, traced.code) == ("50000\n", 0)


def test_the_program_waits_at_the_gate_as_any_other(programs: Path) -> None:
    capture = programs / "it.bin"
    with Keeper() as keeper:
        launched = keeper.launch(
            Workload((sys.executable, "-c", "print('in')")), tracing=Tracing(capture, MemoryOptions())
        )
        visitors: list[Visitor] = []
        deadline = time.monotonic() + LIMIT_S
        while not visitors and time.monotonic() < deadline:
            select.select([launched.gate], [], [], 0.1)
            visitors = list(launched.gate.arrivals())
        assert [(visitor.pid, visitor.executable) for visitor in visitors] == [(launched.pid, sys.executable)]
        launched.gate.release(1)
        assert output_of(launched) == "in\n"
        assert json.loads((programs / "it.bin.boot").read_text())["pid"] == launched.pid


def test_cpu_stacks_are_those_of_a_program_that_is_not_traced(programs: Path) -> None:
    (programs / "spin.py").write_text(
        "import time\ndef spin():\n    end = time.monotonic() + 0.7\n    while time.monotonic() < end: pass\nspin()\n"
    )
    began = time.monotonic()
    events: list[SourceEvent] = []
    stacks: set[str] = set()
    with Keeper() as keeper:
        launched = keeper.launch(
            Workload((sys.executable, "spin.py"), cwd=programs), tracing=Tracing(programs / "it.bin", MemoryOptions())
        )
        source = PySpySource(
            launched.pid,
            options=SamplingOptions(),
            clock=lambda: time.monotonic() - began,
            keeper=keeper,
            gate=launched.gate,
        )
        source.start()
        while processes.alive(launched.pid) and time.monotonic() - began < LIMIT_S:
            events += source.poll(0.1)
        events += source.stop()
    for window in events:
        if isinstance(window, SampleWindow):
            for stack in (stack for part in window.threads for stack in part.stacks):
                stacks.add(";".join(window.frames[number].function for number in stack))
    assert "<module>;spin" in stacks
    # A look may come while the interpreter asks whether the script is an archive, or when it waits for its threads.
    own = ("zipimporter", "_shutdown")
    assert {stack for stack in stacks if not stack.startswith(own)} <= {"<module>", "<module>;spin"}


DRIVER = """
import sys, time
from pathlib import Path
from perftui.model.workload import MemoryOptions, Workload
from perftui.sources.heap.tracing import Tracing
from perftui.sources.launch import Keeper

keeper = Keeper(keep_target=True)
launched = keeper.launch(
    Workload((sys.executable, "kept.py")), tracing=Tracing(Path(sys.argv[1]), MemoryOptions())
)
launched.gate.close()
print(launched.pid, flush=True)
time.sleep(60)
"""


def test_a_program_that_is_kept_goes_on_writing_when_perftui_is_killed(programs: Path) -> None:
    go_on, capture = programs / "go on", programs / "it.bin"
    (programs / "kept.py").write_text(
        "import os, time\n"
        "open('begun', 'w').close()\n"
        "while not os.path.exists('go on'): time.sleep(0.01)\n"
        "def afterwards(): return bytearray(6_000_000)\n"
        "kept = afterwards()\n"
        "open('ended', 'w').close()\n"
    )
    driver = subprocess.Popen(
        [sys.executable, "-c", DRIVER, str(capture)], cwd=programs, stdout=subprocess.PIPE, text=True
    )
    assert driver.stdout is not None
    pid = int(driver.stdout.readline())
    wait_for(programs / "begun")
    driver.send_signal(signal.SIGKILL)
    driver.wait()
    go_on.touch()
    wait_for(programs / "ended")
    deadline = time.monotonic() + LIMIT_S
    while processes.alive(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not processes.alive(pid)
    driver.stdout.close()
    assert Outcome("", 0, capture).held() == {"<module>;afterwards": 6 * MB + 1}


def wait_for(path: Path) -> None:
    deadline = time.monotonic() + LIMIT_S
    while not path.exists():
        assert time.monotonic() < deadline, f"no {path.name}"
        time.sleep(0.01)

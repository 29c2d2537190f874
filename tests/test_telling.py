"""What a workload imports: it tells through a pipe, never waits, never raises, and is nothing where nobody listens."""

from __future__ import annotations

import importlib.util
import math
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import perftui
from perftui import telling
from perftui.sources.told import Channel

Load = Callable[[str], ModuleType]


@pytest.fixture
def channel(tmp_path: Path) -> Iterator[Channel]:
    made = Channel(tmp_path)
    yield made
    made.close()


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Load:
    """Returns a copy of the module of its own, led to a path as a workload's would be."""

    def loaded(path: str) -> ModuleType:
        monkeypatch.setenv(telling.VARIABLE, path)
        # Here children must not run what is left in this process.
        monkeypatch.setattr(os, "register_at_fork", lambda **_: None)
        spec = importlib.util.spec_from_file_location("told", str(telling.__file__))
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return loaded


def fields(channel: Channel) -> list[list[str]]:
    """Kind, value, unit and name of each line."""
    lines = channel.read(0.0).decode().splitlines()
    return [[kind, value, unit, name] for kind, _, _, value, unit, name in (line.split("\t", 5) for line in lines)]


def test_each_call_is_a_line(channel: Channel, load: Load) -> None:
    told = load(str(channel.path))
    told.mark("cache is\nwarm")
    told.gauge("queue", 12, unit="m\ts")
    told.gauge("half \udc80", "1.5")
    told.count("orders")
    told.count("orders", 2)
    told.progress(3, 10)
    assert fields(channel) == [
        ["mark", "0.0", "", "cache is warm"],
        ["gauge", "12.0", "m s", "queue"],
        ["gauge", "1.5", "", "half ?"],
        ["count", "1.0", "", "orders"],
        ["count", "3.0", "", "orders"],
        ["done", "3.0", "", "progress_done"],
        ["total", "10.0", "", "progress_total"],
    ]


class Hostile:
    def __str__(self) -> str:
        raise RuntimeError

    __float__ = __str__


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(
    name=st.one_of(st.text(), st.none(), st.binary(), st.builds(Hostile), st.just("x" * 100_000)),
    value=st.one_of(st.floats(), st.integers(), st.none(), st.text(), st.builds(Hostile), st.just(10**400)),
    unit=st.one_of(st.text(), st.builds(Hostile), st.none()),
)
def test_whatever_it_is_given_it_raises_nothing_and_writes_whole_lines(
    channel: Channel, load: Load, name: object, value: object, unit: object
) -> None:
    told = load(str(channel.path))
    told.gauge(name, value, unit)
    told.count(name, value)
    told.mark(name)
    told.progress(value, value)
    data = channel.read(0.0)
    assert len(data) < 4_096
    assert all(line.count(b"\t") >= 5 for line in data.split(b"\n")[:-1])


def test_counters_only_grow(channel: Channel, load: Load) -> None:
    told = load(str(channel.path))
    for amount in (1, -5, math.nan, math.inf, 1e101, 2):
        told.count("orders", amount)
    assert [(kind, value) for kind, value, _, _ in fields(channel)] == [
        ("count", "1.0"),
        ("dropped", "4"),
        ("count", "3.0"),
    ]


def test_who_closes_all_descriptors_counts_on_and_nothing_twice(channel: Channel, load: Load) -> None:
    told = load(str(channel.path))
    told.count("orders", 10)
    os.close(told._pipe)
    told.count("orders", 5)
    lines = [line.split(b"\t") for line in channel.read(0.0).splitlines()]
    assert [line[3] for line in lines] == [b"10.0", b"15.0"]
    assert lines[0][1] == lines[1][1], "another teller's sum would be added to it"


def test_names_beyond_the_bound_are_counted_as_left_out(channel: Channel, load: Load) -> None:
    told = load(str(channel.path))
    for number in range(505):
        told.count(f"name {number}")
    told.gauge("queue", "much")
    told.gauge("queue", 1)
    assert [value for kind, value, *_ in fields(channel) if kind == "dropped"] == ["6"]


def test_a_full_pipe_drops_and_says_so_later(channel: Channel, load: Load) -> None:
    told = load(str(channel.path))
    for _ in range(60_000):
        told.gauge("queue", 1)
    while channel.read(0.0):
        pass
    told.gauge("queue", 2)
    (dropped, last) = fields(channel)
    assert dropped[0] == "dropped"
    assert int(dropped[1]) > 0
    assert last[1] == "2.0"
    told.gauge("queue", 3)
    assert [kind for kind, *_ in fields(channel)] == ["gauge"]


def test_what_was_told_too_fast_is_whole_at_the_end(channel: Channel, load: Load) -> None:
    told = load(str(channel.path))
    for number in range(60_000):
        told.count("orders")
        told.gauge("queue", number)
    while channel.read(0.0):
        pass
    told.mark("done")
    assert ["count", "60000.0", "", "orders"] in fields(channel), "there is room again"
    code = (
        "from perftui import count, gauge, telling\n"
        "telling._LAST_TRIES = 5_000\n"
        "for number in range(60_000): count('orders'); gauge('queue', number)"
    )
    environment = {"PYTHONPATH": str(Path(perftui.__file__).parents[1]), telling.VARIABLE: str(channel.path)}
    program = subprocess.Popen([sys.executable, "-S", "-c", code], env=environment)
    data = b""
    while program.poll() is None:
        # As often as a recording reads.
        data += channel.read(0.05)
        time.sleep(0.05)
    while more := channel.read(0.0):
        data += more
    newest = {line.split(b"\t")[5]: line.split(b"\t")[3] for line in data.splitlines() if line.count(b"\t") >= 5}
    assert (newest[b"orders"], newest[b"queue"]) == (b"60000.0", b"59999.0")


@pytest.mark.parametrize("kind", ["nothing", "file", "directory"])
def test_what_is_no_pipe_is_left_alone(tmp_path: Path, load: Load, kind: str) -> None:
    path = tmp_path / "there"
    if kind == "file":
        path.write_text("mine")
    elif kind == "directory":
        path.mkdir()
    told = load(str(path))
    told.gauge("queue", 1)
    told.mark("start")
    assert kind != "file" or path.read_text() == "mine"
    assert path.exists() == (kind != "nothing")


def test_a_descriptor_that_another_file_has_taken_is_not_written_to(
    channel: Channel, load: Load, tmp_path: Path
) -> None:
    told = load(str(channel.path))
    told.mark("one")
    number = told._pipe
    with (tmp_path / "mine").open("wb") as mine:
        os.dup2(mine.fileno(), number)
        told.mark("two")
        assert os.fstat(number).st_size == 0
    os.close(number)
    assert [name for *_, name in fields(channel)] == ["one", "two"]


def test_where_no_reader_is_left_nothing_happens(channel: Channel, load: Load) -> None:
    told = load(str(channel.path))
    told.mark("one")
    channel.close()
    for _ in range(30_000):
        told.gauge("queue", 1)


def test_importing_it_imports_next_to_nothing_and_a_copy_works_alone(channel: Channel, tmp_path: Path) -> None:
    source = Path(perftui.__file__).parents[1]
    copy = tmp_path / "told.py"
    code = (
        "import os, sys; before = set(sys.modules); import perftui; between = set(sys.modules) - before;"
        "perftui.gauge; after = set(sys.modules) - before; print(sorted(between), sorted(after))"
    )
    environment = {"PYTHONPATH": str(source), telling.VARIABLE: str(channel.path)}
    imported = subprocess.run(
        [sys.executable, "-S", "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert imported.stdout == "['__future__', 'perftui'] ['__future__', 'perftui', 'perftui.telling']\n"
    printed = subprocess.run(
        [sys.executable, "-S", "-m", "perftui.telling"], env=environment, capture_output=True, text=True, check=True
    )
    copy.write_text(printed.stdout)
    alone = "import told, os; told.count('orders', 2); os.fork() or (told.count('orders'), os._exit(0)); os.wait()"
    subprocess.run([sys.executable, "-S", "-c", alone], env={**environment, "PYTHONPATH": str(tmp_path)}, check=True)
    # A forked child counts for itself.
    assert [line[:2] for line in fields(channel)] == [["count", "2.0"], ["count", "1.0"]]

"""The boot's own decisions; that programs run under it as without it is shown with real interpreters elsewhere."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from perftui.sources.heap import BOOT_FILE, PROGRAM_FUNCTION, boot, boot_tracker

OPTIONS: dict[str, Any] = {
    "native": False,
    "pymalloc": True,
    "children": False,
    "version": "1.2.3",
    "lend": "",
    "suffix": EXTENSION_SUFFIXES[0],
}


def order(capture: Path, **more: Any) -> boot.Order:
    words = ["python", "-u", "app.py", "a"]
    return boot.read_order(["boot.py", str(capture), json.dumps({**OPTIONS, **more}), "script:2:0", *words])


def memray_of(directory: Path, version: str, body: str = "") -> Path:
    """A package of that name, which is all that is looked at before it is imported."""
    package = directory / "memray"
    package.mkdir(parents=True)
    (package / "_version.py").write_text(f'__version__ = "{version}"\n')
    (package / "__init__.py").write_text(body or "from ._version import __version__\n")
    return directory


@pytest.fixture
def no_memray(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Nothing can be imported yet, as in an interpreter that has just been started."""
    monkeypatch.setattr(sys, "path", [])
    for name in [name for name in sys.modules if name.partition(".")[0] in {"memray", *boot_tracker.LENT}]:
        monkeypatch.delitem(sys.modules, name)
    return monkeypatch


def test_the_names_that_readers_of_stacks_know_are_true() -> None:
    assert boot.__file__ == BOOT_FILE
    assert hasattr(boot, PROGRAM_FUNCTION)


@pytest.mark.parametrize(
    ("place", "words", "name", "arguments"),
    [
        ("script:1:0", ["python", "app.py", "-x"], "app.py", ["-x"]),
        ("module:2:0", ["python", "-m", "mod", "a"], "mod", ["a"]),
        ("command:1:2", ["python", "-cpass", "a"], "pass", ["a"]),
        ("input:1:0", ["python", "-", "a"], "-", ["a"]),
        ("input:1:0", ["python"], "", []),
    ],
)
def test_an_order_names_the_program_and_its_arguments(
    place: str, words: list[str], name: str, arguments: list[str], tmp_path: Path
) -> None:
    read = boot.read_order(["boot.py", str(tmp_path / "it.bin"), "{}", place, *words])
    assert (read.name, read.arguments, read.words) == (name, arguments, words)


def test_a_second_start_writes_no_capture_and_no_report(tmp_path: Path) -> None:
    capture = tmp_path / "it.bin"
    (tmp_path / "it.bin.boot").write_text("the first one's")
    capture.write_bytes(b"the first one's")
    second = order(capture)
    assert boot_tracker.prepare_tracker(second)[0] is None
    boot.give_up(second, "no")
    assert capture.exists()
    assert (tmp_path / "it.bin.boot").read_text() == "the first one's"


def test_a_refusal_is_reported_whole_and_leaves_no_capture(tmp_path: Path) -> None:
    capture = tmp_path / "it.bin"
    capture.touch()
    boot.give_up(order(capture), "It is é", "Do this")
    told = json.loads((tmp_path / "it.bin.boot").read_bytes())
    assert (told["state"], told["message"], told["hint"]) == ("refused", "It is é.", "Do this")
    assert [path.name for path in tmp_path.iterdir()] == ["it.bin.boot"]


def test_a_report_that_cannot_be_written_is_none(tmp_path: Path) -> None:
    boot.report(order(tmp_path / "nowhere" / "it.bin"), "tracing")


@pytest.mark.parametrize(
    ("own", "suffix", "expected"),
    [
        ("1.2.3", EXTENSION_SUFFIXES[0], ["own", "lent"]),
        ("1.2.2", EXTENSION_SUFFIXES[0], ["lent", "own"]),
        ("1.2.2", ".other.so", ["own"]),
        (None, EXTENSION_SUFFIXES[0], ["lent"]),
        (None, ".other.so", []),
    ],
)
def test_the_memray_that_our_reader_understands_is_preferred(
    own: str | None, suffix: str, expected: list[str], tmp_path: Path, no_memray: pytest.MonkeyPatch
) -> None:
    if own is not None:
        no_memray.setattr(sys, "path", [str(memray_of(tmp_path / "own", own))])
    found = boot_tracker.candidates({**OPTIONS, "lend": "/lent", "suffix": suffix})
    assert ["lent" if directory else "own" for directory, _ in found] == expected


@pytest.mark.parametrize("text", ["", "__version__", "version = 3", '__version__ = "'])
def test_a_version_that_is_not_told_is_none(text: str, tmp_path: Path) -> None:
    (tmp_path / "_version.py").write_text(text)
    assert boot_tracker.version_in(str(tmp_path)) == ""
    assert boot_tracker.version_in(str(tmp_path / "nowhere")) == ""


def test_what_is_lent_is_imported_without_its_directory_on_the_path(
    tmp_path: Path, no_memray: pytest.MonkeyPatch
) -> None:
    body = "from rich import print\nfrom rich.progress import Progress\nfrom ._version import __version__\n"
    lend = memray_of(tmp_path, "1.2.3", body)
    imported = boot_tracker.import_memray({**OPTIONS, "lend": str(lend)})
    assert imported.__version__ == "1.2.3"
    assert sys.path == []
    # Neither is there: what needs it would import it when it is called.
    assert not {"rich", "rich.progress"} & set(sys.modules)
    with pytest.raises(ModuleNotFoundError):
        imported.Progress()


def test_a_memray_that_needs_more_of_rich_gets_it(tmp_path: Path, no_memray: pytest.MonkeyPatch) -> None:
    lend = memray_of(tmp_path, "1.2.3", "from rich.table import Table\nfrom ._version import __version__\n")
    (tmp_path / "rich").mkdir()
    (tmp_path / "rich" / "__init__.py").touch()
    (tmp_path / "rich" / "table.py").write_text("class Table: there = True\n")
    assert boot_tracker.import_memray({**OPTIONS, "lend": str(lend)}).Table.there
    assert not any(name.startswith("rich") for name in sys.modules)


def test_a_memray_that_breaks_in_any_way_is_passed_over(tmp_path: Path, no_memray: pytest.MonkeyPatch) -> None:
    lend = memray_of(tmp_path / "lent", "1.2.3", "raise SystemError('made for another machine')\n")
    no_memray.setattr(sys, "path", [str(memray_of(tmp_path / "own", "1.0.0"))])
    assert boot_tracker.import_memray({**OPTIONS, "lend": str(lend)}).__version__ == "1.0.0"


def test_a_memray_that_is_too_old_is_told_with_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = SimpleNamespace(FileDestination=lambda _: None)
    monkeypatch.setattr(boot_tracker, "import_memray", lambda _: old)
    refused, told = boot_tracker.prepare_tracker(order(tmp_path / "it.bin"))
    assert refused is None
    assert told["hint"].endswith("-m pip install memray==1.2.3")


@pytest.mark.parametrize(
    ("knows", "children", "expected"), [(True, False, True), (True, True, False), (False, False, False)]
)
def test_children_that_live_for_a_moment_write_into_a_mapping(
    knows: bool, children: bool, expected: bool, tmp_path: Path
) -> None:
    asked: dict[str, Any] = {}

    class Destination:
        def __init__(self, path: str, **how: Any) -> None:
            if "buffered" in how and not knows:
                raise TypeError
            asked.update(how)

    memray = SimpleNamespace(FileDestination=Destination, Tracker=lambda **how: asked.update(how))
    _, buffered = boot_tracker.make_tracker(memray, order(tmp_path / "it.bin", children=children))
    assert buffered is expected
    assert asked["follow_fork"] is children
    assert (asked["overwrite"], asked["compress_on_exit"]) == (True, False)
    assert asked.get("buffered", False) is expected


def test_orders_that_cannot_be_read_do_not_keep_the_program_from_running(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("print('in')")
    for number, options in enumerate(("", "no json", "{}", "[]", json.dumps({**OPTIONS, "children": []}))):
        words = [sys.executable, str(tmp_path / "app.py")]
        argv = [sys.executable, BOOT_FILE, str(tmp_path / f"{number}.bin"), options, "script:1:0", *words]
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        assert (done.stdout, done.stderr, done.returncode) == ("in\n", "", 0)

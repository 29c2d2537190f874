from __future__ import annotations

import json
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from perftui.model.workload import MemoryOptions
from perftui.sources.heap.tracing import Tracing


def test_the_tickets_say_what_to_trace_where_and_which_memray_can_be_lent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    tickets = Tracing(Path("it.bin"), MemoryOptions(native=True, children=True)).environment()
    told = json.loads(tickets["PERFTUI_MEMRAY"])
    assert tickets["PERFTUI_CAPTURE"] == "/it.bin"
    assert (told["native"], told["pymalloc"], told["children"]) == (True, False, True)
    assert told["version"] == metadata.version("memray")
    assert (Path(told["lend"]) / "memray" / "_version.py").exists()


def test_nothing_of_memray_is_imported_for_the_tickets() -> None:
    script = (
        "import sys; from pathlib import Path; from perftui.model.workload import MemoryOptions;"
        "from perftui.sources.heap.tracing import Tracing;"
        "Tracing(Path('it.bin'), MemoryOptions()).environment(); print('memray' in sys.modules)"
    )
    assert subprocess.check_output([sys.executable, "-c", script], text=True) == "False\n"

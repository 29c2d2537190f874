"""A recorder that is made to be killed: it prints the number of every window that is safely stored."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from perftui.model.reading import ResourceReading
from perftui.model.session import OutputChunk
from perftui.storage.session_file import SessionWriter
from tests.storage.heap_sessions import heap
from tests.storage.sessions import Recording, finish, meta


def main(directory: str, windows: int) -> None:
    """Record windows, commit each, say so, and finish."""
    began = time.monotonic()
    # A fast clock, so that checkpoints happen too.
    writer = SessionWriter.create(Path(directory), meta(), clock=lambda: 500 * (time.monotonic() - began))
    print("created", flush=True)
    recording = Recording()
    for i in range(windows):
        writer.add_window(recording.window("main;work", f"main;step{i};leaf", f"main;step{i}"))
        writer.add_reading(ResourceReading(i / 2, cpu_percent=float(i)))
        writer.add_heap(heap(f"main;step{i} {i + 1} 1", at_s=i / 2))
        writer.add_output(OutputChunk(i / 2, b"line %d\n" % i))
        writer.commit()
        print(i + 1, flush=True)
    finish(writer)
    print("finished", flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))

from __future__ import annotations

import os
import threading
import time

from perftui.model.session import OutputChunk
from perftui.recording.output_reader import BLOCK, OutputReader


def reading(descriptor: int, stop: threading.Event) -> tuple[threading.Thread, list[OutputChunk]]:
    chunks: list[OutputChunk] = []
    reader = OutputReader(descriptor, clock=time.monotonic, stop=stop, hand_over=chunks.append)
    thread = threading.Thread(target=reader.run)
    thread.start()
    return thread, chunks


def test_every_byte_arrives_in_order_and_in_few_pieces() -> None:
    out, into = os.pipe()
    thread, chunks = reading(out, threading.Event())
    sent = b"".join(b"%d\n" % i for i in range(100_000))
    for at in range(0, len(sent), 1000):
        os.write(into, sent[at : at + 1000])
    os.close(into)
    thread.join(20)
    os.close(out)
    assert b"".join(chunk.data for chunk in chunks) == sent
    assert len(chunks) < len(sent) / 1000 / 2
    assert all(len(chunk.data) < 2 * BLOCK for chunk in chunks)


def test_a_line_is_not_held_back_for_more_to_come() -> None:
    out, into = os.pipe()
    stop = threading.Event()
    thread, chunks = reading(out, stop)
    os.write(into, b"hello")
    for _ in range(100):
        if chunks:
            break
        time.sleep(0.02)
    assert [chunk.data for chunk in chunks] == [b"hello"]
    stop.set()
    thread.join(20)
    assert not thread.is_alive(), "a child that holds the pipe open keeps nobody waiting"
    os.close(into)
    os.close(out)

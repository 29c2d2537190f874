from __future__ import annotations

import zlib
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.model.reading import ResourceReading
from perftui.model.sample import ThreadLook
from perftui.storage.chunks import (
    METRICS,
    ChunkError,
    inflate,
    pack_looks,
    pack_readings,
    pack_samples,
    unpack_looks,
    unpack_readings,
    unpack_samples,
)
from tests.storage.heap_sessions import MAIN
from tests.storage.sessions import WORKER

measured = st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False))
readings = st.builds(
    ResourceReading, at_s=st.floats(0, 1e6), **dict.fromkeys(["cpu_percent", "rss_bytes", "swap_used_bytes"], measured)
)


@given(st.lists(st.tuples(st.integers(0, 9), st.lists(st.integers(0, 2**32 - 1), max_size=20)), max_size=5))
def test_samples_are_unpacked_as_they_were_packed(rows: list[tuple[int, list[int]]]) -> None:
    samples = tuple((thread, array("I", leaves)) for thread, leaves in rows)
    count = sum(len(leaves) for _, leaves in samples)
    assert unpack_samples(pack_samples(samples), samples=count, threads=10, nodes=2**32) == samples


@given(st.lists(st.tuples(st.integers(0, 2**60), readings), max_size=20))
def test_readings_are_unpacked_as_they_were_packed(rows: list[tuple[int, ResourceReading]]) -> None:
    assert unpack_readings(pack_readings(rows), readings=len(rows), series=METRICS) == rows


def test_a_metric_that_is_not_known_is_left_out() -> None:
    rows = [(1, ResourceReading(0.5, cpu_percent=7.0, threads=2.0))]
    series = ["future_metric" if metric == "threads" else metric for metric in METRICS]
    assert unpack_readings(pack_readings(rows), readings=1, series=series) == [
        (1, ResourceReading(0.5, cpu_percent=7.0))
    ]
    assert unpack_readings(pack_readings(rows), readings=1, series=()) == [(1, ResourceReading(0.5))]


@given(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=10))
def test_looks_are_unpacked_as_they_were_packed(flags: list[tuple[bool, bool]]) -> None:
    looks = [(i, ThreadLook(MAIN if i % 2 else WORKER, *pair)) for i, pair in enumerate(flags)]
    rows = [(i, look.active, look.holds_gil) for i, look in looks]
    assert unpack_looks(pack_looks(looks), threads=len(rows)) == rows


@pytest.mark.parametrize(("samples", "threads", "nodes"), [(3, 1, 10), (1, 1, 10), (2, 0, 10), (2, 1, 7)])
def test_samples_that_point_nowhere_are_refused(samples: int, threads: int, nodes: int) -> None:
    packed = pack_samples(((0, array("I", [7, 1])),))
    with pytest.raises(ChunkError):
        unpack_samples(packed, samples=samples, threads=threads, nodes=nodes)


@given(st.binary(max_size=60))
def test_any_content_is_unpacked_or_refused(raw: bytes) -> None:
    for data in (raw, zlib.compress(raw), zlib.compress(b"\1" + raw)):
        for unpack in (
            lambda data: unpack_samples(data, samples=3, threads=2, nodes=5),
            lambda data: unpack_readings(data, readings=2, series=METRICS),
            lambda data: unpack_looks(data, threads=2),
        ):
            try:
                unpack(data)
            except ChunkError:
                continue


def test_nothing_is_inflated_beyond_what_was_promised() -> None:
    with pytest.raises(ChunkError):
        inflate(zlib.compress(bytes(1000)), 999)
    with pytest.raises(ChunkError):
        inflate(zlib.compress(bytes(10)) + b"more", 100)
    with pytest.raises(ChunkError):
        inflate(zlib.compress(bytes(1000))[:-1], 1000)
    assert inflate(zlib.compress(bytes(1000)), 1000) == bytes(1000)

"""One look at the meters of the target's process tree and of the machine."""

from __future__ import annotations

from dataclasses import dataclass, fields

from perftui.units import Unit


@dataclass(frozen=True, slots=True)
class ResourceReading:
    """One look at the meters; what could not be measured is None."""

    at_s: float
    """Seconds since the recording began."""
    cpu_percent: float | None = None
    """CPU of the process tree, 100 is one core."""
    rss_bytes: float | None = None
    uss_bytes: float | None = None
    """Unique set size; dear to read, so it comes seldom."""
    heap_bytes: float | None = None
    """Bytes that memray knows to be allocated, as of the newest look at them."""
    threads: float | None = None
    open_files: float | None = None
    read_bytes_per_s: float | None = None
    write_bytes_per_s: float | None = None
    context_switches_per_s: float | None = None
    processes: float | None = None
    """Processes of the tree, the target included."""
    system_cpu_percent: float | None = None
    """CPU of the machine, 100 is all cores."""
    load_1: float | None = None
    memory_used_bytes: float | None = None
    memory_percent: float | None = None
    swap_used_bytes: float | None = None
    disk_read_bytes_per_s: float | None = None
    disk_write_bytes_per_s: float | None = None
    net_received_bytes_per_s: float | None = None
    net_sent_bytes_per_s: float | None = None


@dataclass(frozen=True, slots=True)
class Meter:
    """How a metric of a reading is named and scaled."""

    metric: str
    label: str
    unit: Unit
    of_target: bool
    """Whether it is the target's own figure; otherwise the machine's."""


METERS: tuple[Meter, ...] = (
    Meter("cpu_percent", "CPU", Unit.PERCENT, True),
    Meter("rss_bytes", "RSS", Unit.BYTES, True),
    Meter("uss_bytes", "USS", Unit.BYTES, True),
    Meter("heap_bytes", "heap", Unit.BYTES, True),
    Meter("threads", "threads", Unit.COUNT, True),
    Meter("open_files", "open files", Unit.COUNT, True),
    Meter("read_bytes_per_s", "read", Unit.BYTES_PER_SECOND, True),
    Meter("write_bytes_per_s", "write", Unit.BYTES_PER_SECOND, True),
    Meter("context_switches_per_s", "ctx switches", Unit.PER_SECOND, True),
    Meter("processes", "processes", Unit.COUNT, True),
    Meter("system_cpu_percent", "system CPU", Unit.PERCENT, False),
    Meter("load_1", "load", Unit.COUNT, False),
    Meter("memory_used_bytes", "memory", Unit.BYTES, False),
    Meter("memory_percent", "memory %", Unit.PERCENT, False),
    Meter("swap_used_bytes", "swap", Unit.BYTES, False),
    Meter("disk_read_bytes_per_s", "disk read", Unit.BYTES_PER_SECOND, False),
    Meter("disk_write_bytes_per_s", "disk write", Unit.BYTES_PER_SECOND, False),
    Meter("net_received_bytes_per_s", "net in", Unit.BYTES_PER_SECOND, False),
    Meter("net_sent_bytes_per_s", "net out", Unit.BYTES_PER_SECOND, False),
)

METER_BY_METRIC = {meter.metric: meter for meter in METERS}

assert set(METER_BY_METRIC) == {field.name for field in fields(ResourceReading)} - {"at_s"}

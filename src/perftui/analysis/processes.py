"""What is known of the processes of a run: who they are, what each uses now, and what it used over time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from perftui.analysis.command_name import command_name
from perftui.analysis.meter_history import MeterHistory
from perftui.model.process import PROCESS_METRICS, Process, ProcessKey, ProcessReading, ProcessReadings

_MOST_HISTORIES = 2_000
"""Processes whose curves are kept; of more, those of the oldest that have ended go."""


class ProcessRecord:
    """One process with its last reading and its curves."""

    __slots__ = ("histories", "last", "process")

    def __init__(self, process: Process) -> None:
        self.process = process
        self.last: ProcessReading | None = None
        self.histories: Mapping[str, MeterHistory] = {metric: MeterHistory() for metric in PROCESS_METRICS}
        """By field of a reading."""

    @property
    def peak_rss_bytes(self) -> float | None:
        """The most resident memory that was read."""
        history = self.histories.get("rss_bytes")
        return None if history is None else history.peak


class ProcessRecords:
    """All processes of a run, fed look by look."""

    def __init__(self) -> None:
        self.by_key: dict[ProcessKey, ProcessRecord] = {}
        self.commands: dict[int, str] = {}
        """What each process runs, in a few words, by process id; of two with one id the later."""
        self.left_out = 0
        """Processes without a reading at the last look."""
        self._with_curves: dict[ProcessKey, None] = {}

    def apply(self, look: ProcessReadings) -> None:
        """Take in one look."""
        for process in look.news:
            record = self.by_key.get(process.key)
            if record is None:
                self.by_key[process.key] = ProcessRecord(process)
                self._with_curves[process.key] = None
            else:
                record.process = process
            if name := command_name(process.command) or process.name:
                self.commands[process.pid] = name
        for reading in look.readings:
            record = self.by_key.get(reading.process)
            if record is None:
                continue
            record.last = reading
            for metric, history in record.histories.items():
                history.append(look.at_s, getattr(reading, metric))
        self.left_out = look.left_out
        self._bound()

    def name(self, commands: Mapping[int, Iterable[str]]) -> None:
        """Take in the command lines of processes that were sampled before a look found them."""
        for pid, command in commands.items():
            self.commands.setdefault(pid, command_name(tuple(command)))

    def newest(self) -> dict[int, ProcessRecord]:
        """Return the records by process id; where an id was used twice, of the later process."""
        return {record.process.pid: record for record in self.by_key.values()}

    def _bound(self) -> None:
        """Drop curves of processes that have ended where there are too many."""
        surplus = len(self._with_curves) - _MOST_HISTORIES
        if surplus <= 0:
            return
        ended = [key for key in self._with_curves if self.by_key[key].process.ended_s is not None]
        for key in ended[:surplus]:
            del self._with_curves[key]
            self.by_key[key].histories = {}

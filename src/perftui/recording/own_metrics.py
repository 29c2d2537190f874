"""What a recording tells other tools of itself: figures of the target under their usual names, and of perftui."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from perftui.model.alert import AlertRule
from perftui.model.derivation import DERIVED
from perftui.model.reading import ResourceReading
from perftui.model.verdict import RuleVerdict
from perftui.recording.update import Update

Labels = tuple[tuple[str, str], ...]
_OF_TARGET = {
    "process_resident_memory_bytes": ("rss_bytes", "Resident memory of the process tree in bytes."),
    "process_open_fds": ("open_files", "Open file descriptors of the process tree."),
    "process_threads": ("threads", "Threads of the process tree."),
    "perftui_target_processes": ("processes", "Processes of the tree."),
}


@dataclass(frozen=True, slots=True)
class OwnMetric:
    """One metric with its values."""

    name: str
    """Of a counter without `_total`."""
    help: str
    values: tuple[tuple[Labels, float], ...]
    counts: bool = False
    """It is a counter, otherwise a gauge."""


class OwnFigures:
    """Running figures of one recording; its memory grows with rules and alerts alone."""

    def __init__(self, alerts: Iterable[AlertRule] = ()) -> None:
        """Begin with nothing seen and all alerts calm."""
        self._levels = {rule.series: 0 for rule in alerts}
        self._verdicts: tuple[RuleVerdict, ...] = ()
        self._derived: dict[str, tuple[str, float]] = {}
        self._reading: ResourceReading | None = None
        self._cpu_s = self._elapsed_s = self._late_s = self._sampled_s = 0.0
        self._samples = self._failed = 0
        self._own_percent: float | None = None
        self._facts: Labels = ()

    def take(self, update: Update) -> None:
        """Take in what is new of a recording."""
        self._elapsed_s = update.elapsed_s
        self._facts = (("session", update.meta.id), ("workload", update.meta.name or update.meta.workload))
        self._own_percent = update.own_cpu_percent if update.own_cpu_percent is not None else self._own_percent
        if update.verdicts is not None:
            self._verdicts = update.verdicts
        if update.delta is not None:
            self._samples += sum(count for _, count in update.delta.weights.values())
            self._failed += update.delta.failed
            self._late_s += update.delta.late_s
            self._sampled_s += update.delta.sampled_s
        for change in update.alerts:
            self._levels[change.rule.series] = change.level.rank
        for values in update.series:
            for series, value in values.values:
                if series.origin == DERIVED:
                    self._derived[series.name] = (series.unit.value, value)
        for reading in update.readings:
            self._read(reading)

    def _read(self, reading: ResourceReading) -> None:
        before_s = self._reading.at_s if self._reading is not None else 0.0
        if reading.cpu_percent is not None and reading.at_s > before_s:
            self._cpu_s += reading.cpu_percent / 100 * (reading.at_s - before_s)
        self._reading = reading

    def metrics(self, own_rss_bytes: float | None) -> list[OwnMetric]:
        """Return everything as of now; what was not measured is left out."""
        cpu = "CPU seconds of the process tree since the recording began, from its readings."
        found = [
            _one("process_cpu_seconds", cpu, self._cpu_s if self._reading else None, counts=True),
            *(
                _one(name, text, None if self._reading is None else getattr(self._reading, metric))
                for name, (metric, text) in _OF_TARGET.items()
            ),
            OwnMetric("perftui_recording", "What is recorded.", ((self._facts, 1.0),)),
            _one("perftui_recording_seconds", "How long it has been recorded.", self._elapsed_s),
            _one("perftui_samples", "Stacks that were sampled.", self._samples, counts=True),
            _one("perftui_sampled_seconds", "Time that sampling covered.", self._sampled_s, counts=True),
            _one("perftui_failed_samples", "Looks of the sampler that failed.", self._failed, counts=True),
            _one("perftui_late_seconds", "Time by which looks came late.", self._late_s, counts=True),
            _one("perftui_own_cpu_ratio", "CPU of perftui itself, 1 is one core.", _share(self._own_percent)),
            _one("perftui_own_resident_memory_bytes", "Resident memory of perftui itself.", own_rss_bytes),
            _by("perftui_alert_level", "0 calm, 1 warning, 2 critical.", "alert", self._levels),
            OwnMetric("perftui_verdict", "1 for the verdict that each rule of the budget has.", tuple(self._judged())),
            OwnMetric("perftui_metric", "Newest value of each series that the budget derives.", tuple(self._told())),
        ]
        return [metric for metric in found if metric.values]

    def _judged(self) -> Iterable[tuple[Labels, float]]:
        for rule, verdict in {verdict.rule: verdict.verdict.value for verdict in self._verdicts}.items():
            yield (("rule", rule), ("verdict", verdict)), 1.0

    def _told(self) -> Iterable[tuple[Labels, float]]:
        for name, (unit, value) in self._derived.items():
            yield (("name", name), ("unit", unit)), value


def _one(name: str, text: str, value: float | None, *, counts: bool = False) -> OwnMetric:
    return OwnMetric(name, text, () if value is None else (((), float(value)),), counts)


def _by(name: str, text: str, label: str, values: Mapping[str, float]) -> OwnMetric:
    return OwnMetric(name, text, tuple((((label, key),), float(value)) for key, value in values.items()))


def _share(percent: float | None) -> float | None:
    return None if percent is None else percent / 100

"""What a person who looks elsewhere should be told of: each of it once."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from perftui.analysis.data_quality import TORN, doubts
from perftui.analysis.landmarks import WORKLOAD
from perftui.model.alert import ActionKind, AlertChange, AlertLevel
from perftui.model.session import Event, EventKind, SessionKind
from perftui.model.verdict import RuleVerdict, Verdict
from perftui.recording.session_model import SessionModel
from perftui.recording.update import Phase
from perftui.sources.base import SourceState
from perftui.units import format_seconds, format_value

_FROM_S = 5.0
"""Before that the first windows are still on their way, and a share of the time says nothing."""
_MOST_RULES = 2
"""Rules that break at once and are named; of more only the number is told."""


class Severity(Enum):
    """How much an alert matters."""

    INFORMATION = "information"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Alert:
    """Something to tell, in one sentence."""

    text: str
    severity: Severity
    event: Event | None = None
    """For the list of events, where the recording has none for it."""
    noticed: bool = True
    """Whether it is shown as a notice."""
    rings: bool = False
    """Whether the terminal's bell is asked for, whatever the settings say."""


class AlertWatch:
    """Finds what is new in a session that is being recorded."""

    def __init__(self) -> None:
        self._told: set[tuple[object, ...]] = set()
        self._alerts_told = 0

    def news(self, model: SessionModel) -> list[Alert]:
        """Return what was not told before, the weightiest last, so that it is seen on top."""
        return [
            *self._quality(model),
            *self._sources(model),
            *self._breaches(model),
            *self._levels(model),
            *self._end(model),
        ]

    def _new(self, *key: object) -> bool:
        new = key not in self._told
        self._told.add(key)
        return new

    def _breaches(self, model: SessionModel) -> list[Alert]:
        alerts: list[Alert] = []
        for verdict, severity in ((Verdict.WARN, Severity.WARNING), (Verdict.FAIL, Severity.ERROR)):
            broken = [each for each in model.verdicts if each.verdict is verdict and self._new(each.rule, verdict)]
            if len(broken) > _MOST_RULES:
                alerts.append(Alert(f"budget: {len(broken)} rules {verdict.value.upper()} (5 shows them)", severity))
            else:
                alerts.extend(Alert(_breach(each), severity) for each in broken)
        return alerts

    def _levels(self, model: SessionModel) -> list[Alert]:
        """Tell of alerts that changed, as far as they ask for it."""
        new = [change for change in model.alerts if change.number > self._alerts_told]
        if new:
            self._alerts_told = new[-1].number
        return [_told(change) for change in new]

    def _sources(self, model: SessionModel) -> list[Alert]:
        severities = {SourceState.FAILED: Severity.ERROR, SourceState.DEGRADED: Severity.WARNING}
        return [
            Alert(f"{status.source}: {status.message} (D tells more)", severities[status.state])
            for status in model.statuses.values()
            if status.state in severities and status.message and self._new(status.source, status.state)
        ]

    def _quality(self, model: SessionModel) -> list[Alert]:
        if model.aggregate.sampled_s < _FROM_S or model.phase is Phase.DONE:
            return []
        return [
            Alert(
                f"sampling: {doubt.reason} (D tells more)",
                Severity.WARNING,
                Event(model.elapsed_s, EventKind.SAMPLER, doubt.reason),
            )
            for doubt in doubts(model.quality)
            if doubt.badge != TORN and self._new("quality", doubt.badge)
        ]

    def _end(self, model: SessionModel) -> list[Alert]:
        meta = model.meta
        over = model.phase in (Phase.ENDING, Phase.DONE)
        if not over or meta.kind is SessionKind.IMPORTED or meta.ended_by_us:
            return []
        code = meta.exit_code
        if code is None:
            # It may come a moment after the workload is seen to be gone.
            if model.phase is not Phase.DONE or not self._new("end"):
                return []
            text, severity = "the target is gone", Severity.INFORMATION
        elif not self._new("end"):
            return []
        else:
            how = f"with exit code {code}" if code >= 0 else f"by signal {-code}"
            text, severity = f"the workload ended {how}", Severity.ERROR if code else Severity.INFORMATION
        text += f" after {format_seconds(model.elapsed_s)}"
        return [Alert(text, severity, Event(model.elapsed_s, EventKind.PROCESS, text, WORKLOAD))]


def _told(change: AlertChange) -> Alert:
    severities = {AlertLevel.WARN: Severity.WARNING, AlertLevel.CRITICAL: Severity.ERROR}
    kinds = {action.kind for action in change.actions}
    # A workload that ends by itself, as it seems, has to be explained.
    noticed = bool(kinds & {ActionKind.NOTIFY, ActionKind.TEXT, ActionKind.STOP})
    severity = severities[change.level] if change.worse else Severity.INFORMATION
    return Alert(f"alert: {change.text}", severity, noticed=noticed, rings=ActionKind.BELL in kinds)


def _breach(verdict: RuleVerdict) -> str:
    limit = verdict.warn if verdict.verdict is Verdict.WARN else verdict.fail
    figures = ""
    if verdict.current is not None and limit is not None:
        sign = ">" if verdict.lower_is_better else "<"
        figures = f" {format_value(verdict.current, verdict.unit)} {sign} {format_value(limit, verdict.unit)}"
    return f"budget {verdict.verdict.value.upper()}: {verdict.subject}{figures}"

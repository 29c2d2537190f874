"""A screen that tells of what happens while nobody looks, and how good its data are."""

from __future__ import annotations

from textual.message import Message

from perftui.recording.alerts import Alert, AlertWatch, Severity
from perftui.recording.quality_report import QualityReport, quality_report
from perftui.recording.session_model import SessionModel
from perftui.sources.meters_psutil import own_cost
from perftui.text import printable
from perftui.ui.screens.base import BaseScreen
from perftui.ui.screens.quality_screen import QualityScreen

_SHOWN_S = 5.0
"""Long enough to be read; what is below it is wanted back."""


class AlertingScreen(BaseScreen):
    """Shows each alert once, as a notice and in the list of events."""

    _model: SessionModel

    class Told(Message):
        """Something was told that is worth the terminal's attention."""

        def __init__(self, text: str, *, rings: bool = False) -> None:
            super().__init__()
            self.text = text
            self.rings = rings
            """The bell is asked for, whatever the settings say."""

    def _tell_news(self, watch: AlertWatch) -> bool:
        """Tell what is new in the session; say whether the list of events grew."""
        alerts = watch.news(self._model)
        events = [alert.event for alert in alerts if alert.event is not None]
        self._model.events.extend(events)
        for alert in alerts:
            self._tell(alert)
        return bool(events)

    def _tell(self, alert: Alert) -> None:
        text = printable(alert.text)
        if alert.noticed and self.settings.alerts.notices:
            self.notify(text, severity=alert.severity.value, timeout=_SHOWN_S, markup=False)
        weighs = alert.severity is not Severity.INFORMATION or alert.event is not None
        if alert.rings or (alert.noticed and weighs):
            self.post_message(self.Told(text, rings=alert.rings))

    def action_data_quality(self) -> None:
        """Show how good the data are."""
        self.app.push_screen(QualityScreen(self._quality_report))

    def _quality_report(self) -> QualityReport:
        return quality_report(self._model, own_rss_bytes=own_cost()[1])

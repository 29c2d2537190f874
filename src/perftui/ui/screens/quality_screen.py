"""How good the data are: what was measured, what it means, what watching costs, and what may be concluded."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from perftui.recording.quality_report import QualityReport
from perftui.text import printable

_EVERY_S = 1.0


class QualityScreen(ModalScreen[None]):
    """An overlay that is kept up to date while the recording goes on."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,D,shift+d,q,enter", "dismiss", "Close")]
    DEFAULT_CSS = """
    QualityScreen { align: center middle; }
    QualityScreen #quality {
        width: 104; max-width: 98%; height: auto; max-height: 94%; padding: 0 2;
        border: round $primary; background: $surface; border-title-color: $primary;
    }
    QualityScreen Static { width: 1fr; height: auto; }
    QualityScreen #quality-says { padding: 1 0; }
    """

    def __init__(self, report: Callable[[], QualityReport]) -> None:
        super().__init__()
        self._report = report

    def compose(self) -> ComposeResult:
        """Lay out the overlay."""
        with VerticalScroll(id="quality") as box:
            box.border_title = " data quality "
            box.border_subtitle = " Esc closes "
            yield Static(id="quality-says")
            yield Static(id="quality-findings")

    def on_mount(self) -> None:
        """Show what is known now, and then."""
        self.query_one(VerticalScroll).focus()
        self.set_interval(_EVERY_S, self._draw)
        self._draw()

    def _draw(self) -> None:
        report = self._report()
        self.query_one("#quality-says", Static).update(Text(printable(report.conclusion), style="bold"))
        self.query_one("#quality-findings", Static).update(_table(report))


def _table(report: QualityReport) -> Table:
    table = Table.grid(padding=(0, 2), expand=True)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, justify="right")
    table.add_column(ratio=1)
    for topic, findings in report.topics:
        table.add_row(Text(topic, style="bold underline"))
        for finding in findings:
            sign, style = ("  ", "") if finding.good else ("▲ ", "bold")
            table.add_row(
                Text(f"{sign}{printable(finding.name)}", style=style),
                Text(printable(finding.value), style=style),
                Text(printable(finding.meaning), style="" if not finding.good else "dim"),
            )
        table.add_row("")
    return table

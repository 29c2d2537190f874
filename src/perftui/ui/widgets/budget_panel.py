"""The budget held against what is measured: a word, a sign and a colour for each rule, and how much room is left."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.message import Message

from perftui.model.verdict import RuleVerdict, Verdict
from perftui.ui.widgets.cells import bar, clean, fit
from perftui.ui.widgets.line_canvas import Row
from perftui.ui.widgets.scrolled_canvas import ScrolledCanvas
from perftui.units import format_seconds, format_value

_SIGNS = {
    Verdict.FAIL: "✘",
    Verdict.WARN: "▲",
    Verdict.INCONCLUSIVE: "?",
    Verdict.MISSING: "…",
    Verdict.PASS: "✔",
    Verdict.UNBUDGETED: "·",
    Verdict.INFO: "i",
}
"""In the order of urgency: what fails stands first."""
_WORD_CELLS = 10
"""A sign and the longest of the usual words; a longer word is written out only where there is room."""
_WIDE = 96
"""Cells from which a rule and the reason of its verdict stand on one line."""
_FIGURES_CELLS = 24
_BAR_FROM = 50
"""Cells from which a bar leaves the name of the rule enough room to be told from the others."""


class BudgetPanel(ScrolledCanvas):
    """One row a rule, the most urgent first."""

    HEADING_ROWS = 1
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "budget-panel--heading",
        "budget-panel--pass",
        "budget-panel--warn",
        "budget-panel--fail",
        "budget-panel--other",
        "budget-panel--subject",
        "budget-panel--muted",
        "budget-panel--trough",
    }
    DEFAULT_CSS = """
    BudgetPanel {
        .budget-panel--heading { color: $text; text-style: bold; }
        .budget-panel--pass { color: $success; }
        .budget-panel--warn { color: $warning; text-style: bold; }
        .budget-panel--fail { color: $error; text-style: bold; }
        .budget-panel--other { color: $text-muted; }
        .budget-panel--subject { color: $text; }
        .budget-panel--muted { color: $text-muted; }
        .budget-panel--trough { color: $foreground 15%; }
    }
    """

    class Hovered(Message):
        """The mouse moved onto a rule, or off every rule."""

        def __init__(self, budget_panel: BudgetPanel, text: str) -> None:
            super().__init__()
            self.budget_panel = budget_panel
            self.text = text
            """The rule with its reason; empty when there is none."""

        @property
        def control(self) -> BudgetPanel:
            """The widget that posted it."""
            return self.budget_panel

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._verdicts: list[RuleVerdict] = []
        self._told = ""
        self._trouble = ""

    def show(self, verdicts: Sequence[RuleVerdict], *, trouble: str = "") -> None:
        """Draw verdicts; `trouble` says why the budget file could not be used."""
        urgency = list(_SIGNS)
        before = self.line_count()
        self._verdicts = sorted(verdicts, key=lambda verdict: urgency.index(verdict.verdict))
        self._trouble = trouble
        if self.line_count() != before and self.is_attached:
            self.refresh(layout=True)
        self.redraw()

    def line_count(self) -> int:
        """Return the number of lines: one for each rule, and one more for what is broken where it is narrow."""
        if self.size.width >= _WIDE:
            return len(self._verdicts)
        return len(self._verdicts) + sum(bool(_story(verdict)) for verdict in self._verdicts)

    def content_rows(self, width: int) -> int:
        """Return the heading with the rules, or with the advice where there is none."""
        return super().content_rows(width) if self._verdicts else self.HEADING_ROWS + len(_advice(width))

    def draw_heading(self, y: int, width: int) -> Row:  # noqa: ARG002 (there is one row)
        """Return how many rules hold, and how many do not."""
        row = [Segment("Budget", self.pen("budget-panel--heading"))]
        if self._trouble:
            return [*row, Segment(fit(f"  {clean(self._trouble)}", width - 6), self.pen("budget-panel--fail"))]
        counts = {kind: sum(known.verdict is kind for known in self._verdicts) for kind in _SIGNS}
        texts = {kind: f"  {count} {_word(kind)}" for kind, count in counts.items() if count}
        if 6 + sum(map(len, texts.values())) > width:
            texts = {kind: f"  {counts[kind]} {_SIGNS[kind]}" for kind in texts}
        row.extend(Segment(text, self.pen(_component(kind))) for kind, text in texts.items())
        return row

    def draw_row(self, y: int, width: int) -> Row:
        """Return the heading, a rule, or how to get one."""
        if not self._verdicts and y >= self.HEADING_ROWS:
            lines = _advice(width)
            at = y - self.HEADING_ROWS
            return [Segment(fit(lines[at], width), self.pen("budget-panel--muted"))] if at < len(lines) else []
        return super().draw_row(y, width)

    def draw_line(self, index: int, width: int) -> Row:
        """Return a rule, or the story of the one above."""
        verdict, is_story = self._at(index)
        if is_story:
            text = " " * _WORD_CELLS + _story(verdict)
            return [Segment(fit(text, width), self.pen("budget-panel--muted"))]
        return self._rule(verdict, width)

    def _at(self, index: int) -> tuple[RuleVerdict, bool]:
        """Return the rule that a line belongs to, and whether the line is its story."""
        if self.size.width >= _WIDE:
            return self._verdicts[index], False
        for verdict in self._verdicts:
            if index == 0:
                return verdict, False
            index -= 1
            if _story(verdict):
                if index == 0:
                    return verdict, True
                index -= 1
        raise IndexError(index)

    def _rule(self, verdict: RuleVerdict, width: int) -> Row:
        pen = self.pen(_component(verdict.verdict))
        muted = self.pen("budget-panel--muted")
        longest = max(len(_word(known.verdict)) for known in self._verdicts) + 3
        word_cells = max(_WORD_CELLS, longest) if width >= _WIDE else _WORD_CELLS
        bar_cells = 10 if width >= 64 else 6 if width >= _BAR_FROM else 0
        figures_cells = _FIGURES_CELLS if width >= 64 else 19
        left = width - word_cells - figures_cells - (bar_cells + 2 if bar_cells else 0)
        subject_cells = max(6, min(34, left)) if width >= _WIDE else max(6, left)
        row = [
            Segment(fit(f"{_SIGNS[verdict.verdict]} {_word(verdict.verdict)}", word_cells - 1) + " ", pen),
            Segment(fit(clean(verdict.subject), subject_cells - 1) + " ", self.pen("budget-panel--subject")),
        ]
        if bar_cells:
            row.extend(self._used(verdict, bar_cells))
        row.append(Segment(fit(_figures(verdict), figures_cells), muted if verdict.verdict is Verdict.PASS else pen))
        if width >= _WIDE:
            row.append(Segment(fit(_story(verdict), left - subject_cells), muted))
        return row

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Tell the reason of the rule below the mouse."""
        index = self.first_line + event.y - self.HEADING_ROWS
        inside = event.y >= self.HEADING_ROWS and 0 <= index < self.line_count()
        self._tell(_sentence(self._at(index)[0]) if inside else "")

    def on_leave(self) -> None:
        """Tell nothing."""
        self._tell("")

    def _tell(self, text: str) -> None:
        if text != self._told:
            self._told = text
            self.post_message(self.Hovered(self, text))

    def _used(self, verdict: RuleVerdict, cells: int) -> Row:
        """Return how much of the limit is used up, and a sign where that is more than all of it."""
        limit = verdict.fail if verdict.fail is not None else verdict.warn
        if verdict.current is None or not limit or verdict.current < 0:
            return [Segment(" " * (cells + 2), self.pen())]
        # A lower limit is used up by coming down to it.
        used = verdict.current / limit if verdict.lower_is_better else limit / max(verdict.current, 1e-12)
        pen = self.pen(_component(verdict.verdict))
        filled, empty = bar(used, cells)
        over = "▶ " if used > 1 else "  "
        return [Segment(filled, pen), Segment(empty, self.pen("budget-panel--trough")), Segment(over, pen)]


_ADVICE = (
    "No budget yet. Declare limits in a TOML file and pass it along:",
    "",
    "  budgets/mine.toml     [resources.cpu_percent]",
    "                        target = 70",
    "                        limit = 90",
    "",
    "  perftui run --budget budgets/mine.toml -- CMD",
)
_SHORT_ADVICE = (
    "No budget yet: pass a TOML file",
    "  --budget budgets/mine.toml",
    "with, for example,",
    "  [resources.cpu_percent]",
    "  target = 70",
    "  limit = 90",
)


def _advice(width: int) -> tuple[str, ...]:
    return _ADVICE if width >= 60 else _SHORT_ADVICE


def _story(verdict: RuleVerdict) -> str:
    """Return when a limit was broken first, and why the verdict is what it is."""
    when = f"at {format_seconds(verdict.breached_at_s)}" if verdict.breached_at_s is not None else ""
    return "  ".join(part for part in (when, clean(verdict.reason)) if part)


def _word(verdict: Verdict) -> str:
    return verdict.value.upper()


def _component(verdict: Verdict) -> str:
    known = verdict in (Verdict.PASS, Verdict.WARN, Verdict.FAIL)
    return f"budget-panel--{verdict.value if known else 'other'}"


def _figures(verdict: RuleVerdict) -> str:
    current = "–" if verdict.current is None else format_value(verdict.current, verdict.unit)
    limit = verdict.warn if verdict.verdict is Verdict.WARN else verdict.fail
    limit = limit if limit is not None else (verdict.fail if verdict.fail is not None else verdict.warn)
    if limit is None:
        return current
    broken = verdict.verdict in (Verdict.FAIL, Verdict.WARN)
    sign = (">" if broken else "≤") if verdict.lower_is_better else ("<" if broken else "≥")
    return f"{current} {sign} {format_value(limit, verdict.unit)}"


def _sentence(verdict: RuleVerdict) -> str:
    parts = [f"{_word(verdict.verdict)} {verdict.rule}", _figures(verdict)]
    if verdict.headroom is not None:
        parts.append(f"headroom {100 * verdict.headroom:.0f} %")
    if verdict.breached_at_s is not None:
        parts.append(f"first broken at {format_seconds(verdict.breached_at_s)}")
    return clean("  ·  ".join([*parts, *([verdict.reason] if verdict.reason else [])]))

"""The budget held against what is measured: a word, a sign and a colour for each rule, and how much room is left."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from perftui.model.verdict import RuleVerdict, Verdict
from perftui.reports.verdict_words import figures_text
from perftui.ui.widgets.budget_layout import BudgetLayout
from perftui.ui.widgets.cells import bar, clean, fit, fit_end
from perftui.ui.widgets.line_canvas import Row
from perftui.ui.widgets.scrolled_canvas import ScrolledCanvas
from perftui.ui.widgets.verdict_text import SIGNS, details_of, sentence_of, story_of, word_of


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of the panel."""

    verdict: RuleVerdict
    text: str | None = None
    """What is said of a rule; None for the rule itself."""
    figures: str = ""
    """Stand before the text, where they have no room beside the name."""


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
        "budget-panel--cursor",
        "budget-panel--quiet-cursor",
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
        .budget-panel--cursor { background: $primary 30%; }
        .budget-panel--quiet-cursor { background: $foreground 12%; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move(1)", "Next rule", show=False, id="budget.down"),
        Binding("up", "move(-1)", "Previous rule", show=False, id="budget.up"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="budget.page_down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="budget.page_up"),
        Binding("home", "edge(0)", "First rule", show=False, id="budget.first"),
        Binding("end", "edge(-1)", "Last rule", show=False, id="budget.last"),
    ]

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

    def __init__(self, *, id: str | None = None, classes: str | None = None, chooses: bool = False) -> None:  # noqa: A002
        """Make a panel of nothing; of one that `chooses` a rule may be chosen, of which all is said."""
        super().__init__(id=id, classes=classes)
        self._verdicts: list[RuleVerdict] = []
        self._told = ""
        self._trouble = ""
        self._chosen: str | None = None
        """The rule that all is said of; empty where a person left it, None where there was nothing to choose yet."""
        self._layout = BudgetLayout.of((), 0)
        self._lined: Sequence[_Line] = ()
        self._lined_for: tuple[int, str | None] | None = None
        self._has_budget = False
        self.can_focus = chooses

    def show(self, verdicts: Sequence[RuleVerdict], *, trouble: str = "", has_budget: bool = False) -> None:
        """Draw verdicts; `trouble` says why the budget file could not be used, without verdicts `has_budget` counts."""
        self._has_budget = has_budget
        urgency = list(SIGNS)
        before = self.line_count()
        self._verdicts = sorted(verdicts, key=lambda verdict: urgency.index(verdict.verdict))
        self._trouble = trouble
        self._lined_for = None
        if self.has_focus and self._chosen is None:
            self.action_move(0)
        self._resize_from(before)

    # The rule that was chosen.

    def action_move(self, step: int) -> None:
        """Choose the next rule, or the one before; without one the most urgent."""
        rules = [verdict.rule for verdict in self._verdicts]
        at = rules.index(self._chosen) + step if self._chosen in rules else 0
        if rules:
            self._choose(rules[max(0, min(at, len(rules) - 1))])

    def action_edge(self, place: int) -> None:
        """Choose the first or the last rule."""
        if self._verdicts:
            self._choose(self._verdicts[place].rule)

    def action_page(self, step: int) -> None:
        """Scroll by a page."""
        self.scroll_lines(step * max(1, self.page_rows - 1))

    def on_click(self, event: events.Click) -> None:
        """Choose the rule that was clicked; once more leaves it."""
        index = self.first_line + event.y - self.HEADING_ROWS
        if self.can_focus and event.y >= self.HEADING_ROWS and 0 <= index < self.line_count():
            rule = self._lines()[index].verdict.rule
            self._choose("" if rule == self._chosen else rule)

    def on_focus(self) -> None:
        """Choose the most urgent rule where none is."""
        if self._chosen not in {verdict.rule for verdict in self._verdicts}:
            self.action_move(0)

    def _choose(self, rule: str) -> None:
        before = self.line_count()
        self._chosen = rule
        own = [index for index, line in enumerate(self._lines()) if line.verdict.rule == rule]
        for index in (own[-1:] + own[:1]) if rule else ():
            self.reveal(index)
        self._resize_from(before)

    def _resize_from(self, before: int) -> None:
        if self.line_count() != before and self.is_attached:
            self.refresh(layout=True)
        self.redraw()

    def line_count(self) -> int:
        """Return the number of lines: of each rule, of its story where it is narrow, of all about the chosen one."""
        return len(self._lines())

    def content_rows(self, width: int) -> int:
        """Return the heading with the rules, or with the advice where there is none."""
        return (
            super().content_rows(width)
            if self._verdicts
            else self.HEADING_ROWS + len(_advice(width, has_budget=self._has_budget))
        )

    def draw_heading(self, y: int, width: int) -> Row:  # noqa: ARG002 (there is one row)
        """Return how many rules hold, and how many do not."""
        row = [Segment("Budget", self.pen("budget-panel--heading"))]
        if self._trouble:
            return [*row, Segment(fit(f"  {clean(self._trouble)}", width - 6), self.pen("budget-panel--fail"))]
        counts = {kind: sum(known.verdict is kind for known in self._verdicts) for kind in SIGNS}
        texts = {kind: f"  {count} {word_of(kind)}" for kind, count in counts.items() if count}
        if 6 + sum(map(len, texts.values())) > width:
            texts = {kind: f"  {counts[kind]} {SIGNS[kind]}" for kind in texts}
        row.extend(Segment(text, self.pen(_component(kind))) for kind, text in texts.items())
        return row

    def draw_row(self, y: int, width: int) -> Row:
        """Return the heading, a rule, or how to get one."""
        if not self._verdicts and y >= self.HEADING_ROWS:
            lines = _advice(width, has_budget=self._has_budget)
            at = y - self.HEADING_ROWS
            return [Segment(fit(lines[at], width), self.pen("budget-panel--muted"))] if at < len(lines) else []
        return super().draw_row(y, width)

    def draw_line(self, index: int, width: int) -> Row:
        """Return a rule, or what is said of the one above."""
        line = self._lines()[index]
        if line.text is None:
            return self._rule(line.verdict)
        muted = self.pen("budget-panel--muted", on=self._ground(line.verdict))
        indent = " " * self._layout.word
        if not line.figures:
            return [Segment(fit(indent + line.text, width), muted)]
        figures = Segment(f"{line.figures}  ", self._figures_pen(line.verdict))
        left = width - len(indent) - figures.cell_length
        return [Segment(indent, muted), figures, Segment(fit(line.text, max(0, left)), muted)]

    def _lines(self) -> Sequence[_Line]:
        """Return the lines for the width and the choice there is."""
        made_for = (self.size.width, self._chosen)
        if self._lined_for != made_for:
            width = self.size.width - 1
            self._layout = BudgetLayout.of(self._verdicts, width)
            self._lined = list(_lines(self._verdicts, self._layout, width, self._chosen))
            self._lined_for = made_for
        return self._lined

    def _ground(self, verdict: RuleVerdict) -> str:
        if not self.can_focus or verdict.rule != self._chosen:
            return ""
        return "budget-panel--cursor" if self.has_focus else "budget-panel--quiet-cursor"

    def _rule(self, verdict: RuleVerdict) -> Row:
        layout, ground = self._layout, self._ground(verdict)
        pen = self.pen(_component(verdict.verdict), on=ground)
        muted = self.pen("budget-panel--muted", on=ground)
        name = (fit_end if layout.ends else fit)(clean(verdict.subject), layout.subject - 1)
        row = [
            Segment(fit(f"{SIGNS[verdict.verdict]} {word_of(verdict.verdict)}", layout.word - 1) + " ", pen),
            Segment(name + " ", self.pen("budget-panel--subject", on=ground)),
        ]
        if layout.bar:
            row.extend(self._used(verdict, layout.bar, ground))
        figures = fit(figures_text(verdict), layout.figures)
        row.append(Segment(figures, self._figures_pen(verdict)))
        row.append(Segment(fit(story_of(verdict), layout.story), muted))
        return row

    def _figures_pen(self, verdict: RuleVerdict) -> Style:
        muted = verdict.verdict is Verdict.PASS
        return self.pen("budget-panel--muted" if muted else _component(verdict.verdict), on=self._ground(verdict))

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Tell the reason of the rule below the mouse."""
        index = self.first_line + event.y - self.HEADING_ROWS
        inside = event.y >= self.HEADING_ROWS and 0 <= index < self.line_count()
        self._tell(sentence_of(self._lines()[index].verdict) if inside else "")

    def on_leave(self) -> None:
        """Tell nothing."""
        self._tell("")

    def _tell(self, text: str) -> None:
        if text != self._told:
            self._told = text
            self.post_message(self.Hovered(self, text))

    def _used(self, verdict: RuleVerdict, cells: int, ground: str) -> Row:
        """Return how much of the limit is used up, and a sign where that is more than all of it."""
        limit = verdict.fail if verdict.fail is not None else verdict.warn
        if verdict.current is None or not limit or verdict.current < 0:
            return [Segment(" " * (cells + 2), self.pen(on=ground))]
        # A lower limit is used up by coming down to it.
        used = verdict.current / limit if verdict.lower_is_better else limit / max(verdict.current, 1e-12)
        pen = self.pen(_component(verdict.verdict), on=ground)
        filled, empty = bar(used, cells)
        over = "▶ " if used > 1 else "  "
        return [Segment(filled, pen), Segment(empty, self.pen("budget-panel--trough", on=ground)), Segment(over, pen)]


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


_LIMITLESS = ("The budget states no limit; alerts are told among the events.", "The budget states no limit.")
"""A budget may hold alerts alone."""


def _advice(width: int, *, has_budget: bool) -> tuple[str, ...]:
    if has_budget:
        return _LIMITLESS[:1] if width >= 60 else _LIMITLESS[1:]
    return _ADVICE if width >= 60 else _SHORT_ADVICE


def _lines(verdicts: Sequence[RuleVerdict], layout: BudgetLayout, width: int, chosen: str | None) -> Iterator[_Line]:
    """Yield each rule, its story where it has no room beside it, and all about the chosen one."""
    for verdict in verdicts:
        yield _Line(verdict)
        figures = "" if layout.figures else figures_text(verdict)
        if verdict.rule == chosen:
            if figures:
                yield _Line(verdict, "", figures)
            yield from (_Line(verdict, text) for text in details_of(verdict, max(20, width - layout.word)))
        elif figures or (not layout.story and story_of(verdict)):
            yield _Line(verdict, story_of(verdict), figures)


def _component(verdict: Verdict) -> str:
    known = verdict in (Verdict.PASS, Verdict.WARN, Verdict.FAIL)
    return f"budget-panel--{verdict.value if known else 'other'}"

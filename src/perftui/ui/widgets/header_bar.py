"""The head of a session: what runs, in which state, and how far its samples can be trusted."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.message import Message

from perftui.model.sample import SamplingQuality
from perftui.ui.widgets.cells import clean, fit, width_of
from perftui.ui.widgets.line_canvas import LineCanvas, Row
from perftui.units import format_count, format_percent, format_seconds

_GOOD_COVERAGE = 0.95
_POOR_COVERAGE = 0.8
_MUCH_OVERHEAD_PERCENT = 5.0
_ROOM_TO_SAY_SO = 76
"""Cells from which a frozen view says in full what goes on behind it."""

_STATES = {
    "starting": ("◌", "muted"),
    "waiting": ("◌", "muted"),
    "reading": ("◌", "good"),
    "running": ("●", "good"),
    "recording": ("●", "good"),
    "frozen": ("❚❚", "warn"),
    "degraded": ("▲", "warn"),
    "interrupted": ("▲", "warn"),
    "ended": ("■", "muted"),
    "finished": ("■", "muted"),
    "complete": ("■", "muted"),
    "saved": ("■", "muted"),
    "failed": ("✘", "bad"),
    "stopped": ("■", "muted"),
}
"""A sign and a kind for each word that a state can be called; other words stand without a sign of their own."""


@dataclass(frozen=True, slots=True)
class HeaderFacts:
    """What the header says."""

    title: str
    """Name of the session, or of the workload profile."""
    command: str = ""
    pid: int | None = None
    state: str = "starting"
    """A word of `_STATES`, or any other."""
    mode: str = ""
    """Over which time a live view adds up, in a word or two."""
    frozen_s: float | None = None
    """For how long the view stands still already; None while it follows."""
    recording: bool = True
    """The recording goes on, whether or not the view does."""
    elapsed_s: float | None = 0.0
    """None where it is not known."""
    quality: SamplingQuality = field(default_factory=SamplingQuality)
    sampled: bool = True
    """Stacks are sampled; otherwise their quality is nothing to speak of."""
    memory: tuple[str, ...] = ()
    """What is known of the heap and what knowing it costs, the weightiest first."""
    badge: str = ""
    """One or two words that must stand beside every figure."""
    exit_code: int | None = None
    trouble: str = ""
    """Why something could not be observed, in one sentence."""
    note: str = ""
    """Anything else that is short: tags, the name of a budget."""
    own_cpu_percent: float | None = None
    """CPU of the dashboard itself."""
    pinned: bool = False
    """It is kept for good."""


class HeaderBar(LineCanvas):
    """Two lines: who and where it stands; then how good the samples are, or what is wrong."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "header-bar--title",
        "header-bar--text",
        "header-bar--muted",
        "header-bar--good",
        "header-bar--warn",
        "header-bar--bad",
        "header-bar--badge",
    }
    DEFAULT_CSS = """
    HeaderBar { height: 2; background: $panel;
        .header-bar--title { color: $text; text-style: bold; }
        .header-bar--text { color: $text; }
        .header-bar--muted { color: $text-muted; }
        .header-bar--good { color: $success; }
        .header-bar--warn { color: $warning; }
        .header-bar--bad { color: $error; text-style: bold; }
        .header-bar--badge { background: $warning; color: $background; text-style: bold; }
    }
    """

    class TitleClicked(Message):
        """The name of the session was clicked: a person wants to change it."""

        def __init__(self, header_bar: HeaderBar) -> None:
            super().__init__()
            self.header_bar = header_bar

        @property
        def control(self) -> HeaderBar:
            """The widget that posted it."""
            return self.header_bar

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._facts = HeaderFacts("")
        self._title_cells = 0
        """Columns of the first line that the name takes."""

    def show(self, facts: HeaderFacts) -> None:
        """Draw the facts."""
        self._facts = facts
        self.redraw()

    def on_click(self, event: events.Click) -> None:
        """Let the name be changed."""
        if event.y == 0 and event.x < self._title_cells:
            self.post_message(self.TitleClicked(self))

    def draw_row(self, y: int, width: int) -> Row:
        """Return one of the two lines."""
        return self._who(width) if y == 0 else self._how_good(width) if y == 1 else []

    def _segment(self, text: str, component: str) -> Segment:
        return Segment(text, self.pen(f"header-bar--{component}"))

    def _who(self, width: int) -> Row:
        facts = self._facts
        right = self._state(width)
        right_cells = sum(segment.cell_length for segment in right)
        room = max(0, width - right_cells - 1)
        title = f"★ {clean(facts.title)}" if facts.pinned else clean(facts.title)
        pid = f"  pid {facts.pid}" if facts.pid is not None else ""
        # Where the interpreter lies is seldom what tells one session from another.
        command = re.sub(r"^\S*/(?=\S)", "", clean(facts.command))
        command = f"  {command}" if command and command != clean(facts.title) else ""
        # What is cut first is what is longest and known best: the command; then the pid; the title last.
        shown_title = fit(f" {title}", min(room, width_of(title) + 1))
        self._title_cells = width_of(shown_title)
        room -= self._title_cells
        shown_pid = pid if len(pid) <= room else ""
        room -= len(shown_pid)
        shown_command = fit(command, room) if room >= 12 or width_of(command) <= room else " " * room
        return [
            self._segment(shown_title, "title"),
            self._segment(shown_command, "muted"),
            self._segment(shown_pid, "muted"),
            self._segment(" ", "text"),
            *right,
        ]

    def _state(self, width: int) -> Row:
        facts = self._facts
        sign, kind = _STATES.get(facts.state, ("·", "muted"))
        if facts.exit_code and facts.state not in ("running", "starting"):
            kind = "bad"
        word = clean(facts.state.upper())
        if facts.exit_code is not None:
            word += f" exit {facts.exit_code}" if facts.exit_code >= 0 else f" signal {-facts.exit_code}"
        elapsed = "" if facts.elapsed_s is None else f" {format_seconds(facts.elapsed_s)}"
        row = [self._segment(f" {sign} {word}", kind), self._segment(f" {elapsed} ", "text")]
        if facts.mode:
            row.insert(0, self._segment(f" {clean(facts.mode)} ", "muted"))
        if facts.frozen_s is not None:
            row.insert(0, self._segment(_frozen(facts, facts.frozen_s, width), "badge"))
        return row

    def _how_good(self, width: int) -> Row:
        facts = self._facts
        if facts.trouble:
            return [self._segment(fit(f" ▲ {clean(facts.trouble)}", width), "warn")]
        parts = self._quality()
        if facts.note:
            parts.append((clean(facts.note), "muted"))
        row: Row = []
        left = width
        for text, component in parts:
            lead = " " if not row else "  "
            cells = width_of(lead) + width_of(text)
            # Whole parts only: half a number would be another number.
            if cells > left:
                break
            if component == "badge":
                row.extend((self._segment(lead, "muted"), self._segment(text, component)))
            else:
                row.append(self._segment(lead + text, component))
            left -= cells
        return row

    def _quality(self) -> list[tuple[str, str]]:
        facts = self._facts
        parts = [(f" ▲ {clean(facts.badge)} ", "badge")] if facts.badge else []
        memory = [(clean(fact), "text" if i == 0 else "muted") for i, fact in enumerate(facts.memory)]
        parts.extend(self._sampling() if facts.sampled else memory)
        if facts.sampled:
            parts.extend(memory)
        if facts.own_cpu_percent is not None:
            parts.append((f"dashboard {format_percent(facts.own_cpu_percent)}", "muted"))
        if facts.quality.late_s > 0.5:
            parts.append((f"late {format_seconds(facts.quality.late_s)}", "warn"))
        return parts

    def _sampling(self) -> list[tuple[str, str]]:
        quality = self._facts.quality
        if not quality.requested_hz and not quality.samples:
            return [("no samples", "muted")]
        coverage = quality.coverage
        kind = "good" if coverage >= _GOOD_COVERAGE else "warn" if coverage >= _POOR_COVERAGE else "bad"
        parts = [(f"{format_count(quality.samples)} sample{'' if quality.samples == 1 else 's'}", "text")]
        if quality.approximate:
            parts.append((" ≈ APPROXIMATE ", "badge"))
        if quality.requested_hz:
            slow = quality.achieved_hz < 0.9 * quality.requested_hz and quality.sampled_s > 0
            rate = f"{quality.achieved_hz:.0f}/{quality.requested_hz:.0f} Hz"
            parts.append((rate, "warn" if slow else "muted"))
            parts.append((f"coverage {format_percent(100 * coverage)}", kind))
        failed = quality.failed / max(1, quality.failed + quality.samples)
        if quality.failed:
            parts.append((f"failed {format_count(quality.failed)}", "warn" if failed > 0.01 else "muted"))
        if quality.requested_hz:
            cost = quality.sampler_cpu_percent
            parts.append((f"sampler {format_percent(cost)}", "warn" if cost > _MUCH_OVERHEAD_PERCENT else "muted"))
        return parts


def _frozen(facts: HeaderFacts, frozen_s: float, width: int) -> str:
    """Return for how long the view stands still, and whether there is more to come meanwhile."""
    whole = int(frozen_s)
    since = f" ❚❚ FROZEN {f'{whole} s' if whole < 60 else f'{whole // 60}m {whole % 60:02d}s'}"
    goes_on = "recording goes on" if facts.recording else "recording ended"
    return f"{since}, {goes_on} " if width >= _ROOM_TO_SAY_SO else f"{since} "

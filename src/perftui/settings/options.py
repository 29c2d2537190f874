"""The table of settings: what each is for, what it may be, and when a change of it is felt.

The screen of settings, `perftui settings` and the reader of the files all go by it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import Enum
from functools import reduce
from pathlib import Path

from perftui.errors import UsageError
from perftui.model.workload import RecordMode, Retention, SamplingMode
from perftui.settings.spec import PALETTES, Motion, Settings
from perftui.toml.table import shown, spellings, suggestion
from perftui.units import Unit, format_bytes, format_percent, format_seconds, parse_value

SLOWEST_REFRESH_HZ, FASTEST_REFRESH_HZ = 0.2, 10.0
# py-spy's own cost grows with the rate; at a thousand looks a second a target mostly stands still.
MOST_HZ = 1_000
SHORTEST_WINDOW_S, LONGEST_WINDOW_S = 0.1, 60.0
SHORTEST_VIEW_S, LONGEST_VIEW_S = 0.5, 3_600.0
_WHOLE_PERCENT = 100.0
MOST_DAYS, MOST_KEPT, MOST_BYTES = 36_500.0, 1_000_000, 1e15
_FOLLOW = {"auto": None, "always": True, "never": False}
_ON, _OFF = "on", "off"
_YES = frozenset({_ON, "true", "yes", "1"})
_NO = frozenset({_OFF, "false", "no", "0"})


class Kind(Enum):
    """What a setting holds."""

    FLAG = "on or off"
    HERTZ = "Hz"
    SECONDS = "s"
    PERCENT = "%"
    DAYS = "days"
    SESSIONS = "sessions"
    BYTES = "bytes"
    CHOICE = "one of a few words"
    TEXT = "text"
    PATH = "path"


_LIMITS = (Kind.DAYS, Kind.SESSIONS, Kind.BYTES)
"""Of these 0 is no limit."""
_NUMBERS = (Kind.HERTZ, Kind.SECONDS, Kind.PERCENT, *_LIMITS)


@dataclass(frozen=True, slots=True)
class Option:
    """A setting that a person can change."""

    key: str
    """Its key in a settings file, with its table: `sampling.rate_hz`."""
    label: str
    help: str
    """One sentence."""
    kind: Kind
    least: float = 0.0
    most: float = 0.0
    choices: tuple[str, ...] = ()
    open_choice: bool = False
    """Other words than the choices are taken too."""
    attribute: str = ""
    """Where the value is in `Settings`, if not under its key."""
    at_once: bool = False
    """A change is felt at once; otherwise by the next recording."""
    whole: bool = False
    """A number without a fraction."""

    @property
    def topic(self) -> str:
        """What it is about: the table it stands in."""
        return self.key.rpartition(".")[0]

    @property
    def path(self) -> tuple[str, ...]:
        """Its key as a path."""
        return tuple(self.key.split("."))

    @property
    def spellings(self) -> tuple[str, ...]:
        """Every key, without its table, under which a file may hold it."""
        name = self.path[-1]
        units = {
            Kind.SECONDS: ("_s", Unit.SECONDS),
            Kind.PERCENT: ("_percent", Unit.PERCENT),
            Kind.BYTES: ("", Unit.BYTES),
        }
        if self.kind not in units or self.key in _PLAIN:
            return (name,)
        suffix, unit = units[self.kind]
        return tuple(spellings(name.removesuffix(suffix), unit))

    @property
    def limits(self) -> str:
        """What it may be, for a person."""
        if self.kind in _NUMBERS:
            off = ", 0 for no limit" if self.kind in _LIMITS else ""
            return f"from {self.least:g} to {self.most:g} {self.kind.value}{off}"
        if self.kind is Kind.CHOICE:
            return ("one of " if not self.open_choice else "") + ", ".join(self.choices)
        return {Kind.FLAG: "on or off", Kind.PATH: "a path, or nothing for the usual place"}.get(self.kind, "any text")

    def value(self, settings: Settings) -> object:
        """Return what holds."""
        names = (self.attribute or self.key).split(".")
        found: object = reduce(getattr, names, settings)
        return found.value if isinstance(found, Enum) else found

    def written(self, settings: Settings) -> str:
        """Return what holds as a person types it."""
        found = self.value(settings)
        if self.attribute == "sampling.follow_children":
            return next(word for word, value in _FOLLOW.items() if value is found)
        if isinstance(found, bool):
            return _ON if found else _OFF
        if isinstance(found, float | int):
            return f"{found:.15g}"
        return "" if found is None else str(found)

    def shown(self, settings: Settings) -> str:
        """Return what holds, with its unit."""
        written = self.written(settings)
        match self.kind:
            case Kind.HERTZ:
                return f"{written} Hz"
            case Kind.SECONDS:
                return format_seconds(float(written))
            case Kind.PERCENT:
                return format_percent(float(written))
            case Kind.DAYS | Kind.SESSIONS | Kind.BYTES if not float(written):
                return "no limit"
            case Kind.DAYS | Kind.SESSIONS:
                return f"{written} {self.kind.value}"
            case Kind.BYTES:
                return format_bytes(float(written))
        return written or _NOTHING.get(self.key, "none")

    def literal(self, text: str) -> str | None:
        """Return a person's text as TOML, None where the key is to be left out; raises `UsageError`."""
        text = text.strip()
        match self.kind:
            case Kind.FLAG:
                return self._flag(text)
            case Kind.CHOICE:
                return self._choice(text)
            case Kind.TEXT | Kind.PATH:
                return self._text(text)
        return f"{self._number(text):.15g}"

    def _flag(self, text: str) -> str:
        if text.lower() in _YES:
            return "true"
        if text.lower() in _NO:
            return "false"
        raise self._refused(text)

    def _choice(self, text: str) -> str | None:
        if not text or (text not in self.choices and not self.open_choice):
            raise UsageError(self._refused(text).message, hint=suggestion(text, self.choices) or self.help)
        if self.attribute == "sampling.follow_children":
            value = _FOLLOW[text]
            return None if value is None else str(value).lower()
        return _quoted(text)

    def _text(self, text: str) -> str | None:
        if not text:
            return None
        if not text.isprintable():
            raise self._refused(text)
        is_relative = self.kind is Kind.PATH and not text.startswith("~")
        # What a file holds is relative to that file, what a person types to where they stand.
        return _quoted(str(Path.cwd() / text) if is_relative else text)

    def _number(self, text: str) -> float:
        units = {Kind.SECONDS: Unit.SECONDS, Kind.PERCENT: Unit.PERCENT, Kind.BYTES: Unit.BYTES}
        endings = {Kind.HERTZ: "hz", Kind.DAYS: "d"}
        unit, ending = units.get(self.kind, Unit.COUNT), endings.get(self.kind)
        bare = text.lower().removesuffix(ending).strip() if ending else text
        try:
            number = parse_value(bare, unit)
        except ValueError:
            raise self._refused(text) from None
        if not self.least <= number <= self.most or (self.whole and number != int(number)):
            raise self._refused(text)
        return number

    def _refused(self, text: str) -> UsageError:
        whole = ", without a fraction" if self.whole else ""
        return UsageError(f'{self.key} cannot be "{shown(text)}": it is {self.limits}{whole}', hint=self.help)


_PLAIN = frozenset({"view.threshold_percent", "view.warn_percent", "view.critical_percent"})
_NOTHING = {"editor": "$VISUAL, $EDITOR", "sessions_dir": "the usual place", "budget_file": "none"}
_MODES = tuple(mode.value for mode in RecordMode)

OPTIONS: tuple[Option, ...] = (
    Option(
        "theme", "Palette", "Colours: safe ones for red-green blindness, high contrast, or none at all (mono).",
        Kind.CHOICE, choices=PALETTES, open_choice=True, at_once=True,
    ),
    Option(
        "refresh_hz", "Refresh", "How often a live view is drawn.",
        Kind.HERTZ, SLOWEST_REFRESH_HZ, FASTEST_REFRESH_HZ, at_once=True,
    ),
    Option(
        "motion", "Motion", "reduced: nothing slides, fades or blinks, and a live view is drawn once a second.",
        Kind.CHOICE, choices=tuple(motion.value for motion in Motion), at_once=True,
    ),
    Option("editor", "Editor", "Command that opens a source file at a line.", Kind.TEXT, at_once=True),
    Option("confirm", "Questions", "Ask before a workload is ended.", Kind.FLAG, at_once=True),
    Option("mode", "Record", "What a recording looks at where nothing else is said.", Kind.CHOICE, choices=_MODES),
    Option("sessions_dir", "Sessions", "Directory of the saved sessions.", Kind.PATH),
    Option("budget_file", "Budget", "Budget of a run that names none.", Kind.PATH),
    Option(
        "keep_sources", "Sources", "Keep the text of the project's own files that ran in each session.", Kind.FLAG
    ),
    Option(
        "view.window_s", "Window", "Length of a live view of the last seconds.",
        Kind.SECONDS, SHORTEST_VIEW_S, LONGEST_VIEW_S, at_once=True,
    ),
    Option(
        "view.half_life_s", "Half-life", "After this time a sample counts half in a fading view.",
        Kind.SECONDS, SHORTEST_VIEW_S, LONGEST_VIEW_S, at_once=True,
    ),
    Option(
        "view.threshold_percent", "Threshold", "Share below which frames and rows may be left out; 0: nothing is.",
        Kind.PERCENT, 0.0, _WHOLE_PERCENT, at_once=True,
    ),
    Option(
        "view.warn_percent", "Warn from", "Share of the whole from which a figure is drawn as a warning.",
        Kind.PERCENT, 0.0, _WHOLE_PERCENT, at_once=True,
    ),
    Option(
        "view.critical_percent", "Critical from", "Share of the whole from which a figure is drawn as critical.",
        Kind.PERCENT, 0.0, _WHOLE_PERCENT, at_once=True,
    ),
    Option(
        "alerts.notices", "Notices", "Notices on the screen: a broken budget, trouble, the end of the workload.",
        Kind.FLAG, at_once=True,
    ),
    Option("alerts.bell", "Bell", "Ring the terminal's bell for each of them.", Kind.FLAG, at_once=True),
    Option(
        "alerts.desktop", "Desktop", "Ask the terminal for a notification of the desktop (OSC 9).",
        Kind.FLAG, at_once=True,
    ),
    Option("sampling.rate_hz", "Rate", "Looks at each thread in a second.", Kind.HERTZ, 1, MOST_HZ, whole=True),
    Option(
        "sampling.window_s", "Window", "How long one recorder samples before the next takes over.",
        Kind.SECONDS, SHORTEST_WINDOW_S, LONGEST_WINDOW_S,
    ),
    Option(
        "sampling.mode", "Mode", "blocking stops the target for each look; nonblocking may tear stacks.",
        Kind.CHOICE, choices=tuple(mode.value for mode in SamplingMode),
    ),
    Option(
        "sampling.follow_children", "Children", "Sample child processes; auto: from the moment that there are any.",
        Kind.CHOICE, choices=tuple(_FOLLOW), attribute="sampling.follow_children",
    ),
    Option(
        "sampling.overhead_percent", "Overhead", "The rate is lowered where sampling would cost the target more.",
        Kind.PERCENT, 0.1, _WHOLE_PERCENT,
    ),
    Option("sampling.native", "Native frames", "Frames of extensions too; slower.", Kind.FLAG),
    Option("memory.native", "Native frames", "Frames of extensions too: up to 2.5 times the cost.", Kind.FLAG),
    Option(
        "memory.pymalloc", "Small objects", "Every small object, not only the arenas: 1.1 to 3.2 times the cost.",
        Kind.FLAG,
    ),
    Option("memory.children", "Forks", "Forked children too, a capture for each.", Kind.FLAG),
    Option(
        "memory.capture", "Capture", "What becomes of memray's file when its figures are in the session.",
        Kind.CHOICE, choices=tuple(each.value for each in Retention), attribute="memory.retention",
    ),
    Option(
        "retention.days", "Age", "Older sessions are removed when a recording ends; never what is pinned.",
        Kind.DAYS, 0.0, MOST_DAYS,
    ),
    Option(
        "retention.keep", "Number", "Of each workload so many sessions stay, the newest, and what is pinned.",
        Kind.SESSIONS, 0, MOST_KEPT, whole=True,
    ),
    Option(
        "retention.bytes", "Space", "The oldest sessions go until all take no more; never what is pinned.",
        Kind.BYTES, 0.0, MOST_BYTES,
    ),
)  # fmt: skip

TOPICS = {
    "": "perftui",
    "view": "View",
    "alerts": "Alerts",
    "sampling": "Sampling",
    "memory": "Memory",
    "retention": "Retention",
}
"""What stands above the settings of a table."""

_CANONICAL = {".".join((*option.path[:-1], name)): option.key for option in OPTIONS for name in option.spellings}


def canonical(written: str) -> str:
    """Return the key of the setting that a file writes in one of several ways."""
    return _CANONICAL.get(written, written)


def option_of(key: str) -> Option:
    """Return a setting by its key, in whichever spelling; raises `UsageError`."""
    found = next((option for option in OPTIONS if option.key == canonical(key)), None)
    if key.startswith(RENAMES):
        raise UsageError(f"{RENAMES} is no single value", hint=RENAMES_WRITTEN)
    if found is None:
        known = [option.key for option in OPTIONS]
        hint = suggestion(key, known) or "`perftui settings` lists them"
        raise UsageError(f'there is no setting called "{shown(key)}"', hint=hint)
    return found


def origin_of(option: Option, settings: Settings) -> str:
    """Return where the value of a setting comes from: a file, a variable, a flag, or `default`."""
    return settings.origins.get(option.key, "default")


RENAMES = "compare.renames"
RENAMES_HELP = "What functions and files of a baseline are called now, in the file: old = new."
RENAMES_WRITTEN = 'a table of the file: [compare.renames], then "old.py:old_name" = "new.py:new_name" a line'


def renames_shown(settings: Settings) -> str:
    """Return how many renames a comparison goes by."""
    return f"{len(settings.renames):,} told" if settings.renames else "none"


def renames_origin(settings: Settings) -> str:
    """Return where the last of the renames comes from."""
    return settings.origins.get(RENAMES, "default")


def _quoted(text: str) -> str:
    # A JSON string of printable characters is a TOML string.
    return json.dumps(text, ensure_ascii=False)

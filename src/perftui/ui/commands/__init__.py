"""The table of commands: bindings, the palette, the help, the key bar and the README are all drawn from it."""

from __future__ import annotations

from collections.abc import Iterator

from textual.binding import Binding

from perftui.ui.commands.command import (
    ALSO_IN_SETTINGS,
    COMPARE,
    DASHBOARD,
    EVERYWHERE,
    FLAMES,
    HOME,
    PICKER,
    SETTINGS,
    TREND,
    Command,
)
from perftui.ui.commands.flames import FLAME_COMMANDS
from perftui.ui.commands.panes import PANE_COMMANDS
from perftui.ui.commands.scope import SCOPE_COMMANDS
from perftui.ui.commands.sessions import SESSION_COMMANDS
from perftui.ui.commands.trend import TREND_COMMANDS

__all__ = [
    "ALSO_IN_SETTINGS",
    "COMMANDS",
    "COMPARE",
    "DASHBOARD",
    "EVERYWHERE",
    "FLAMES",
    "HOME",
    "PICKER",
    "SETTINGS",
    "TREND",
    "Command",
    "bindings_of",
    "commands_by_topic",
    "commands_of",
    "help_of",
    "pane_keys",
    "runnable_on",
    "topic_of",
]

COMMANDS: tuple[Command, ...] = (
    *FLAME_COMMANDS,
    *SCOPE_COMMANDS,
    *PANE_COMMANDS,
    *TREND_COMMANDS,
    *SESSION_COMMANDS,
)

_ALSO = {
    "search.previous": FLAMES,
    "delta.previous": (COMPARE,),
    "flame.home": FLAMES,
    "forward": (DASHBOARD,),
    "attach.from_dashboard": (DASHBOARD,),
    "scope.stdlib": (DASHBOARD,),
    "scope.packages": (DASHBOARD,),
    "scope.native": (DASHBOARD,),
    "settings.back": (SETTINGS,),
    "trend.session_before": (TREND,),
    "trend.change_before": (TREND,),
    "trend.workload_before": (TREND,),
    "scope.gil": (DASHBOARD,),
    "scope.idle": (DASHBOARD,),
}
"""What shares a line of the tables with another command, and the screens that have it."""


LINE_OPENERS = frozenset(command.action for command in COMMANDS if command.opens_line)
"""Actions after which what is typed goes into a line; their keys are letters within one."""


def commands_of(screen: str) -> Iterator[Command]:
    """Yield the commands of a screen that are shown to a person."""
    return (command for command in COMMANDS if screen in command.where)


_TOPICS = (
    (
        "Moving in the flames",
        ("flame", "mouse", "back", "order", "invert", "instances", "flames", "weight", "share", "width"),
    ),
    ("Searching", ("search", "home.search")),
    ("Time and refresh", ("freeze", "range", "time", "live", "threshold")),
    ("What is looked at", ("lens", "scope", "threads", "split", "delta", "view")),
    ("Table", ("sort", "difference", "columns")),
    ("Panes", ("pane", "advice", "operations", "maximise")),
    ("Source", ("edit", "copy")),
    ("Trend", ("trend",)),
    ("Sessions", ("open", "attach", "rename", "tag", "mark", "delete", "refresh", "restart", "again", "name")),
    ("Settings", ("settings", "theme", "quality")),
    ("Help and leaving", ("help", "palette", "quit", "suspend", "interrupt")),
)
"""Headings of the help, and the ids of their commands; a part before a dot stands for all that begin with it."""
_ELSEWHERE = "Else"


def topic_of(command: Command) -> str:
    """Return the heading of the help that a command stands below."""
    group = command.id.partition(".")[0]
    named = (topic for name in (command.id, group) for topic, names in _TOPICS if name in names)
    return next(named, _ELSEWHERE)


def commands_by_topic(screen: str) -> list[tuple[str, list[Command]]]:
    """Return the commands of a screen that are shown to a person, below the headings of the help."""
    shown = list(commands_of(screen))
    headings = [*(topic for topic, _ in _TOPICS), _ELSEWHERE]
    grouped = ((topic, [command for command in shown if topic_of(command) == topic]) for topic in headings)
    return [(topic, commands) for topic, commands in grouped if commands]


def help_of(command_id: str) -> str:
    """Return a command's keys and what it does; nothing where there is no such command."""
    return next((f"{each.shown}: {each.help}" for each in COMMANDS if each.id == command_id), "")


def runnable_on(screen: str) -> Iterator[Command]:
    """Yield the commands of a screen that can be run by name."""
    return (
        command for command in COMMANDS if command.action and screen in (*command.where, *_ALSO.get(command.id, ()))
    )


def bindings_of(screen: str) -> list[Binding]:
    """Return the bindings of a screen; a command without keys is bound by the widget that it is about."""
    return [
        Binding(
            command.keys,
            command.action,
            command.label,
            show=False,
            tooltip=command.help,
            id=command.id,
            # Else the keys that come meanwhile go to whatever had the focus.
            priority=command.opens_line,
        )
        for command in runnable_on(screen)
        if command.keys
    ]


def pane_keys(screen: str = DASHBOARD) -> dict[str, str]:
    """Return the key of each pane of a screen, by the pane's id."""
    prefix = "pane."
    return {
        command.id.removeprefix(prefix): command.shown.split()[0]
        for command in COMMANDS
        if command.id.startswith(prefix) and screen in command.where
    }

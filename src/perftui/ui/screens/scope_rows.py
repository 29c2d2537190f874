"""The offers of a scope as lines of its menu."""

from __future__ import annotations

from collections.abc import Mapping

from perftui.analysis.scope import Collapsed, Focus, Hidden, MergedRecursion, OwnOnly, Part, Scope
from perftui.analysis.scope_menu import Figures, Group, Offer, offers
from perftui.ui.commands import COMMANDS
from perftui.ui.widgets.scope_list import ListRow
from perftui.units import format_percent

UNDO, CLEAR, SAVE = "scope.undo", "scope.clear", "save"
_COMMANDS: dict[type[Part], str] = {
    OwnOnly: "scope.own",
    MergedRecursion: "scope.recursion",
    Collapsed: "scope.module",
    Hidden: "scope.hide",
    Focus: "scope.focus",
}
_ACTIONS = "the whole scope"


def rows_of(figures: Figures, scope: Scope, named: Mapping[str, Scope], *, last: str) -> list[ListRow]:
    """Return all lines of the menu; `last` is the text of the last chip, empty without any."""
    nothing = "" if scope.parts else "everything is looked at already"
    found = offers(figures, scope, named)
    branches = [offer for offer in found if offer.branch is not None]
    actions = [
        ListRow(UNDO, _ACTIONS, f"undo: {last}" if last else "undo", nothing or "takes the last chip away",
                key=_key(UNDO), why_not=nothing),
        ListRow(CLEAR, _ACTIONS, "look at everything", nothing or "takes all chips away",
                key=_key(CLEAR), why_not=nothing),
        ListRow(SAVE, _ACTIONS, "save this scope as …", nothing or "keeps it with the session under a name of yours",
                why_not=nothing),
    ]  # fmt: skip
    # Threads come last, for there may be hundreds.
    return [*(_row(offer) for offer in found if offer.branch is None), *actions, *map(_row, branches)]


def _row(offer: Offer) -> ListRow:
    share = ""
    if offer.share is not None:
        # A look a second tells no digits after the point.
        share = f"~{100 * offer.share:.0f} %" if offer.estimated else format_percent(100 * offer.share)
    detail = f"{offer.detail}; Delete takes the name away" if offer.group is Group.NAMED else offer.detail
    command = _COMMANDS.get(type(offer.part), "") if offer.part is not None else ""
    return ListRow(
        offer,
        offer.group.value,
        offer.text,
        detail,
        on=offer.on,
        usual=offer.branch is not None,
        key=_key(command) if offer.group is Group.CODE else "",
        share=share,
        why_not=offer.why_not,
    )


def _key(command: str) -> str:
    return next((each.shown for each in COMMANDS if each.id == command), "")

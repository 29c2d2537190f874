"""One dialog that names a session and pins it as the baseline, by keys alone or by the mouse alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Input, OptionList, Static

from perftui.errors import UsageError
from perftui.recording.naming import Naming
from perftui.storage.names import check_name
from perftui.text import printable
from perftui.ui.widgets.line_input import LineInput


class Tick(Static, can_focus=True):
    """Something that is so or not, told by a sign and not by a colour alone."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("space,enter", "turn", "Turn over", show=False)]

    def __init__(self, label: str, *, value: bool, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, markup=False)
        self._label = label
        self.value = value

    def render(self) -> Text:
        """Return sign and label."""
        return Text(f"{'[✓]' if self.value else '[ ]'} {self._label}")

    def on_click(self) -> None:
        """Turn it over."""
        self.action_turn()

    def action_turn(self) -> None:
        """Turn it over."""
        self.value = not self.value
        self.refresh()


class PinDialog(ModalScreen[Naming | None]):
    """Asks for a name and whether to pin; None where the person changed their mind."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Cancel"),
        Binding("down", "app.focus_next", "Next", show=False),
        Binding("up", "app.focus_previous", "Previous", show=False),
    ]
    DEFAULT_CSS = """
    PinDialog { align: center middle; }
    PinDialog > Vertical {
        width: 70; max-width: 96%; min-width: 24; height: auto; max-height: 100%; padding: 1 2;
        border: round $primary; border-title-color: $primary; background: $surface;
    }
    PinDialog Input, PinDialog OptionList { background: $panel; border: none; padding: 0 1; }
    PinDialog OptionList { height: auto; max-height: 5; min-width: 12; }
    PinDialog Static { color: $text-muted; height: auto; }
    PinDialog Tick, PinDialog #pin-error { margin-top: 1; }
    PinDialog Tick { color: $text; }
    PinDialog Tick:focus { background: $primary 30%; }
    PinDialog #pin-error { color: $error; display: none; }
    PinDialog Horizontal { height: 1; margin-top: 1; }
    PinDialog Button { margin-right: 2; }
    """

    def __init__(self, naming: Naming, suggestions: Sequence[str], *, what: str = "") -> None:
        """Make the dialog.

        Args:
            naming: What is filled in first.
            suggestions: Names to choose from.
            what: Workload that it is the baseline of.
        """
        super().__init__()
        self._naming = naming
        self._suggestions = list(suggestions)
        self._what = what

    def compose(self) -> ComposeResult:
        """Lay out name, suggestions, the tick and the answers."""
        of = f" of {printable(self._what)}" if self._what else ""
        with Vertical() as box:
            box.border_title = " name and pin "
            yield Static("name", markup=False)
            yield LineInput(self._naming.name, id="pin-name", compact=True)
            if self._suggestions:
                yield Static("or take", markup=False)
                yield OptionList(
                    *[Text(printable(name), no_wrap=True, overflow="ellipsis") for name in self._suggestions],
                    id="pin-names",
                )
            label = f"pin as the baseline {printable(self._naming.baseline)}{of}"
            yield Tick(label, value=self._naming.pinned, id="pin-baseline")
            yield Static("", id="pin-error", markup=False)
            with Horizontal(id="pin-answers"):
                yield Button("Save", variant="primary", id="pin-save", compact=True)
                yield Button("Cancel", id="pin-cancel", compact=True)

    def on_mount(self) -> None:
        """Let the name be typed over."""
        field = self.query_one("#pin-name", Input)
        field.focus()
        field.select_all()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Take a suggestion; it can still be changed."""
        event.stop()
        field = self.query_one("#pin-name", Input)
        field.value = self._suggestions[event.option_index]
        field.focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Save."""
        event.stop()
        self._save()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Save, or not."""
        event.stop()
        if event.button.id == "pin-save":
            self._save()
        else:
            self.dismiss(None)

    def _save(self) -> None:
        name = self.query_one("#pin-name", Input).value.strip()
        try:
            check_name(name)
        except UsageError as error:
            told = self.query_one("#pin-error", Static)
            told.update(f"{error.message}{f': {error.hint}' if error.hint else ''}")
            told.display = True
            return
        pinned = self.query_one(Tick).value
        self.dismiss(replace(self._naming, name=name, pinned=pinned))

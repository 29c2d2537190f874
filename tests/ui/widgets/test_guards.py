"""What must hold for every widget, checked once for all of them."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.widget import Widget

import perftui.ui
import perftui.ui.widgets
from perftui.ui.widgets.line_canvas import LineCanvas

UI = Path(perftui.ui.__file__).parent
MEANT = {
    "ALLOW_MAXIMIZE", "ALLOW_SELECT", "BINDINGS", "COMPONENT_CLASSES", "DEFAULT_CSS", "can_focus", "can_focus_children",
    "check_action", "compose", "get_content_height", "get_content_width", "notify_style_update", "render_line",
    "render_lines", "Hovered", "on_mount", "render", "cursor_blink", "on_mouse_move", "tooltip",
}  # fmt: skip
"""Names of Textual that widgets override on purpose."""


def widgets() -> Iterator[type[Widget]]:
    for module in pkgutil.iter_modules(perftui.ui.widgets.__path__):
        for _, found in inspect.getmembers(
            importlib.import_module(f"perftui.ui.widgets.{module.name}"), inspect.isclass
        ):
            if issubclass(found, Widget) and found.__module__ == f"perftui.ui.widgets.{module.name}":
                yield found


def _foreign(widget: type[Widget]) -> set[str]:
    """Return the names of a widget's bases that are Textual's."""
    return {name for base in widget.__mro__[1:] if not base.__module__.startswith("perftui") for name in vars(base)}


@pytest.mark.parametrize("widget", widgets(), ids=lambda widget: widget.__name__)
def test_no_name_of_textual_is_taken_by_accident(widget: type[Widget]) -> None:
    own = {name for name in vars(widget) if not name.startswith("__")}
    # Attributes are not in the class: they are read from the code that sets them.
    made = inspect.getsource(widget)
    own |= set(re.findall(r"\bself\.(_?[a-z]\w*)(?:: [^=\n]+)? = ", made))
    inherited = _foreign(widget) | set(re.findall(r"\bself\.(_?[a-z]\w*)(?:: [^=\n]+)? = ", inspect.getsource(Widget)))
    generated = {
        name
        for name in own
        if name.startswith(("_merged", "_css", "_computes", "_reactives", "_inherit", "_classvar", "_decorated"))
    }
    assert (own & inherited) - MEANT - generated <= {"display"}


@pytest.mark.parametrize("widget", widgets(), ids=lambda widget: widget.__name__)
def test_drawn_widgets_are_never_selected_as_text(widget: type[Widget]) -> None:
    if issubclass(widget, LineCanvas):
        assert widget.ALLOW_SELECT is False


@pytest.mark.parametrize("widget", widgets(), ids=lambda widget: widget.__name__)
def test_every_component_class_has_a_style_and_none_has_a_style_in_vain(widget: type[Widget]) -> None:
    own = vars(widget).get("COMPONENT_CLASSES", set())
    styled = set(re.findall(r"\.([a-z-]+--[a-z-]+)", vars(widget).get("DEFAULT_CSS", "")))
    assert own == styled


def test_colours_are_written_as_numbers_in_the_themes_only() -> None:
    sources = [*UI.rglob("*.py"), *UI.rglob("*.tcss")]
    assert len(sources) > 10
    guilty = [
        path.relative_to(UI).as_posix()
        for path in sources
        if path.name != "themes.py" and re.search(r"#[0-9a-fA-F]{6}\b|#[0-9a-fA-F]{3}\b(?!\w)", path.read_text("utf-8"))
    ]
    assert guilty == []

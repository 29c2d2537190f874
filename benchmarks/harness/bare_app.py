"""The least that a Textual application is: a header, a line of text and a footer."""

from textual.app import App, ComposeResult
from textual.widgets import Footer, Header, Static


class BareApp(App[None]):
    """Shows one line until the terminal goes away."""

    BINDINGS = [("q", "quit", "Quit")]  # noqa: RUF012 - Textual's own form

    def compose(self) -> ComposeResult:
        """Make the three widgets."""
        yield Header()
        yield Static("a bare application " * 10)
        yield Footer()


if __name__ == "__main__":
    BareApp().run()

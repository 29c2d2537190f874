"""The palettes: restrained surfaces, one warm accent for the person's own code, words and shapes beside every colour.

These are the only colours of the program that are written as numbers; everything else uses the tokens. The safe ones
say with blue, orange and lightness what the usual ones say with green and red. `mono` has no colours: its greys only
tell `monochrome` what is light on dark and what is dark on light.
"""

from __future__ import annotations

from textual.theme import Theme

from perftui.settings.spec import MONO, PALETTES

__all__ = [
    "CONTRAST_DARK",
    "CONTRAST_LIGHT",
    "COUNTERPARTS",
    "DARK",
    "LIGHT",
    "MONO",
    "NAMES",
    "PALETTES",
    "SAFE_DARK",
    "SAFE_LIGHT",
    "THEMES",
]

DARK, LIGHT, SAFE_DARK, SAFE_LIGHT, CONTRAST_DARK, CONTRAST_LIGHT, _ = PALETTES

COUNTERPARTS = {
    DARK: LIGHT,
    LIGHT: DARK,
    SAFE_DARK: SAFE_LIGHT,
    SAFE_LIGHT: SAFE_DARK,
    CONTRAST_DARK: CONTRAST_LIGHT,
    CONTRAST_LIGHT: CONTRAST_DARK,
}
"""The dark palette to a light one and the other way round; `mono` is neither."""

NAMES = {
    DARK: "usual, dark",
    LIGHT: "usual, light",
    SAFE_DARK: "safe for red-green blindness, dark",
    SAFE_LIGHT: "safe for red-green blindness, light",
    CONTRAST_DARK: "high contrast, dark",
    CONTRAST_LIGHT: "high contrast, light",
    MONO: "no colours",
}
"""What a palette is, for a person."""


def _theme(
    name: str,
    *,
    dark: bool,
    primary: str,
    secondary: str,
    accent: str,
    foreground: str,
    grounds: tuple[str, str, str],
    verdicts: tuple[str, str, str],
    border: str,
    border_blurred: str,
    scrollbar: str,
    scrollbar_hover: str,
    selection: str = "30%",
    **more: str,
) -> Theme:
    """Return a theme; `grounds` are background, surface and panel, `verdicts` success, warning and error."""
    background, surface, panel = grounds
    success, warning, error = verdicts
    return Theme(
        name=name,
        dark=dark,
        primary=primary,
        secondary=secondary,
        accent=accent,
        foreground=foreground,
        background=background,
        surface=surface,
        panel=panel,
        success=success,
        warning=warning,
        error=error,
        variables={
            "border": border,
            "border-blurred": border_blurred,
            "block-cursor-background": primary,
            "block-cursor-foreground": background,
            "block-cursor-text-style": "none",
            "input-cursor-background": foreground,
            "input-selection-background": f"{primary} {selection}",
            "scrollbar": scrollbar,
            "scrollbar-hover": scrollbar_hover,
            "scrollbar-active": primary,
            "scrollbar-background": surface,
            "scrollbar-background-hover": surface,
            "scrollbar-background-active": surface,
            "scrollbar-corner-color": surface,
            "footer-key-foreground": primary,
            **more,
        },
    )


_IN_THE_DARK = {
    "border": "#323a47",
    "border_blurred": "#262d38",
    "scrollbar": "#323a47",
    "scrollbar_hover": "#475263",
}
_IN_THE_LIGHT = {
    "border": "#cfd2d2",
    "border_blurred": "#e0e2e1",
    "scrollbar": "#c4c8c9",
    "scrollbar_hover": "#a9aeb0",
    "selection": "25%",
}

THEMES = (
    _theme(
        DARK,
        dark=True,
        primary="#6cb6ff",
        secondary="#4a6c8c",
        accent="#e08b3a",
        foreground="#d6dbe3",
        grounds=("#14171c", "#191d24", "#222833"),
        verdicts=("#57b380", "#e3b341", "#f0616d"),
        **_IN_THE_DARK,
    ),
    _theme(
        LIGHT,
        dark=False,
        primary="#0b62c4",
        secondary="#9dbbd8",
        accent="#f3a35c",
        foreground="#20262e",
        grounds=("#fbfbf9", "#f3f3f0", "#e7e8e5"),
        verdicts=("#1b7f45", "#9a6400", "#c22638"),
        **_IN_THE_LIGHT,
    ),
    _theme(
        SAFE_DARK,
        dark=True,
        primary="#7fbfff",
        secondary="#3f6fa3",
        accent="#d9a441",
        foreground="#dde2ea",
        grounds=("#14171c", "#191d24", "#222833"),
        verdicts=("#5aa9f5", "#f7e98b", "#ff7d33"),
        **_IN_THE_DARK,
    ),
    _theme(
        SAFE_LIGHT,
        dark=False,
        primary="#0a4f9e",
        secondary="#8fb4dd",
        accent="#f0b457",
        foreground="#1b2027",
        grounds=("#fdfdfb", "#f7f7f4", "#f0f0ed"),
        verdicts=("#0b57b0", "#826200", "#6e1500"),
        **_IN_THE_LIGHT,
    ),
    _theme(
        CONTRAST_DARK,
        dark=True,
        primary="#8fd0ff",
        secondary="#2a5298",
        accent="#ffb000",
        foreground="#ffffff",
        grounds=("#000000", "#000000", "#101010"),
        verdicts=("#5dff9b", "#ffe600", "#ff9a9a"),
        border="#ffffff",
        border_blurred="#a0a0a0",
        scrollbar="#a0a0a0",
        scrollbar_hover="#ffffff",
        selection="45%",
        **{"text-muted": "#d0d0d0"},
    ),
    _theme(
        CONTRAST_LIGHT,
        dark=False,
        primary="#00308a",
        secondary="#8ab4f0",
        accent="#ffb454",
        foreground="#000000",
        grounds=("#ffffff", "#ffffff", "#f4f4f4"),
        verdicts=("#004d1c", "#573900", "#8a0012"),
        border="#000000",
        border_blurred="#505050",
        scrollbar="#505050",
        scrollbar_hover="#000000",
        selection="30%",
        **{"text-muted": "#333333"},
    ),
    _theme(
        MONO,
        dark=True,
        primary="#ffffff",
        secondary="#b0b0b0",
        accent="#ffffff",
        foreground="#ffffff",
        grounds=("#000000", "#000000", "#000000"),
        verdicts=("#ffffff", "#ffffff", "#ffffff"),
        border="#ffffff",
        border_blurred="#808080",
        scrollbar="#808080",
        scrollbar_hover="#ffffff",
        **{"text-muted": "#707070", "text-disabled": "#707070"},
    ),
)
"""To be registered by the app; the first is the default."""

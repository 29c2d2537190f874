"""The two themes: restrained surfaces, one warm accent for the person's own code, words and shapes beside every colour.

These are the only colours of the program that are written as numbers; everything else uses the tokens.
"""

from __future__ import annotations

from textual.theme import Theme

DARK = "perftui-dark"
LIGHT = "perftui-light"

_DARK = Theme(
    name=DARK,
    primary="#6cb6ff",
    secondary="#4a6c8c",
    accent="#e08b3a",
    foreground="#d6dbe3",
    background="#14171c",
    surface="#191d24",
    panel="#222833",
    success="#57b380",
    warning="#e3b341",
    error="#f0616d",
    dark=True,
    variables={
        "border": "#323a47",
        "border-blurred": "#262d38",
        "block-cursor-background": "#6cb6ff",
        "block-cursor-foreground": "#14171c",
        "block-cursor-text-style": "none",
        "input-cursor-background": "#d6dbe3",
        "input-selection-background": "#6cb6ff 30%",
        "scrollbar": "#323a47",
        "scrollbar-hover": "#475263",
        "scrollbar-active": "#6cb6ff",
        "scrollbar-background": "#191d24",
        "scrollbar-background-hover": "#191d24",
        "scrollbar-background-active": "#191d24",
        "scrollbar-corner-color": "#191d24",
        "footer-key-foreground": "#6cb6ff",
    },
)

_LIGHT = Theme(
    name=LIGHT,
    primary="#0b62c4",
    secondary="#9dbbd8",
    accent="#f3a35c",
    foreground="#20262e",
    background="#fbfbf9",
    surface="#f3f3f0",
    panel="#e7e8e5",
    success="#1b7f45",
    warning="#9a6400",
    error="#c22638",
    dark=False,
    variables={
        "border": "#cfd2d2",
        "border-blurred": "#e0e2e1",
        "block-cursor-background": "#0b62c4",
        "block-cursor-foreground": "#fbfbf9",
        "block-cursor-text-style": "none",
        "input-cursor-background": "#20262e",
        "input-selection-background": "#0b62c4 25%",
        "scrollbar": "#c4c8c9",
        "scrollbar-hover": "#a9aeb0",
        "scrollbar-active": "#0b62c4",
        "scrollbar-background": "#f3f3f0",
        "scrollbar-background-hover": "#f3f3f0",
        "scrollbar-background-active": "#f3f3f0",
        "scrollbar-corner-color": "#f3f3f0",
        "footer-key-foreground": "#0b62c4",
    },
)

THEMES = (_DARK, _LIGHT)
"""To be registered by the app; the first is the default."""

"""Texts in cells of a terminal: how many they take, cut in their middle, broken between words."""

from __future__ import annotations

from collections.abc import Iterator

_ASCII_LIKE = 0x300
"""Below it every printable character takes one cell."""
_OWN_MARKS = "≤≥–…×→µ␛␊␉"
"""What perftui itself writes beyond Latin letters: a cell each."""


def cells_of(text: str) -> int:
    """Return how many cells of a terminal a text takes."""
    if _is_plain(text):
        return len(text)
    # Only names of other scripts need the table of widths, which takes a while to load.
    from rich.cells import cell_len  # noqa: PLC0415

    return cell_len(text)


def shortened(text: str, width: int) -> str:
    """Return a text cut in its middle to `width` cells: its end says most, and its beginning whose it is."""
    if cells_of(text) <= width:
        return text
    if width <= 1:
        return "…"[: max(0, width)]
    # The end has two thirds of what there is.
    begin = _head(text[:width], (width - 1) // 3) if width > 3 else ""
    return f"{begin}…{_tail(text, width - 1 - cells_of(begin))}"


def broken(line: str, width: int) -> Iterator[str]:
    """Yield a line in pieces that fit, broken between words; the later ones stand below its text."""
    indent = " " * (len(line) - len(line.lstrip()) or 10)
    while cells_of(line) > width:
        head = _head(line, width)
        at = head.rfind(" ")
        # A word that is longer than a line is cut where the line ends.
        at = at if at > len(indent) else len(head)
        yield line[:at].rstrip()
        line = indent + line[at:].lstrip()
    yield line


def _is_plain(text: str) -> bool:
    if not text.isprintable():
        return False
    return text.isascii() or all(ord(letter) < _ASCII_LIKE or letter in _OWN_MARKS for letter in text)


def _head(text: str, width: int) -> str:
    """Return as much of the beginning as fits; a letter that alone is too wide is taken all the same."""
    if _is_plain(text):
        return text[: max(1, width)]
    from rich.cells import chop_cells  # noqa: PLC0415

    return chop_cells(text, width)[0]


def _tail(text: str, width: int) -> str:
    if _is_plain(text):
        return text[max(0, len(text) - width) :]
    at, left = len(text), width
    while at and (left := left - cells_of(text[at - 1])) >= 0:
        at -= 1
    return text[at:]

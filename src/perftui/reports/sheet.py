"""A report as every writer takes it: facts, sentences and tables whose cells are words already.

Text, Markdown and HTML are made of one sheet, so that they cannot say different numbers.
"""

from __future__ import annotations

from dataclasses import dataclass, field

WIDE = 120
"""From lines of so many cells on intervals have columns of their own."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table."""

    heading: str
    right: bool = False
    names: bool = False
    """It holds names from outside: shortened where there is little room, and set as code."""
    from_width: int = 0
    """In text it is shown from lines of so many cells on."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table."""

    cells: tuple[str, ...]
    tone: str = ""
    """How it stands, as the word of a verdict: what gives it a colour; empty where nothing is judged."""
    told: str = ""
    """What is to be said of it beside its figures."""


@dataclass(frozen=True, slots=True)
class SheetTable:
    """Rows under headings."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    folded: bool = False
    """Whether it may be folded away where that can be done."""
    left_out: int = 0
    """So many more rows there are."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything that one report says."""

    title: str
    word: str = ""
    """The verdict of the whole; empty where nothing was judged."""
    tone: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    """Name and what is said of it: `budget`, `budgets/demo.toml`."""
    warnings: tuple[str, ...] = ()
    """What is to be known before any figure is read."""
    picture: tuple[str, ...] = ()
    """Lines of cells of one width, above the tables: a chart."""
    tables: tuple[SheetTable, ...] = field(default=())
    summary: str = ""
    remarks: tuple[str, ...] = ()
    """What is to be known beside it, at the end."""

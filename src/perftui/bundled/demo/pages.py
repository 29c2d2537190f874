"""Pages: nested templates are rendered into text, and kept in a cache that grows until it is emptied."""

from __future__ import annotations

import hashlib
import html
from dataclasses import dataclass, field


@dataclass
class Element:
    """An element of a page, with text or with elements in it."""

    tag: str
    text: str = ""
    children: list[Element] = field(default_factory=list)


class PageBuilder:
    """Makes the elements of a page."""

    def results_page(self, query: str, titles: list[str]) -> Element:
        """Return the page of a search."""
        return Element("html", children=[self.head(query), Element("body", children=[self.frame(titles, depth=5)])])

    def head(self, query: str) -> Element:
        """Return the head of a page."""
        return Element("head", children=[Element("title", f"{query} - the little shop")])

    def frame(self, titles: list[str], depth: int) -> Element:
        """Return boxes within boxes around the list."""
        if depth == 0:
            return Element("ul", children=[self.item(title) for title in titles])
        return Element("div", children=[Element("p", f"level {depth}"), self.frame(titles, depth - 1)])

    def item(self, title: str) -> Element:
        """Return one row of the list."""
        return Element("li", children=[Element("a", title), Element("span", "in stock & ready to ship")])


class Renderer:
    """Turns elements into text."""

    def render(self, element: Element) -> str:
        """Return an element as text, with everything in it."""
        inner = self.render_text(element) if element.text else self.render_children(element)
        return f"<{element.tag}>{inner}</{element.tag}>"

    def render_children(self, element: Element) -> str:
        """Return the elements in an element, one after the other."""
        return "".join(self.render(child) for child in element.children)

    def render_text(self, element: Element) -> str:
        """Return text that no browser takes for markup."""
        return html.escape(element.text)


class PageCache:
    """Keeps every page, with its thumbnails: memory goes up until somebody empties it."""

    # Large enough that the allocator gives the memory back to the system when it is released.
    THUMBNAIL_BYTES = 512 * 1024

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._pages: dict[str, bytes] = {}
        self.held_bytes = 0

    def keep(self, text: str) -> None:
        """Keep a page, as long as there is room."""
        key = hashlib.sha256(f"{len(self._pages)}{text}".encode()).hexdigest()
        if self.held_bytes + self.THUMBNAIL_BYTES <= self._most_bytes:
            self._pages[key] = self.thumbnail(text)
            self.held_bytes += self.THUMBNAIL_BYTES

    def thumbnail(self, text: str) -> bytes:
        """Return the picture of a page."""
        pattern = text.encode()[:4096] or b" "
        return (pattern * (self.THUMBNAIL_BYTES // len(pattern) + 1))[: self.THUMBNAIL_BYTES]

    def drop_half(self) -> None:
        """Release the older half of the pages."""
        for key in list(self._pages)[: len(self._pages) // 2 + 1]:
            del self._pages[key]
            self.held_bytes -= self.THUMBNAIL_BYTES

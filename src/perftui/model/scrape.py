"""Endpoints that tell metrics in the text format of Prometheus, and which of them are kept."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Self

USUAL_PATH = "/metrics"
LONGEST_NAME = 60
_NAME = re.compile(r"[A-Za-z0-9_.:\[\]-]+")
_HINT = "write it like http://localhost:8000/metrics, or localhost:8000"


@dataclass(frozen=True, slots=True)
class Scrape:
    """One endpoint that is read again and again."""

    name: str
    """The origin of its series."""
    url: str
    interval_s: float | None = None
    """Time from one reading to the next; None for that of the meters, 5 s at most."""
    match: tuple[str, ...] = ()
    """Names that are kept, with `*` and `?`; of a histogram or a summary its own name is enough. Empty for all."""

    @classmethod
    def checked(cls, name: str, url: str, interval_s: float | None, match: tuple[str, ...]) -> Self:
        """Return an endpoint of a file; raises `ValueError` with a sentence, a hint and the key that it is about."""
        if not _NAME.fullmatch(name) or len(name) > LONGEST_NAME:
            raise ValueError("is no name of an endpoint", "letters, digits and _ . : -, 60 at most", "")
        try:
            return cls(name, address_of(url), interval_s, match)
        except ValueError as error:
            raise ValueError(*error.args, "url") from None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return what `URL` or `NAME=URL` says; raises `ValueError` with a sentence and a hint."""
        name, equals, address = text.partition("=")
        if not equals or not _NAME.fullmatch(name) or len(name) > LONGEST_NAME:
            name, address = "", text
        from urllib.parse import urlsplit  # noqa: PLC0415

        url = address_of(address)
        return cls(name or urlsplit(url).netloc[:LONGEST_NAME], url)


def each_once(scrapes: Iterable[Scrape]) -> tuple[Scrape, ...]:
    """Return endpoints with each address and each name once: what all who name an address want of it is kept."""
    found: dict[str, Scrape] = {}
    for scrape in scrapes:
        known = next((each for each in found.values() if each.url == scrape.url), None)
        if known is None:
            name = _free_name(scrape.name, found)
            found[name] = replace(scrape, name=name)
        else:
            match = (*known.match, *scrape.match) if known.match and scrape.match else ()
            found[known.name] = replace(known, match=tuple(dict.fromkeys(match)))
    return tuple(found.values())


def _free_name(name: str, taken: Iterable[str]) -> str:
    names, number = [name], 2
    while names[-1] in taken:
        names.append(f"{name[: LONGEST_NAME - 4]}-{number}")
        number += 1
    return names[-1]


def address_of(text: str) -> str:
    """Return an address with its scheme and path, where they were left out; raises `ValueError` with a hint."""
    # Only a run with an endpoint pays for it.
    from urllib.parse import urlsplit, urlunsplit  # noqa: PLC0415

    text = text.strip()
    # `localhost:8000` would be an address of the scheme localhost.
    text = text if "://" in text else f"http://{text}"
    try:
        parts = urlsplit(text)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    if not valid or not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError("is no address of http or https", _HINT)
    if parts.username is not None or parts.password is not None:
        raise ValueError("holds a user or a password, which would be kept with the session", _HINT)
    return urlunsplit((parts.scheme, parts.netloc, parts.path or USUAL_PATH, parts.query, ""))

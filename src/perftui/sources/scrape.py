"""Reads an endpoint of metrics again and again; whatever it answers, the recording goes on."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from math import inf
from urllib.parse import urljoin, urlsplit

from perftui.errors import ObserveError
from perftui.model.scrape import Scrape, address_of
from perftui.model.series import SeriesValues
from perftui.sources.base import Clock, SourceEvent, SourceState, SourceStatus
from perftui.sources.exposition import Exposition, read_exposition
from perftui.sources.http_get import Answer, Get
from perftui.text import printable
from perftui.units import format_seconds

MOST_BYTES = 4 << 20
LONGEST_INTERVAL_S = 5.0
"""Where nothing else is said: however seldom the meters are read, what grows is to be told of soon."""
_LEAST_LIMIT_S, _MOST_LIMIT_S = 2.0, 10.0
_GRACE_S = 3.0
"""A service that has just been started may take so long to listen, and so may a single answer be lost."""
_SAY_AGAIN_S = 60.0
_MOST_REDIRECTS = 3
_ACCEPT = "text/plain;version=0.0.4;q=1,text/plain;q=0.5,*/*;q=0.1"


class Scraper:
    """One endpoint."""

    def __init__(self, scrape: Scrape, *, clock: Clock, interval_s: float | Callable[[], float] = 1.0) -> None:
        """Make ready; `interval_s`, or what tells it, holds where the scrape says nothing of it."""
        self.name = f"scrape {scrape.name}"
        self._scrape = scrape
        self._clock = clock
        self._usual_s = interval_s if callable(interval_s) else lambda: interval_s
        self._get: Get | None = None
        self._redirects = 0
        self._began_s = -inf
        """When it was asked last."""
        self._failing_since_s: float | None = None
        self._said, self._said_at_s = "", 0.0
        self._limited = False

    def start(self) -> None:
        """Nothing has to be there yet."""

    def poll(self, timeout_s: float) -> Sequence[SourceEvent]:
        """Go on with what is under way; return what an answer held."""
        now = self._clock()
        # Worked out anew each time: an alert may have hastened it since it was asked last.
        left_s = self._began_s + self._interval_s - now
        if self._get is None and left_s > 0:
            time.sleep(min(timeout_s, left_s))
            return ()
        try:
            if self._get is None:
                self._began_s = now
                self._redirects = 0
                self._get = self._begun(self._scrape.url)
            answer = self._get.step(timeout_s)
            if answer is None:
                return ()
            self._let_go()
            values = self._read(answer)
        except ObserveError as error:
            self._let_go()
            return self._trouble(error.message)
        return () if values is None else self._taken(values)

    def stop(self) -> Sequence[SourceEvent]:
        """Let go of what is under way."""
        self._let_go()
        return ()

    @property
    def _interval_s(self) -> float:
        return self._scrape.interval_s or min(LONGEST_INTERVAL_S, self._usual_s())

    def _begun(self, url: str) -> Get:
        limit_s = min(_MOST_LIMIT_S, max(_LEAST_LIMIT_S, self._interval_s))
        return Get(url, accept=_ACCEPT, limit_s=limit_s, most_bytes=MOST_BYTES)

    def _let_go(self) -> None:
        if self._get is not None:
            self._get.close()
            self._get = None

    def _read(self, answer: Answer) -> Exposition | None:
        """Return what an answer holds; None where it leads to another address of the same host."""
        if answer.status in (301, 302, 303, 307, 308):
            self._get = self._begun(self._led_to(answer.location))
            return None
        if answer.status != 200:
            raise ObserveError(f"it answers {answer.status}")
        if answer.encoding.lower() not in ("", "identity"):
            raise ObserveError(f"it answers in the encoding {printable(answer.encoding)[:20]}, which was not asked for")
        text = answer.body.decode("utf-8", "replace")
        if "html" in answer.content_type.lower() or text.lstrip()[:1] == "<":
            raise ObserveError("it answers a page of HTML, and no metrics")
        found = read_exposition(text, origin=self._scrape.name, match=self._scrape.match)
        if not found.values:
            raise ObserveError("nothing that it answers matches" if self._scrape.match else "it answers no metrics")
        return found

    def _led_to(self, location: str) -> str:
        self._redirects += 1
        try:
            url = address_of(urljoin(self._scrape.url, location))
        except ValueError:
            raise ObserveError("it leads to something that is no address") from None
        here, there = urlsplit(self._scrape.url), urlsplit(url)
        if (here.scheme, here.netloc) != (there.scheme, there.netloc):
            raise ObserveError("it leads to another host, which is not followed")
        if self._redirects > _MOST_REDIRECTS:
            raise ObserveError("it leads on and on")
        return url

    def _taken(self, found: Exposition) -> list[SourceEvent]:
        events: list[SourceEvent] = [SeriesValues(self._clock(), found.values)]
        if self._said:
            events.append(SourceStatus(self.name, SourceState.RUNNING))
        self._failing_since_s, self._said = None, ""
        if found.left_out and not self._limited:
            self._limited = True
            message = f"the first {len(found.values):,} series are kept, {found.left_out:,} are not"
            events.append(SourceStatus(self.name, SourceState.DEGRADED, message, "match chooses among them"))
        return events

    def _trouble(self, why: str) -> list[SourceEvent]:
        """Say what is wrong, once, and not before it has lasted."""
        now = self._clock()
        if self._failing_since_s is None:
            self._failing_since_s = now
        lasted_s = now - self._failing_since_s
        is_news = why != self._said and (not self._said or now - self._said_at_s >= _SAY_AGAIN_S)
        if lasted_s < _GRACE_S or not is_news:
            return []
        self._said, self._said_at_s = why, now
        hint = f"it is tried again every {format_seconds(self._interval_s)}"
        return [SourceStatus(self.name, SourceState.DEGRADED, f"{printable(self._scrape.url)}: {why}", hint)]

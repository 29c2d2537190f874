"""Work that is done at once while it is short, and else in steps, between which keys are answered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from time import perf_counter

AT_ONCE_S = 0.025
"""What takes no longer is hardly felt by somebody who types."""

PAUSE_S = 0.01
"""Between two steps of long work."""
_FADING = 0.9


class InSteps:
    """Rounds of work, one after the other; each is an iterator that yields where it may be interrupted."""

    def __init__(
        self, later: Callable[[Callable[[], None]], object], *, clock: Callable[[], float] = perf_counter
    ) -> None:
        """Make it; `later` calls a function when what was typed meanwhile has been answered."""
        self._later = later
        self._clock = clock
        self._work: Iterator[None] | None = None
        self._at_work = False
        self._took_s = 0.0
        self._long_s = 0.0
        """What the longest of the latest rounds took; it fades."""

    @property
    def busy(self) -> bool:
        """Whether a round is under way."""
        return self._work is not None

    @property
    def at_work(self) -> bool:
        """Whether this is asked for from within a step."""
        return self._at_work

    def begin(self, work: Iterator[None], *, long: bool = False) -> None:
        """Do a round: at once where the latest ones were short, unless this one is known to be long."""
        self.finish()
        self._long_s = max(self._took_s, _FADING * self._long_s)
        self._took_s, self._work = 0.0, work
        if self._long_s <= AT_ONCE_S and not long:
            self.finish()
        else:
            self._step()

    def finish(self) -> None:
        """Do at once what is left of a round."""
        while self._work is not None:
            self._advance()

    def _step(self) -> None:
        self._advance()
        if self._work is not None:
            self._later(self._step)

    def _advance(self) -> None:
        work = self._work
        if work is None:
            return
        began_s = self._clock()
        self._at_work = True
        try:
            next(work)
        except StopIteration:
            self._work = None
        except BaseException:
            self._work = None
            raise
        finally:
            self._at_work = False
            self._took_s += self._clock() - began_s

"""What a budget says of a measurement."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from perftui.units import Unit


class Verdict(Enum):
    """Words of a judgement; lower case in JSON, as they stand beside the colours on screen."""

    PASS = "pass"
    WARN = "warn"
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"
    MISSING = "missing"
    UNBUDGETED = "unbudgeted"
    INFO = "info"


BUDGET_FILE = "budget file"
"""What a verdict names as its baseline where that is a number of the budget."""


@dataclass(frozen=True, slots=True)
class HeldAgainst:
    """What a value was held against, and how sure the difference is."""

    value: float | None
    """The baseline's value, in the unit of what was measured; None where it has none."""
    unit: Unit
    """Unit of both measured values; the rule's own unit is that of its limit (percent for an increase)."""
    current: float | None
    """The value that was held against it."""
    ref: str
    """Where the baseline comes from: `baseline:main`, a file, or `budget file` for one that a budget states itself."""
    change_pct: float | None = None
    """(current / baseline - 1) * 100."""
    interval_pct: tuple[float, float] | None = None
    """95 % confidence interval of the change."""
    p: float | None = None
    """Chance of such a difference where nothing changed; None where it was not tested."""
    runs: tuple[int, int] = (0, 0)
    """How many values stand behind each side: baseline, current."""


@dataclass(frozen=True, slots=True)
class RuleVerdict:
    """One rule of a budget held against one measurement."""

    rule: str
    """The rule as the file names it: `resources.cpu_percent`, `functions."app.py:work".max_share_pct`."""
    subject: str
    """What is judged, for a person: `CPU`, `work (app.py)`."""
    metric: str
    unit: Unit
    current: float | None
    """The measured value in base units (seconds, bytes, percent), or None where there is none."""
    warn: float | None
    fail: float | None
    verdict: Verdict
    reason: str = ""
    lower_is_better: bool = True
    breached_at_s: float | None = None
    """When the limit was first broken, in seconds since the recording began."""
    held_against: HeldAgainst | None = None
    """What a rule about a change was judged by; None for a limit of the value itself."""

    @property
    def headroom(self) -> float | None:
        """Share of the strictest failing limit that is still free, negative when it is broken."""
        limit = self.fail if self.fail is not None else self.warn
        if limit is None or self.current is None or limit == 0:
            return None
        free = limit - self.current if self.lower_is_better else self.current - limit
        return free / abs(limit)

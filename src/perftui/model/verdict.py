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

    @property
    def headroom(self) -> float | None:
        """Share of the strictest failing limit that is still free, negative when it is broken."""
        limit = self.fail if self.fail is not None else self.warn
        if limit is None or self.current is None or limit == 0:
            return None
        free = limit - self.current if self.lower_is_better else self.current - limit
        return free / abs(limit)

"""What perftui advises: findings, each by a rule, with what was measured and where."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from perftui.model.frame import Frame


class Severity(Enum):
    """How much there is to gain."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that costs more than it need."""

    rule: str
    """Name of the rule that speaks: `serialisation`, `logging`, `imports`."""
    severity: Severity
    title: str
    """What costs, in a few words."""
    evidence: str
    """What was measured, with units and how sure it is."""
    suggestion: str
    """What usually helps."""
    share: float | None = None
    """Of all sampled time, 0 to 1; None where it is not about time."""
    samples: int = 0
    """How many samples hold it."""
    place: Frame | None = None
    """The line of the person's own code that it comes from most; None where none is known."""
    place_share: float = 0.0
    """Which part of it comes from there, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Bottleneck:
    """A function, and how much faster everything is when it is."""

    frame: Frame
    self_s: float
    total_s: float
    self_share: float
    total_share: float
    samples: int
    per_operation_s: float | None
    """Seconds of it for each operation that was counted; None where none was."""
    whole_after_s: float
    """Sampled seconds of everything, were it as many times faster as was asked for."""
    gain: float
    """Share of all sampled seconds that this saves, 0 to 1."""


@dataclass(frozen=True, slots=True)
class OperationCount:
    """How many operations a run did, and who counted."""

    number: int
    of: str = ""
    """The key of the operation; empty where a person said how many there were."""
    tool: str = ""
    """What counted it: `pytest-benchmark`."""
    measured_s: float | None = None
    """Seconds that the tool measured them for, all together; None where it did not tell."""


@dataclass(frozen=True, slots=True)
class WaitingAt:
    """A place where threads wait, by looks about once a second."""

    leaf: Frame
    """The innermost frame that Python knows."""
    own: Frame | None
    """The innermost line of the person's own code, which may be the leaf; None where there is none."""
    threads: float
    """How many wait there at a time, on average over all looks."""
    found: int
    """Looks that found any there."""
    crowded: int
    """Looks that found at least two there."""

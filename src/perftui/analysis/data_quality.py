"""What may be concluded from the samples of a session, and what may not: every doubt with its reason in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from perftui.analysis.sampling_error import share_interval
from perftui.model.hotspot import Hotspot
from perftui.model.sample import SamplingQuality
from perftui.units import format_count, format_percent, format_seconds

TORN = "TORN STACKS"
"""Badge of a sampling that did not stop its target, which the header and the source say too."""
LEAST_COVERAGE = 0.90
MOST_FAILED = 0.05
_LOW_RATE = 0.8
_WIDEST = 0.5
"""Width of a 95 % interval, as a part of its share, up to which the share says something."""
_TOLD_FROM = 61.5
"""Samples times share over its complement at which the interval is that wide: (1.96 * 4) squared."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why a conclusion would not hold."""

    badge: str
    """Two words for beside a figure."""
    reason: str
    """One sentence."""


def failed_share(quality: SamplingQuality) -> float:
    """Return the part of the looks that failed, 0 to 1."""
    return quality.failed / max(1, quality.failed + quality.samples)


def doubts(quality: SamplingQuality, *, perturbed: bool = False) -> tuple[Doubt, ...]:
    """Return what speaks against every figure of a sampling, the weightiest first; nothing where it was not sampled."""
    found: list[Doubt] = []
    if not quality.samples and not quality.failed:
        return ()
    if quality.requested_hz and quality.wall_s > 0 and quality.coverage < LEAST_COVERAGE:
        missed = format_percent(100 * (1 - quality.coverage))
        found.append(
            Doubt("LOW COVERAGE", f"{missed} of the time was not sampled: what happened then is not in any figure")
        )
    if failed_share(quality) > MOST_FAILED:
        share = format_percent(100 * failed_share(quality))
        found.append(Doubt("LOOKS FAILED", f"{share} of the looks failed, and those that fail are not a random part"))
    if quality.approximate:
        found.append(Doubt(TORN, "the target ran on during the looks, so that some stacks never existed"))
    if perturbed:
        found.append(Doubt("PERTURBED", "allocations were traced in the same run: functions that allocate seem slower"))
    return tuple(found)


def share_doubt(share: float, samples: int) -> Doubt | None:
    """Return why a share (0 to 1) of so many samples says little; None where it does, or where it is nothing."""
    if share <= 0 or samples <= 0:
        return None
    low, high = share_interval(share, samples)
    if high - low <= _WIDEST * share:
        return None
    ends = f"{format_percent(100 * low)} and {format_percent(100 * high)}"
    return Doubt("FEW SAMPLES", f"{format_count(round(share * samples))} samples: anywhere between {ends}")


def least_share(samples: int) -> float:
    """Return the smallest share, 0 to 1, that so many samples tell within a quarter of itself (95 %)."""
    return _TOLD_FROM / (samples + _TOLD_FROM)


def few_samples(rows: Iterable[Hotspot], samples: int) -> frozenset[int]:
    """Return the ids of the functions whose self share is of too few samples to say much; `samples` are all."""
    least = least_share(samples)
    return frozenset(row.function_id for row in rows if 0 < row.self_share < least)


@dataclass(frozen=True, slots=True)
class Finding:
    """One line about how good the data are."""

    name: str
    value: str
    meaning: str
    """One sentence."""
    good: bool = True


def sampling_findings(quality: SamplingQuality, *, perturbed: bool = False) -> tuple[Finding, ...]:
    """Return what is known of a sampling, each with what it means."""
    least = format_percent(100 * least_share(quality.samples))
    samples = Finding(
        "samples", format_count(quality.samples), f"shares from {least} up are known within a quarter of themselves"
    )
    if not quality.requested_hz:
        return samples, Finding("sampling", "not known", "how they were taken, and how many looks failed, is not told")
    rate = f"{quality.achieved_hz:.0f} of {quality.requested_hz:.0f} Hz"
    slow = quality.achieved_hz < _LOW_RATE * quality.requested_hz
    failed = failed_share(quality)
    return (
        samples,
        Finding(
            "rate",
            rate,
            "fewer looks than asked for: weights stay right, small functions need a longer run"
            if slow
            else "looks at each thread in a second, got and asked for",
            not slow,
        ),
        Finding(
            "coverage",
            format_percent(100 * quality.coverage),
            "sampled time over the time that the recording took",
            quality.coverage >= LEAST_COVERAGE,
        ),
        Finding(
            "failed looks",
            f"{format_count(quality.failed)} ({format_percent(100 * failed)})",
            "a stack changed while it was read, or a process had just ended; they are in no figure",
            failed <= MOST_FAILED,
        ),
        Finding(
            "late",
            format_seconds(quality.late_s),
            "how far the sampler fell behind its schedule; the looks came later, their weights are those of the clock",
            quality.late_s <= max(0.5, 0.05 * quality.sampled_s),
        ),
        Finding(
            "stacks",
            "may be torn" if quality.approximate else "exact",
            "the target ran on while it was looked at"
            if quality.approximate
            else "the target stood still for each look",
            not quality.approximate,
        ),
        Finding(
            "perturbed",
            "yes" if perturbed else "no",
            "allocations were traced in the same run" if perturbed else "nothing but the looks slowed the target down",
            not perturbed,
        ),
    )


def conclusion(quality: SamplingQuality, *, perturbed: bool = False) -> str:
    """Return in one or two sentences what may be concluded."""
    if not quality.samples:
        return "Nothing can be concluded about CPU time: there are no samples."
    least = format_percent(100 * least_share(quality.samples))
    against = doubts(quality, perturbed=perturbed)
    if not against:
        return (
            f"Shares from {least} up hold within a quarter of themselves (95 %). Smaller ones say that a function ran,"
            " not how it ranks."
        )
    reasons = "; ".join(doubt.reason for doubt in against)
    return f"Take shares as hints, and none below {least}: {reasons}."


def quality_document(quality: SamplingQuality, *, perturbed: bool = False) -> dict[str, object]:
    """Return the judgement for scripts."""
    return {
        "conclusion": conclusion(quality, perturbed=perturbed),
        "doubts": [{"badge": doubt.badge, "reason": doubt.reason} for doubt in doubts(quality, perturbed=perturbed)],
        "failed_share": round(failed_share(quality), 6),
        "least_share": round(least_share(quality.samples), 6),
    }

"""What may be concluded from samples: each doubt comes with its limit, and with its reason in words."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.analysis.data_quality import (
    conclusion,
    doubts,
    failed_share,
    least_share,
    quality_document,
    sampling_findings,
    share_doubt,
)
from perftui.analysis.sampling_error import share_interval
from perftui.model.sample import SamplingQuality

GOOD = SamplingQuality(2_000, requested_hz=100, achieved_hz=99, sampled_s=20, wall_s=20.5, failed=3)


def badges(quality: SamplingQuality, *, perturbed: bool = False) -> list[str]:
    return [doubt.badge for doubt in doubts(quality, perturbed=perturbed)]


def test_good_samples_leave_no_doubt_and_say_how_small_a_share_they_tell() -> None:
    assert badges(GOOD) == []
    assert conclusion(GOOD).startswith("Shares from 3.0 % up hold")
    assert all(finding.good for finding in sampling_findings(GOOD))


@pytest.mark.parametrize(
    ("change", "badge", "finding"),
    [
        ({"sampled_s": 17.0}, "LOW COVERAGE", "coverage"),
        ({"failed": 200}, "LOOKS FAILED", "failed looks"),
        ({"approximate": True}, "TORN STACKS", "stacks"),
    ],
)
def test_each_doubt_is_said_in_a_badge_a_finding_and_the_conclusion(
    change: dict[str, float], badge: str, finding: str
) -> None:
    quality = replace(GOOD, **change)  # type: ignore[arg-type]
    assert badges(quality) == [badge]
    assert [each.name for each in sampling_findings(quality) if not each.good] == [finding]
    assert doubts(quality)[0].reason in conclusion(quality)
    assert conclusion(quality).startswith("Take shares as hints")


def test_a_run_that_was_traced_is_called_perturbed() -> None:
    assert badges(GOOD, perturbed=True) == ["PERTURBED"]
    assert quality_document(GOOD, perturbed=True)["doubts"] == [
        {"badge": "PERTURBED", "reason": doubts(GOOD, perturbed=True)[0].reason}
    ]


def test_a_rate_below_the_asked_for_is_told_and_is_no_doubt() -> None:
    slow = replace(GOOD, achieved_hz=60)
    assert badges(slow) == []
    assert [finding.name for finding in sampling_findings(slow) if not finding.good] == ["rate"]


def test_without_samples_nothing_is_concluded_and_nothing_is_doubted() -> None:
    assert badges(SamplingQuality(wall_s=5)) == []
    assert "no samples" in conclusion(SamplingQuality(wall_s=5))
    assert badges(SamplingQuality(requested_hz=100, failed=9, wall_s=5)) == ["LOW COVERAGE", "LOOKS FAILED"]


@given(st.floats(0.0001, 1.0), st.integers(1, 1_000_000))
def test_a_share_is_doubted_exactly_where_its_interval_is_wider_than_half_of_it(share: float, samples: int) -> None:
    low, high = share_interval(share, samples)
    doubt = share_doubt(share, samples)
    assert (doubt is not None) == (high - low > share / 2)
    if doubt is not None:
        assert "anywhere between" in doubt.reason


@given(st.integers(100, 10_000_000))
def test_the_least_share_is_where_the_doubt_ends(samples: int) -> None:
    least = least_share(samples)
    assert 0 < least < 1
    assert share_doubt(least / 1.3, samples) is not None
    assert share_doubt(min(1.0, least * 1.3), samples) is None


def test_a_share_of_nothing_is_not_doubted() -> None:
    assert share_doubt(0.0, 100) is share_doubt(0.5, 0) is None
    assert failed_share(SamplingQuality()) == 0.0

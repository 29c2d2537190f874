"""Series that are made from others: whatever comes late, begins anew or is missing."""

from __future__ import annotations

from collections.abc import Iterable
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.analysis.counter_sums import BucketSum, between_readings, quantile_of
from perftui.analysis.derivation_ways import fewest_observations
from perftui.analysis.derivations import Derivations
from perftui.model.derivation import Derivation, DerivationKind, Selector
from perftui.model.reading import ResourceReading
from perftui.model.series import Series, SeriesKind, SeriesValues
from perftui.units import Unit

Read = dict[str, float]
BOUNDS = (0.1, 0.5, 1.0, inf)


def series(text: str, kind: SeriesKind = SeriesKind.COUNTER, origin: str = "web") -> Series:
    """`requests_total code=200`: a name, and labels."""
    name, *labels = text.split()
    pairs = tuple(sorted((key, value) for key, _, value in (label.partition("=") for label in labels)))
    return Series(name, origin, kind, pairs)


def asked(
    kind: DerivationKind, *names: str, over_s: float = inf, unit: Unit = Unit.COUNT, **more: object
) -> Derivation:
    selectors = []
    for text in names:
        name, *labels = text.split()
        pairs = tuple((key, value) for key, _, value in (label.partition("=") for label in labels))
        selectors.append(Selector(name, pairs))
    return Derivation("it", kind, tuple(selectors), unit, over_s, **more)  # type: ignore[arg-type]


def derived(
    derivation: Derivation,
    reads: Iterable[tuple[float, Read]],
    kind: SeriesKind = SeriesKind.COUNTER,
    origin: str = "web",
) -> list[tuple[float, float]]:
    """The values that readings lead to, each with its moment."""
    derivations = Derivations([derivation])
    found = []
    for at_s, read in reads:
        values = SeriesValues(at_s, tuple((series(text, kind, origin), value) for text, value in read.items()))
        made = derivations.take(values)
        if made is not None:
            ((_, value),) = made.values
            found.append((made.at_s, value))
    return found


def test_a_rate_is_what_a_counter_grew_by_over_the_seconds_that_took() -> None:
    rate = asked(DerivationKind.RATE, "requests", over_s=2)
    reads: list[tuple[float, Read]] = [(at, {"requests_total": 10.0 * at}) for at in range(5)]
    assert derived(rate, reads) == [(1, 10), (2, 10), (3, 10), (4, 10)]
    spike: list[tuple[float, Read]] = [*reads, (5, {"requests_total": 140.0}), (6, {"requests_total": 140.0})]
    assert derived(rate, spike)[-2:] == [(5, 55), (6, 50)]


def test_a_counter_that_begins_anew_counts_from_zero() -> None:
    rate = asked(DerivationKind.RATE, "requests")
    reads: list[tuple[float, Read]] = [(0, {"requests": 100}), (1, {"requests": 103}), (2, {"requests": 4})]
    assert derived(rate, reads) == [(1, 3), (2, 3.5)]


def test_label_sets_are_summed_and_one_that_comes_late_counts_from_zero() -> None:
    rate = asked(DerivationKind.RATE, "requests")
    first: Read = {"requests code=200": 50.0}
    assert derived(rate, [(0, first), (2, {"requests code=200": 52.0, "requests code=500": 4.0})]) == [(2, 3)]
    only = asked(DerivationKind.RATE, "requests code=5..")
    assert derived(only, [(0, first), (1, first), (2, {**first, "requests code=500": 4.0})]) == [(1, 0), (2, 2)]


def test_a_counter_of_which_there_was_nothing_at_first_counts_from_zero_too() -> None:
    rate = asked(DerivationKind.RATE, "jobs", over_s=2)
    reads: list[tuple[float, Read]] = [(at, {"other": 1.0}) for at in range(5)]
    assert derived(rate, [*reads, (5, {"other": 1.0, "jobs": 6.0})]) == [(5, 3)]


def test_what_a_workload_counts_itself_begins_with_the_recording() -> None:
    rate = asked(DerivationKind.RATE, "jobs", over_s=10)
    assert derived(rate, [(2, {"jobs": 8.0}), (40, {"jobs": 28.0})], origin="") == [(2, 4), (40, 20 / 38)]


def test_a_workload_that_falls_silent_counts_nothing_more_and_its_levels_stand() -> None:
    rate = asked(DerivationKind.RATE, "jobs", over_s=4)
    level = asked(DerivationKind.RATIO, "used", "size", unit=Unit.PERCENT)
    derivations = Derivations([rate, level])
    for at_s, text, value, kind in (
        (1.0, "jobs", 8.0, SeriesKind.COUNTER),
        (1.5, "size", 20.0, SeriesKind.GAUGE),
        (2.0, "used", 5.0, SeriesKind.GAUGE),
    ):
        made = derivations.take(SeriesValues(at_s, ((series(text, kind, origin=""), value),)))
    assert made is not None
    assert [value for _, value in made.values] == [4.0, 25.0], "what is told apart belongs together"
    assert derivations.reading(ResourceReading(at_s=3.0)) is None
    silent = [derivations.reading(ResourceReading(at_s=at_s)) for at_s in (5.0, 6.0, 7.0)]
    assert [[value for _, value in each.values] for each in silent if each] == [[0.0, 25.0]] * 3


def test_a_later_part_of_a_watch_does_not_count_what_was_counted_before() -> None:
    rate = asked(DerivationKind.RATE, "jobs", over_s=10)
    derivations = Derivations([rate], begins=False)
    reads = [(0.5, "jobs_seen", 3.0), (1.0, "jobs", 9000.0), (2.0, "jobs", 9004.0)]
    made = [derivations.take(SeriesValues(at_s, ((series(text, origin=""), value),))) for at_s, text, value in reads]
    assert [None if each is None else each.values[0][1] for each in made] == [None, None, 4.0]


def test_a_gap_leaves_the_mean_of_all_that_time() -> None:
    rate = asked(DerivationKind.RATE, "requests", over_s=5)
    assert derived(rate, [(0, {"requests": 0.0}), (1, {"requests": 5.0}), (61, {"requests": 65.0})])[-1] == (61, 1)


def test_a_ratio_is_of_all_the_others_and_needs_every_name() -> None:
    errors = asked(DerivationKind.RATIO, "requests code=5..", "requests", unit=Unit.PERCENT)
    calm: Read = {"requests code=200": 10.0}
    assert derived(errors, [(0, calm), (1, {"requests code=200": 20.0})]) == [(1, 0)]
    some: Read = {"requests code=200": 28.0, "requests code=503": 2.0}
    assert derived(errors, [(0, calm), (1, some)]) == [(1, 10)]
    assert derived(errors, [(0, calm), (1, calm)]) == [], "without requests there is no share of them"
    hits = asked(DerivationKind.RATIO, "hits", "hits", "misses")
    reads: list[tuple[float, Read]] = [(0, {"hits": 0.0, "misses": 0.0}), (1, {"hits": 8.0, "misses": 2.0})]
    assert derived(hits, reads) == [(1, 0.8)]
    misspelt = asked(DerivationKind.RATIO, "hitz", "hits")
    assert derived(misspelt, reads) == [], "what never came is not zero"


def test_a_ratio_of_gauges_is_of_their_levels() -> None:
    used = asked(DerivationKind.RATIO, "pool_used", "pool_size", unit=Unit.PERCENT)
    assert derived(used, [(0, {"pool_used": 3.0, "pool_size": 12.0})], SeriesKind.GAUGE) == [(0, 25)]


def test_an_average_is_of_a_summary_or_of_a_gauge() -> None:
    mean = asked(DerivationKind.AVERAGE, "latency", over_s=2)
    reads: list[tuple[float, Read]] = [
        (0, {"latency_sum": 1.0, "latency_count": 10.0}),
        (1, {"latency_sum": 2.0, "latency_count": 15.0}),
        (2, {"latency_sum": 2.0, "latency_count": 15.0}),
        (9, {"latency_sum": 2.0, "latency_count": 15.0}),
    ]
    assert derived(mean, reads) == [(1, 0.2), (2, 0.2)]
    levels: list[tuple[float, Read]] = [(0, {"latency": 4.0}), (1, {"latency": 6.0}), (2, {"latency": 8.0})]
    assert derived(asked(DerivationKind.AVERAGE, "latency"), levels, SeriesKind.GAUGE) == [(0, 4), (1, 5), (2, 6)]


def test_a_difference_is_of_a_window_or_since_the_first_reading() -> None:
    reads: list[tuple[float, Read]] = [(0, {"size": 5.0}), (1, {"size": 9.0}), (2, {"size": 7.0})]
    assert derived(asked(DerivationKind.DELTA, "size"), reads, SeriesKind.GAUGE) == [(1, 4), (2, 2)]
    assert derived(asked(DerivationKind.DELTA, "size", over_s=1), reads, SeriesKind.GAUGE) == [(1, 4), (2, -2)]
    assert derived(asked(DerivationKind.DELTA, "size"), reads) == [(1, 4), (2, 11)], "a counter never shrinks"


def test_a_difference_between_two_marks_is_told_once_the_second_was_passed() -> None:
    step = asked(DerivationKind.DELTA, "rss_bytes", between=("begin", "end"))
    derivations = Derivations([step])

    def read(at_s: float, rss_bytes: int) -> list[float]:
        made = derivations.reading(ResourceReading(at_s=at_s, rss_bytes=rss_bytes))
        return [] if made is None else [value for _, value in made.values]

    derivations.mark("end")
    assert read(0, 100) == []
    derivations.mark("begin")
    assert read(1, 500) == []
    derivations.mark("end")
    assert read(2, 350) == [250]
    assert read(3, 900) == []


def test_a_quantile_is_interpolated_as_prometheus_does() -> None:
    buckets = {0.1: 50.0, 0.5: 90.0, 1.0: 100.0, inf: 100.0}
    assert quantile_of(buckets, 0.5) == pytest.approx(0.1)
    assert quantile_of(buckets, 0.25) == pytest.approx(0.05)
    assert quantile_of(buckets, 0.95) == pytest.approx(0.75)
    assert quantile_of({0.1: 0.0, 0.5: 2.0, inf: 10.0}, 0.95) == 0.5, "beyond the last bound it is that bound"
    assert quantile_of({0.1: 5.0, 0.5: 9.0}, 0.5) is None, "without the greatest bucket nobody knows"
    assert quantile_of({0.1: 0.0, inf: 0.0}, 0.5) is None
    assert quantile_of({inf: 7.0}, 0.5) is None


def bucket_reads(*observed: tuple[float, tuple[int, ...]]) -> list[tuple[float, Read]]:
    return [
        (at_s, {f"latency_bucket le={bound}": float(count) for bound, count in zip(BOUNDS, counts, strict=True)})
        for at_s, counts in observed
    ]


def test_a_quantile_is_of_the_window_and_needs_enough_observations() -> None:
    p95 = asked(DerivationKind.QUANTILE, "latency", over_s=2, q=0.95)
    reads = bucket_reads(
        (0, (0, 0, 0, 0)), (1, (100, 100, 100, 100)), (2, (100, 100, 100, 119)), (3, (100, 200, 200, 219))
    )
    found = derived(p95, reads, SeriesKind.BUCKET)
    assert [at_s for at_s, _ in found] == [1, 2, 3]
    assert found[0][1] == pytest.approx(0.095)
    assert found[1][1] == 1.0, "beyond the last bound it is that bound"
    assert derived(p95, bucket_reads((0, (0, 0, 0, 0)), (1, (19, 19, 19, 19))), SeriesKind.BUCKET) == []
    assert (fewest_observations(0.95), fewest_observations(0.99), fewest_observations(0.5)) == (20, 100, 2)


def test_a_histogram_begins_anew_as_a_whole() -> None:
    total = BucketSum()

    def take(*counts: float) -> None:
        pairs = [
            (series(f"l le={bound}", SeriesKind.BUCKET), count) for bound, count in zip(BOUNDS, counts, strict=True)
        ]
        total.take(pairs, known=False)

    take(10, 20, 30, 40)
    # The first bucket is past its old value already, and still none of it was there before.
    take(12, 12, 12, 12)
    assert total.totals == dict(zip(BOUNDS, (12, 12, 12, 12), strict=True))


def test_only_bounds_that_all_histograms_have_are_summed() -> None:
    total = BucketSum()
    bounds = {"a": ("0.1", "1", "+Inf"), "b": ("0.5", "1", "+Inf")}
    for count in (0.0, 4.0):
        pairs = [
            (series(f"l le={bound} pod={pod}", SeriesKind.BUCKET), count)
            for pod, those in bounds.items()
            for bound in those
        ]
        total.take(pairs, known=False)
    assert total.totals == {1.0: 8.0, inf: 8.0}


increments = st.lists(st.integers(0, 100), min_size=4, max_size=4)


@given(increments, st.floats(0.01, 1.0))
def test_a_quantile_lies_within_its_bucket(parts: list[int], q: float) -> None:
    cumulative = [float(sum(parts[: i + 1])) for i in range(4)]
    found = quantile_of(dict(zip(BOUNDS, cumulative, strict=True)), q)
    if not cumulative[-1]:
        assert found is None
        return
    index = next(i for i, count in enumerate(cumulative) if count >= q * cumulative[-1])
    lower, upper = (0.0, *BOUNDS)[index], min(BOUNDS[index], 1.0)
    assert found is not None
    assert min(lower, 1.0) <= found <= upper


@given(st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 1000)), min_size=2, max_size=20))
def test_the_rate_of_merged_series_is_the_sum_of_their_rates(counts: list[tuple[int, int]]) -> None:
    a: list[tuple[float, Read]] = [(float(at), {"x s=a": float(one)}) for at, (one, _) in enumerate(counts)]
    b: list[tuple[float, Read]] = [(float(at), {"x s=b": float(other)}) for at, (_, other) in enumerate(counts)]
    both: list[tuple[float, Read]] = [(at, {**one, **other}) for (at, one), (_, other) in zip(a, b, strict=True)]
    rate = asked(DerivationKind.RATE, "x", over_s=3)
    merged = derived(rate, both)
    assert all(value >= 0 for _, value in merged), "beginning anew is no negative rate"
    parts = zip(derived(rate, a), derived(rate, b), strict=True)
    assert [value for _, value in merged] == pytest.approx([one + other for (_, one), (_, other) in parts])


@given(st.lists(st.tuples(increments, st.booleans()), min_size=2, max_size=10))
def test_a_bucket_never_shrinks_and_one_of_a_greater_bound_never_grows_less(
    steps: list[tuple[list[int], bool]],
) -> None:
    total, now = BucketSum(), [0.0] * 4
    before = dict(total.totals)
    for parts, anew in steps:
        now = [0.0] * 4 if anew else now
        now = [count + sum(parts[: i + 1]) for i, count in enumerate(now)]
        total.take(
            [(series(f"l le={bound}", SeriesKind.BUCKET), count) for bound, count in zip(BOUNDS, now, strict=True)],
            known=False,
        )
        grew = list(between_readings(before, total.totals).values())
        assert min(grew) >= 0
        assert anew or grew == sorted(grew)
        before = dict(total.totals)


def test_a_window_of_very_many_readings_is_kept_in_bounded_memory() -> None:
    rate = asked(DerivationKind.RATE, "requests", over_s=1e5)
    reads: list[tuple[float, Read]] = [(at, {"requests": 2.0 * at}) for at in range(3_000)]
    assert derived(rate, reads)[-1] == (2_999, 2)


def test_derivations_that_stay_keep_what_they_know() -> None:
    rate, ratio = asked(DerivationKind.RATE, "a"), asked(DerivationKind.RATIO, "a", "b")
    derivations = Derivations([rate])
    derivations.take(SeriesValues(0, ((series("a"), 1.0),)))
    derivations.reload([ratio, rate])
    made = derivations.take(SeriesValues(2, ((series("a"), 9.0),)))
    assert made is not None
    assert [(found.name, value) for found, value in made.values] == [("it", 4.0)]
    assert derivations.asked == (ratio, rate)

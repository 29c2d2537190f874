"""What `[metrics]` may say, and how its limits are judged: live and at the end by the same values."""

from __future__ import annotations

from collections.abc import Iterable
from math import inf

import pytest

from perftui.analysis.derivations import Derivations
from perftui.analysis.measures import Measures
from perftui.budgets.evaluate import Evaluator
from perftui.budgets.load import parse_budget
from perftui.budgets.spec import Budget, MetricFigure, MetricRule
from perftui.errors import ConfigError
from perftui.model.derivation import Derivation, DerivationKind, Selector
from perftui.model.series import Series, SeriesKind, SeriesValues
from perftui.model.verdict import RuleVerdict, Verdict
from perftui.units import Unit

Read = tuple[float, dict[Series, float]]
REQUESTS = Series("requests_total", "web", SeriesKind.COUNTER)
QUEUE = Series("queue_size", "web")


def derivation(lines: str, name: str = "it") -> Derivation:
    (found,) = parse_budget(f"[metrics.{name}]\n{lines}\n").derivations
    return found


def rules(lines: str, name: str = "it") -> list[MetricRule]:
    return [rule for rule in parse_budget(f"[metrics.{name}]\n{lines}\n").rules if isinstance(rule, MetricRule)]


def judged(budget: Budget, reads: Iterable[Read], *, final: bool = True) -> RuleVerdict:
    derivations, measures, evaluator = Derivations(budget.derivations), Measures(), Evaluator(budget)
    at_s = 0.0
    for at_s, read in reads:
        made = derivations.take(SeriesValues(at_s, tuple(read.items())))
        measures.metrics.take(SeriesValues(at_s, tuple(read.items())))
        if made is not None:
            measures.metrics.take(made)
    (verdict,) = evaluator.update(measures, at_s, final=final)
    return verdict


def histogram(pod: str, bounds: str, count: float) -> dict[Series, float]:
    """All observations beyond the bounds."""
    names = [*((bound, 0.0) for bound in bounds.split()), ("+Inf", count)]
    return {
        Series("lat_bucket", "web", SeriesKind.BUCKET, (("le", bound), ("pod", pod))): value for bound, value in names
    }


@pytest.mark.parametrize("narrowed", ["", 'labels = { pod = "a" }'])
def test_beyond_the_greatest_bound_that_all_histograms_share_no_quantile_passes(narrowed: str) -> None:
    budget = parse_budget(
        f'[metrics.it]\nquantile = {{ series = "lat", q = 0.9 }}\n{narrowed}\nlimit = "2s"\nunit = "s"'
    )
    reads = [(at, {**histogram("a", "0.1 1", at * 50), **histogram("b", "0.1 10", at * 50)}) for at in (0.0, 1.0, 2.0)]
    verdict = judged(budget, reads)
    assert verdict.verdict is Verdict.INCONCLUSIVE
    assert verdict.current == (1.0 if narrowed else 0.1)


def test_a_mean_of_quantiles_of_which_one_is_beyond_all_bounds_does_not_pass() -> None:
    budget = parse_budget(
        '[metrics.it]\nquantile = { series = "lat", q = 0.5 }\nover = "1s"\nlimit = 9\naggregation = "mean"'
    )
    bounds = list(histogram("a", "0.1 10", 0.0))
    # All within the first bucket, then half a hundred beyond the last, then within the first again.
    counts = ((0.0, 0.0), (100.0, 100.0), (100.0, 150.0), (200.0, 250.0))
    reads = [(float(at), dict(zip(bounds, (low, low, every), strict=True))) for at, (low, every) in enumerate(counts)]
    verdict = judged(budget, reads)
    assert verdict.verdict is Verdict.INCONCLUSIVE
    assert "it may be any more" in verdict.reason
    assert verdict.current is not None
    assert verdict.current < 9


def test_each_way_says_what_it_is_made_from_and_in_which_unit() -> None:
    assert derivation('rate = "requests_total"') == Derivation(
        "it", DerivationKind.RATE, (Selector("requests_total"),), Unit.PER_SECOND, 30.0
    )
    assert derivation('rate = "sent_bytes_total"\nover = "5m"').unit is Unit.BYTES_PER_SECOND
    errors = derivation('ratio = ["requests", "requests"]\nlabels = { code = "5.." }\nover = "run"')
    assert errors.of == (Selector("requests", (("code", "5.."),)), Selector("requests"))
    assert (errors.unit, errors.over_s) == (Unit.PERCENT, inf)
    p95 = derivation('quantile = { series = "latency_seconds", q = 0.95 }\nover = "10s"')
    assert (p95.kind, p95.q, p95.unit) == (DerivationKind.QUANTILE, 0.95, Unit.SECONDS)
    assert p95.text == "p95 of latency_seconds over 10 s (bucketed estimate)"
    assert derivation('avg = "latency_seconds"').text == "mean of latency_seconds over 30 s"
    step = derivation('delta = "rss"\nbetween = ["begin", "loaded"]')
    assert (step.of, step.unit) == ((Selector("rss_bytes"),), Unit.BYTES)
    assert step.text == "delta of rss_bytes from mark begin to loaded"


def test_a_limit_of_a_series_itself_needs_no_way_and_its_unit_is_that_of_the_limit() -> None:
    (queue,) = rules("target = 500\nlimit = 1000\nfor = '10s'", "queue_size")
    assert (queue.name, queue.subject, queue.warn, queue.fail) == (
        "metrics.queue_size",
        "queue_size for 10 s",
        500,
        1000,
    )
    assert queue.derivation.kind is DerivationKind.SERIES
    (response,) = rules('limit = "2s"', "response_time")
    assert (response.unit, response.fail) == (Unit.SECONDS, 2.0)


def test_a_lower_limit_is_of_the_mean_and_an_upper_one_of_the_peak_unless_it_is_said() -> None:
    upper, lower = rules('rate = "requests"\nlimit = 2000\nmin = 1000\nwarn_min = 1200')
    assert (upper.figure, upper.name, lower.figure, lower.name) == (
        MetricFigure.MAX,
        "metrics.it",
        MetricFigure.MEAN,
        "metrics.it.min",
    )
    assert (lower.warn, lower.fail, lower.lower_is_better) == (1200, 1000, False)
    (last,) = rules('quantile = { series = "l_seconds", q = 0.9 }\nover = "run"\nlimit_ms = 50')
    assert (last.figure, last.fail) == (MetricFigure.LAST, 0.05)
    (p95,) = rules('rate = "requests"\nlimit = 1\naggregation = "p95"')
    assert p95.subject == "p95 of it"


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("", "states no limit"),
        ('rate = "a"\navg = "b"', "does not go with"),
        ('rate = "a b"', "no name of a series"),
        ('ratio = ["a"]', "holds 1 names"),
        ('quantile = { series = "a" }', "names no q"),
        ('quantile = { series = "a", q = 2 }', "at most 1"),
        ('rate = "a"\nlabels = { code = "(a+)+" }', "no pattern of a label"),
        ('rate = "a"\nlabels = { code = "+1" }', "no pattern of a label"),
        ('rate = "a"\nlabels = { code = ".*.*.*" }', "no pattern of a label"),
        ('rate = "a"\nbetween = ["x", "y"]', "goes with delta alone"),
        ('delta = "a"\nbetween = ["x"]', "two marks"),
        ('delta = "a"\nbetween = ["x", "y"]\nover = "3s"', "no meaning"),
        ('rate = "a"\nover = 0', "greater than zero"),
        ('rate = "a"\nmin = 5\nwarn_min = 4', "would never be seen"),
        ('rate = "a"\ntarget = 5\nlimit = 4', "would never be seen"),
        ('rate = "a"\nlimit = 5\nfor = "3s"\naggregation = "max"', "does not go with aggregation"),
        ('rate = "a"\nunit = "furlongs"', "is none of"),
        ('rate = "a"\nwindow = "3s"', "unknown key"),
    ],
)
def test_what_makes_no_sense_is_said_with_its_place(lines: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        parse_budget(f"[metrics.it]\n{lines}\n")


def test_throughput_is_judged_by_its_mean() -> None:
    budget = parse_budget('[metrics.qps]\nrate = "requests"\nmin = 90\n')
    reads: list[Read] = [(at, {REQUESTS: 100.0 * at}) for at in range(1, 6)]
    verdict = judged(budget, reads)
    assert (verdict.verdict, verdict.current, verdict.lower_is_better) == (Verdict.PASS, 100.0, False)
    assert verdict.reason == "4 values: rate of requests over 30 s"
    slow = judged(budget, [(at, {REQUESTS: 50.0 * at}) for at in range(1, 6)])
    assert (slow.verdict, slow.rule, slow.metric) == (Verdict.FAIL, "metrics.qps.min", "metrics.qps")


def test_a_level_that_has_to_last_is_judged_by_how_long_it_does() -> None:
    budget = parse_budget('[metrics.queue_size]\nlimit = 100\nfor = "3s"\n')
    spike: list[Read] = [(at, {QUEUE: 500.0 if at == 4 else 10.0}) for at in range(10)]
    assert judged(budget, spike).verdict is Verdict.PASS
    full: list[Read] = [(at, {QUEUE: 500.0 if at > 4 else 10.0}) for at in range(10)]
    assert (judged(budget, full).verdict, judged(budget, full).current) == (Verdict.FAIL, 500.0)
    assert judged(budget, full[:2]).verdict is Verdict.MISSING
    low = parse_budget('[metrics.workers]\nmin = 2\nfor = "3s"\n')
    workers = Series("workers", "web")
    assert judged(low, [(at, {workers: 4.0 - at / 2}) for at in range(10)]).current == 1.0


def test_a_series_that_never_came_is_missing() -> None:
    budget = parse_budget('[metrics.p95]\nquantile = { series = "latency_seconds", q = 0.95 }\nlimit_ms = 50\n')
    verdict = judged(budget, [(1, {REQUESTS: 1.0}), (2, {REQUESTS: 9.0})])
    assert (verdict.verdict, verdict.current) == (Verdict.MISSING, None)
    assert verdict.reason == (
        "no value came: p95 of latency_seconds over 30 s (bucketed estimate), or too few observations for it"
    )


def buckets(slow: float, *, most: str = "0.1") -> dict[Series, float]:
    counts = {"0.01": 100.0 - slow, most: 100.0 - slow, "+Inf": 100.0}
    return {
        Series("latency_seconds_bucket", "web", SeriesKind.BUCKET, (("le", bound),)): count
        for bound, count in counts.items()
    }


def test_what_lies_beyond_the_greatest_bucket_never_passes() -> None:
    budget = parse_budget('[metrics.p95]\nquantile = { series = "latency_seconds", q = 0.95 }\nlimit = "200ms"\n')
    nothing = dict.fromkeys(buckets(0), 0.0)
    assert judged(budget, [(0, nothing), (1, buckets(0))]).verdict is Verdict.PASS
    verdict = judged(budget, [(0, nothing), (1, buckets(10))])
    assert (verdict.verdict, verdict.current) == (Verdict.INCONCLUSIVE, 0.1)
    assert verdict.reason.startswith("beyond the greatest bucket, 100 ms: it may be any more; 1 value")
    strict = parse_budget('[metrics.p95]\nquantile = { series = "latency_seconds", q = 0.95 }\nlimit = "50ms"\n')
    assert judged(strict, [(0, nothing), (1, buckets(10))]).verdict is Verdict.FAIL


def test_the_moment_of_a_peak_beyond_its_limit_is_known() -> None:
    budget = parse_budget("[metrics.queue_size]\nlimit = 100\n")
    verdict = judged(budget, [(at, {QUEUE: 150.0 if at == 7 else 10.0}) for at in range(20)])
    assert (verdict.verdict, verdict.breached_at_s, verdict.current) == (Verdict.FAIL, 7, 150)

from __future__ import annotations

import pytest

from perftui.analysis.measures import Measures
from perftui.analysis.paired_figures import FigurePair, budget_pairs, figure_pair, meter_pairs
from perftui.model.reading import ResourceReading
from perftui.model.verdict import RuleVerdict, Verdict
from perftui.units import Unit


def measured(*readings: ResourceReading) -> Measures:
    measures = Measures()
    for reading in readings:
        measures.reading(reading)
    return measures


def verdict(rule: str, current: float, said: Verdict) -> RuleVerdict:
    return RuleVerdict(rule, rule, "cpu_percent", Unit.PERCENT, current, None, 80.0, said)


def test_meters_that_either_side_read_stand_side_by_side() -> None:
    before = measured(ResourceReading(1.0, cpu_percent=50.0), ResourceReading(2.0, cpu_percent=100.0))
    after = measured(ResourceReading(1.0, cpu_percent=90.0, rss_bytes=1024.0))
    cpu, rss = meter_pairs([before], [after])
    assert (cpu.meter.label, rss.meter.label) == ("CPU", "RSS")
    assert (cpu.peak.baseline, cpu.peak.current) == (100.0, 90.0)
    assert cpu.peak.delta == -10.0
    assert (rss.mean.baseline, rss.mean.current, rss.mean.delta) == (None, 1024.0, None)


def test_of_several_runs_stand_the_median_and_what_they_lie_between() -> None:
    before = [measured(ResourceReading(1.0, rss_bytes=each)) for each in (10.0, 30.0, 20.0)]
    (rss,) = meter_pairs([*before, measured()], [measured(ResourceReading(1.0, rss_bytes=8.0))])
    assert (rss.mean.baseline, rss.mean.current) == (20.0, 8.0)
    assert rss.peak.spans == ((10.0, 30.0), None)
    assert figure_pair("x", Unit.BYTES, [4.0, 1.0, None], [3.0, 2.0], of_one_run=True).baseline == 1.0


def test_a_budget_of_several_runs_is_kept_where_all_of_them_keep_it() -> None:
    runs = [[verdict("cpu", value, Verdict.FAIL if value > 80 else Verdict.PASS)] for value in (70.0, 90.0, 85.0)]
    (pair,) = budget_pairs(runs, runs[:1])
    assert pair.baseline is not None
    assert (pair.baseline.verdict, pair.baseline.current, pair.alike) == (Verdict.FAIL, 90.0, ((2, 3), (1, 1)))


def test_a_ratio_needs_something_to_be_held_against() -> None:
    assert FigurePair("x", Unit.SECONDS, 2.0, 3.0).ratio == pytest.approx(1.5)
    assert FigurePair("x", Unit.SECONDS, 0.0, 3.0).ratio is None
    assert FigurePair("x", Unit.SECONDS, 2.0, None).ratio is None


def test_rules_of_either_side_are_all_there_once() -> None:
    pairs = budget_pairs(
        [[verdict("cpu", 70.0, Verdict.PASS), verdict("old", 1.0, Verdict.PASS)]],
        [[verdict("cpu", 90.0, Verdict.FAIL)]],
    )
    assert [pair.rule for pair in pairs] == ["cpu", "old"]
    cpu, old = pairs
    assert cpu.baseline is not None
    assert cpu.current is not None
    assert (cpu.baseline.verdict, cpu.current.verdict) == (Verdict.PASS, Verdict.FAIL)
    assert old.current is None

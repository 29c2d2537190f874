"""What a person is told of: each of it once, and no more than they can read."""

from __future__ import annotations

from dataclasses import replace

import pytest

from perftui.model.sample import ProfileDelta
from perftui.model.session import SessionKind, SessionMeta, SessionState
from perftui.model.verdict import RuleVerdict, Verdict
from perftui.recording.alerts import AlertWatch, Severity
from perftui.recording.quality_report import doubts_of, quality_report
from perftui.recording.session_model import SessionModel
from perftui.recording.update import Phase, Update
from perftui.sources.base import SourceState, SourceStatus
from perftui.units import Unit

META = SessionMeta(
    "20260501-120000-abcd",
    "shop",
    SessionKind.LAUNCHED,
    SessionState.RECORDING,
    "2026-05-01T12:00:00",
    requested_hz=100,
)


def model_at(elapsed_s: float = 1.0, **changes: object) -> SessionModel:
    model = SessionModel(META)
    model.apply(replace(Update(META, Phase.RUNNING, elapsed_s), **changes))  # type: ignore[arg-type]
    return model


def rule(name: str, verdict: Verdict) -> RuleVerdict:
    return RuleVerdict(name, name, name, Unit.PERCENT, 95.0, 70.0, 90.0, verdict, "peak 95 %")


def told(watch: AlertWatch, model: SessionModel) -> list[tuple[Severity, str]]:
    return [(alert.severity, alert.text) for alert in watch.news(model)]


def test_a_rule_is_told_of_when_it_turns_and_not_again() -> None:
    watch, model = AlertWatch(), model_at(verdicts=(rule("cpu", Verdict.PASS),))
    assert told(watch, model) == []
    for verdict, severity, limit in ((Verdict.WARN, Severity.WARNING, 70), (Verdict.FAIL, Severity.ERROR, 90)):
        model.apply(Update(META, Phase.RUNNING, 2.0, verdicts=(rule("cpu", verdict),)))
        assert told(watch, model) == [(severity, f"budget {verdict.value.upper()}: cpu 95.0 % > {limit}.0 %")]
        assert told(watch, model) == []
    model.apply(Update(META, Phase.RUNNING, 3.0, verdicts=(rule("cpu", Verdict.WARN),)))
    assert told(watch, model) == []


def test_many_rules_that_break_at_once_are_one_notice() -> None:
    model = model_at(verdicts=tuple(rule(f"r{i}", Verdict.FAIL) for i in range(7)))
    assert told(AlertWatch(), model) == [(Severity.ERROR, "budget: 7 rules FAIL (5 shows them)")]


def test_trouble_of_a_source_is_told_once_a_state() -> None:
    watch = AlertWatch()
    status = SourceStatus("cpu", SourceState.DEGRADED, "The rate was lowered.", "Fewer threads would help.")
    model = model_at(statuses={"cpu": status})
    assert told(watch, model) == [(Severity.WARNING, "cpu: The rate was lowered. (D tells more)")]
    model.apply(Update(META, Phase.RUNNING, 2.0, statuses={"cpu": replace(status, message="It was lowered again.")}))
    assert told(watch, model) == []
    model.apply(Update(META, Phase.RUNNING, 2.0, statuses={"cpu": replace(status, state=SourceState.FAILED)}))
    assert [severity for severity, _ in told(watch, model)] == [Severity.ERROR]


@pytest.mark.parametrize(
    ("code", "severity", "text"),
    [
        (0, Severity.INFORMATION, "the workload ended with exit code 0 after 30.0 s"),
        (3, Severity.ERROR, "the workload ended with exit code 3 after 30.0 s"),
        (-9, Severity.ERROR, "the workload ended by signal 9 after 30.0 s"),
    ],
)
def test_the_end_of_the_workload_is_told_with_its_code_and_listed(code: int, severity: Severity, text: str) -> None:
    watch, model = AlertWatch(), model_at()
    model.apply(Update(META, Phase.ENDING, 30.0))
    assert told(watch, model) == []
    model.apply(Update(replace(META, exit_code=code), Phase.ENDING, 30.0))
    alerts = watch.news(model)
    assert [(alert.severity, alert.text) for alert in alerts] == [(severity, text)]
    assert alerts[0].event is not None
    assert alerts[0].event.text == text
    model.apply(Update(replace(META, exit_code=code), Phase.DONE, 30.0))
    assert told(watch, model) == []


def test_an_end_that_the_person_asked_for_is_no_news() -> None:
    model = model_at()
    model.apply(Update(replace(META, exit_code=-15, ended_by_us=True), Phase.DONE, 30.0))
    assert told(AlertWatch(), model) == []


def sampled(failed: int, elapsed_s: float = 10.0) -> SessionModel:
    """A session whose sampling covered six seconds of the time."""
    delta = ProfileDelta(end_s=elapsed_s, sampled_s=6.0, looks=600.0, failed=failed)
    return model_at(elapsed_s, delta=delta)


def test_bad_sampling_is_told_once_it_can_be_known() -> None:
    watch, model = AlertWatch(), sampled(failed=400)
    texts = [text for _, text in told(watch, model)]
    assert [text.partition(" of the")[0] for text in texts] == ["sampling: 40.0 %", "sampling: 100 %"]
    assert told(watch, model) == []
    early = model_at(2.0, delta=ProfileDelta(end_s=2.0, sampled_s=1.0, failed=90))
    assert told(AlertWatch(), early) == []
    assert doubts_of(early) == ()
    assert [doubt.badge for doubt in doubts_of(model)] == ["LOW COVERAGE", "LOOKS FAILED"]


def test_stacks_that_may_be_torn_are_no_news_beside_what_their_source_says() -> None:
    torn = model_at(10.0, delta=ProfileDelta(end_s=10.0, sampled_s=10.0, failed=1, approximate=True))
    assert [doubt.badge for doubt in doubts_of(torn)][-1] == "TORN STACKS"
    assert all("never existed" not in text for _, text in told(AlertWatch(), torn))


def test_the_report_of_the_data_names_costs_and_what_is_not_measured() -> None:
    model = sampled(failed=0)
    model.apply(Update(META, Phase.RUNNING, 10.0, own_cpu_percent=7.5))
    report = quality_report(model, own_rss_bytes=80 * 2**20)
    found = {finding.name: finding for _, findings in report.topics for finding in findings}
    assert found["dashboard"].value == "7.5 %"
    assert found["its memory"].value == "80.0 MiB"
    assert "not measured" in found["sampler"].meaning
    assert not found["coverage"].good
    assert "no samples" in report.conclusion
    model.apply(Update(META, Phase.DONE, 10.0))
    costs = [finding.name for _, findings in quality_report(model, own_rss_bytes=1.0).topics for finding in findings]
    assert "its memory" not in costs, "of a saved session it would be that of another day"
    unsampled = SessionModel(replace(META, requested_hz=0.0, mode="memory"))
    assert "not sampled" in quality_report(unsampled).conclusion
    assert quality_report(unsampled).topics == ()


def test_what_another_perftui_still_records_lacks_only_what_is_on_its_way() -> None:
    window = ProfileDelta(end_s=9.0, sampled_s=9.0, looks=900)
    for state, doubted in ((SessionState.RECORDING, False), (SessionState.INTERRUPTED, True)):
        model = SessionModel(META)
        model.apply(Update(replace(META, state=state), Phase.DONE, 11.0, delta=window))
        assert (model.quality.coverage < 0.9) is doubted

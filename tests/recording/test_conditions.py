"""Were both sides recorded under the same conditions?"""

from __future__ import annotations

import pytest

from perftui.model.change import Condition
from perftui.model.session import SessionKind, SessionMeta
from perftui.recording.conditions import UNKNOWN, busy_machine, conditions, what_matters
from perftui.recording.surroundings import environment_facts
from tests.storage.sessions import meta

MACHINE = {
    "host": "aaaa", "system": "Linux 6.1", "cpu": "Fast 9000", "cores": "8", "memory_bytes": str(16 << 30),
    "load_1": "0.30", "workload_python": "3.12.1", "workload_build": "(main, Dec 8 2023) [GCC 13.2.0]",
    "py-spy": "0.4.3", "memray": "1.19", "perftui": "1.0", "sampling_native": "no",
    "git_branch": "main", "git_commit": "0123456789",
}  # fmt: skip


def recorded(
    facts: dict[str, str] | None = None, *, kind: SessionKind = SessionKind.LAUNCHED, mode: str = "cpu"
) -> SessionMeta:
    """A session of one machine, but for these facts; an empty one is left out."""
    environment = {name: fact for name, fact in (MACHINE | (facts or {})).items() if fact}
    return meta(kind=kind, mode=mode, sampling_mode="auto", environment=environment)


def only_difference(before: SessionMeta, after: SessionMeta) -> Condition:
    (found,) = [each for each in conditions([before], [after]) if not each.same]
    return found


def test_two_runs_on_one_machine_differ_in_nothing() -> None:
    found = conditions([recorded(), recorded()], [recorded()])
    assert all(each.same and not each.sentence for each in found)
    assert [each.name for each in found][:3] == ["host", "CPU", "cores"]
    assert what_matters(found) == ()


@pytest.mark.parametrize(
    ("facts", "name", "told"),
    [
        ({"host": "bbbb"}, "host", "two machines"),
        ({"cpu": "Slow 10"}, "CPU", "Fast 9000 against Slow 10"),
        ({"workload_python": "3.11.7"}, "Python", "Python 3.12.1 against 3.11.7"),
        ({"workload_build": "(main) free-threading build [GCC 13.2.0]"}, "build of Python", "free-threading, GCC"),
        ({"cpu_limit_cores": "2"}, "CPU limit", "none against 2 cores"),
        ({"PYTHONMALLOC": "debug"}, "PYTHONMALLOC", "unset for the baseline and debug"),
        ({"py-spy": "0.4.0"}, "py-spy", "0.4.3 and 0.4.0"),
        ({"sampling_native": "yes"}, "native frames", "one side only"),
        ({"load_1": "7.50"}, "load at the start", "busier for the current side (load 0.3 against 7.5, 8 cores)"),
    ],
)
def test_what_differs_and_matters_is_said_in_a_sentence(facts: dict[str, str], name: str, told: str) -> None:
    found = only_difference(recorded(), recorded(facts))
    assert (found.name, found.matters) == (name, True)
    assert told in found.sentence
    assert what_matters([found]) == (found.sentence,)


@pytest.mark.parametrize("facts", [{"git_commit": "9876543210"}, {"perftui": "2.0"}, {"load_1": "0.90"}])
def test_what_one_compares_for_is_no_condition_that_matters(facts: dict[str, str]) -> None:
    found = only_difference(recorded(), recorded(facts))
    assert (found.matters, found.sentence) == (False, "")


def test_runs_that_differ_among_themselves_alike_on_both_sides_are_not_the_same_conditions() -> None:
    runs = [recorded(), recorded({"workload_python": "3.11.7"})]
    (found,) = [each for each in conditions(runs, runs) if not each.same]
    assert (found.name, found.matters, found.baseline) == ("Python", True, found.current)
    assert "not all runs are alike in Python" in found.sentence


def test_what_only_one_side_noted_is_no_difference_that_matters() -> None:
    found = only_difference(recorded(), recorded({"workload_python": ""}))
    assert (found.current, found.matters, found.sentence) == (UNKNOWN, False, "")


def test_runs_of_one_side_that_differ_are_all_named() -> None:
    runs = [recorded({"host": "aaaa"}), recorded({"host": "bbbb"}), recorded({"host": "aaaa"})]
    host = next(each for each in conditions(runs, [recorded()]) if each.name == "host")
    assert host.baseline == "aaaa / bbbb"
    assert host.matters
    assert host.mixed
    assert "baseline aaaa in 2, bbbb in 1" in host.sentence
    loads = [recorded({"load_1": "0.1"}), recorded({"load_1": "1.4"})]
    load = next(each for each in conditions(loads, loads) if each.name == "load at the start")
    assert (load.baseline, load.matters) == ("0.1 … 1.4", False)


def test_a_machine_that_was_busy_all_the_time_is_no_difference_and_said_to_be_so() -> None:
    busy, quiet = [recorded({"load_1": "12.0"}), recorded({"load_1": "11.0"})], [recorded(), recorded()]
    assert what_matters(conditions(busy, busy)) == ()
    assert "load 11.0 … 12.0 and 11.0 … 12.0 on 8 cores" in busy_machine(busy, busy)
    assert busy_machine(busy, quiet) == busy_machine(quiet, quiet) == ""
    assert busy_machine(busy, [recorded({"load_1": ""})]) == "", "nobody knows"


def test_versions_of_what_a_side_did_not_use_are_not_asked_for() -> None:
    names = {each.name for each in conditions([recorded(mode="memory")], [recorded(mode="memory")])}
    assert "memray" in names
    assert "py-spy" not in names


def test_changed_files_and_the_way_of_watching_are_told() -> None:
    found = conditions([recorded({"git_changes": "no"})], [recorded({"git_changes": "yes"}, kind=SessionKind.ATTACHED)])
    said = {each.name: (each.baseline, each.current) for each in found}
    assert said["git"] == ("main 0123456789", "main 0123456789 with changes")
    assert said["how"] == ("launched", "attached to")


def test_sessions_without_any_facts_have_nothing_to_be_told() -> None:
    bare = meta(environment={}, requested_hz=0.0)
    assert [each.name for each in conditions([bare], [bare])] == ["how", "looked at"]


def test_the_facts_of_this_machine_can_be_held_against_themselves() -> None:
    here = meta(environment=environment_facts({}))
    assert all(each.same for each in conditions([here], [here]))

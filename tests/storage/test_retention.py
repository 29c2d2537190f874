"""Sessions that go because they are old, many or large, and those that never do."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perftui.cli import main
from perftui.model.session import RunSide, SessionState
from perftui.storage.catalogue import Catalogue
from perftui.storage.listing import SessionEntry
from perftui.storage.retention import Limits, Why, chosen, grouped, plan_pruning, throw_out
from tests.storage.sessions import meta, saved

DAY_S = 86_400
GROUPS = ("", "", "", "g-1", "g-2")


def entry(number: int, size: int, group: str = "", fate: str = "", workload: str = "shop") -> SessionEntry:
    """A session of a day of its own, protected as `fate` says."""
    state = SessionState.RECORDING if fate == "recorded" else SessionState.COMPLETE
    created = f"2026-01-{1 + number:02d}T00:00:00+00:00"
    known = replace(meta(f"id-{number}", f"run-{number}", group=group, workload=workload), state=state, created=created)
    known = replace(known, pinned=fate in ("pinned", "baseline"), baseline="main" if fate == "baseline" else "")
    ending = ".perftui.part" if fate == "part" else ".perftui"
    return SessionEntry(
        Path(f"/s/id-{number}{ending}"), None if fate == "unreadable" else known, "", size, number * 1.0
    )


def group_of(one: SessionEntry) -> str:
    return one.meta.group if one.meta is not None else ""


def must_stay(one: SessionEntry) -> bool:
    if one.meta is None or one.path.suffix == ".part":
        return True
    return one.meta.pinned or bool(one.meta.baseline) or one.meta.state is SessionState.RECORDING


ENTRIES = st.lists(
    st.tuples(
        st.integers(0, 1000),
        st.sampled_from(GROUPS),
        st.sampled_from(["", "", "", "pinned", "baseline", "recorded", "part", "unreadable"]),
        st.sampled_from(["shop", "cart"]),
    ),
    max_size=20,
).map(lambda rows: [entry(number, *row) for number, row in enumerate(rows)])
LIMITS = st.builds(
    Limits,
    st.none() | st.integers(1_767_225_600 - DAY_S, 1_767_225_600 + 25 * DAY_S).map(float),
    st.none() | st.integers(0, 5),
    st.none() | st.integers(0, 5_000),
)


@settings(max_examples=200, deadline=None)
@given(ENTRIES, LIMITS)
def test_what_is_protected_is_never_chosen_and_groups_go_as_a_whole(
    entries: list[SessionEntry], limits: Limits
) -> None:
    plan = chosen(grouped(entries, {}), limits)
    going = {each.path for together, _ in plan.going for each in together.entries}
    for each in entries:
        fellows = [one for one in entries if one is each or (group_of(one) and group_of(one) == group_of(each))]
        if any(map(must_stay, fellows)):
            assert each.path not in going
        assert len({one.path in going for one in fellows}) == 1
    if limits == Limits():
        assert not going
    assert len(going) == sum(len(together.entries) for together, _ in plan.going)


@settings(max_examples=200, deadline=None)
@given(ENTRIES, LIMITS)
def test_every_limit_is_kept_as_far_as_protection_lets_it(entries: list[SessionEntry], limits: Limits) -> None:
    groups = grouped(entries, {})
    plan = chosen(groups, limits)
    gone = [together for together, _ in plan.going]
    left = [together for together in groups if together not in gone]
    free = [together for together in left if not together.protected]
    if limits.most_bytes is not None and free:
        assert sum(together.size_bytes for together in left) <= limits.most_bytes
    if limits.before_s is not None:
        assert all(together.newest.age_key[0] >= limits.before_s for together in free)


def test_the_oldest_go_first_and_only_as_many_as_have_to() -> None:
    plan = chosen(grouped([entry(number, 100) for number in range(5)], {}), Limits(most_bytes=250))
    assert [(together.newest.id, why) for together, why in plan.going] == [
        ("id-0", Why.LARGE),
        ("id-1", Why.LARGE),
        ("id-2", Why.LARGE),
    ]


def test_each_workload_keeps_its_newest() -> None:
    entries = [entry(number, 1, workload="shop" if number % 2 else "cart") for number in range(6)]
    plan = chosen(grouped(entries, {}), Limits(keep=2))
    assert [together.newest.id for together, _ in plan.going] == ["id-0", "id-1"]


def test_a_capture_that_another_session_speaks_of_frees_nothing() -> None:
    one, other = (replace(entry(number, 10), captures=("a.bin",)) for number in range(2))
    assert [together.size_bytes for together in grouped([one, other], {"a.bin": 500})] == [10, 10]
    assert [together.size_bytes for together in grouped([one], {"a.bin": 500})] == [510]


def test_what_was_pinned_since_it_was_planned_stays(tmp_path: Path) -> None:
    saved(tmp_path, name="old")
    ((together, _),) = plan_pruning(tmp_path, Limits(keep=0)).going
    Catalogue(tmp_path).pin("old")
    assert throw_out(together) == []
    assert [each.name for each in Catalogue(tmp_path).list()] == ["old"]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PERFTUI_HOME", str(tmp_path))
    monkeypatch.setattr("sys.stdin", None)  # pytest's own has no descriptor
    directory = tmp_path / "sessions"
    for number, side in ((1, RunSide.BASE), (2, RunSide.CURRENT)):
        saved(directory, f"2026010{number}-000000-gggg", name=f"ab-{side.value}", group="g", side=side)
    saved(directory, "20260103-000000-abcd", name="kept")
    saved(directory, "20260104-000000-abcd", name="old")
    Catalogue(directory).pin("kept", baseline="main")
    return directory


def listed(directory: Path) -> set[str]:
    return {each.name for each in Catalogue(directory).list()}


def test_the_verb_says_what_goes_and_brings_nothing_about_in_a_trial(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sessions", "prune", "--older-than", "1d", "--dry-run"]) == 0
    said = capsys.readouterr().err
    assert "would go: ab-current ×2" in said
    assert "kept: kept (20260103-000000-abcd): it is a baseline, though too old" in said
    assert "3 sessions" in said
    assert listed(home) == {"ab-base", "ab-current", "kept", "old"}

    assert main(["sessions", "prune", "--older-than", "1d"]) == 0
    assert listed(home) == {"kept"}
    assert main(["sessions", "restore", "old"]) == 0
    assert listed(home) == {"kept", "old"}


def test_for_good_leaves_nothing_in_the_trash(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sessions", "prune", "--keep", "0", "--for-good"]) == 0
    assert listed(home) == {"kept"}
    assert listed(home / "trash") == set()
    capsys.readouterr()


def test_without_a_limit_nothing_goes(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words in ([], ["--older-than", "7"], ["--max-bytes", "much"]):
        assert main(["sessions", "prune", *words]) == 2
    assert len(listed(home)) == 4
    assert "Traceback" not in capsys.readouterr().err

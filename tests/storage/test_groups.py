"""Runs that were recorded together are one row, one name and one reference."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from perftui.errors import NoDataError, UsageError
from perftui.model.session import WATCH, RunSide, SessionState
from perftui.storage.catalogue import Catalogue
from perftui.storage.groups import Runs, listed_runs
from perftui.storage.session_file import read_meta
from tests.storage.sessions import begin, saved

GROUP, OTHER = "20260105-120000-gggg", "20260106-120000-hhhh"


def run(home: Path, number: int, *, group: str = GROUP, side: RunSide = RunSide.NONE, name: str = "bench") -> Path:
    """The run of a group that was recorded as the so-and-so-manieth."""
    day = 5 if group == GROUP else 6
    session = f"2026010{day}-12{number:02}00-rrr{number}"
    created = f"2026-01-0{day}T12:{number:02}:00+0000"
    return saved(home, session, name=name, created=created, group=group, repeat_index=number, side=side)


def compared(home: Path) -> dict[RunSide, list[Path]]:
    """Both sides of a comparison, recorded in the order A B B A."""
    order = (RunSide.BASE, RunSide.CURRENT, RunSide.CURRENT, RunSide.BASE)
    found: dict[RunSide, list[Path]] = {RunSide.BASE: [], RunSide.CURRENT: []}
    for number, side in enumerate(order, start=1):
        found[side].append(run(home, number, group=OTHER, side=side, name=f"bench-{side.value}"))
    return found


def test_runs_of_a_group_share_their_name_and_another_session_does_not_get_it(tmp_path: Path) -> None:
    runs = [run(tmp_path, number) for number in (1, 2, 3)]
    assert {read_meta(path).name for path in runs} == {"bench"}
    assert [read_meta(path).repeat_index for path in runs] == [1, 2, 3]
    assert read_meta(saved(tmp_path, "20260107-120000-aaaa", name="bench")).name == "bench-2"


@pytest.mark.parametrize("ref", ["bench", f"group:{GROUP}", "group:20260105", "@latest"])
def test_whatever_names_them_means_all_runs_in_their_order_and_the_newest_as_one(tmp_path: Path, ref: str) -> None:
    saved(tmp_path, "20260101-120000-aaaa", name="before")
    runs = [run(tmp_path, number) for number in (1, 2, 3)]
    catalogue = Catalogue(tmp_path)
    assert list(catalogue.runs_of(ref)) == runs
    assert list(catalogue.runs_of(ref, single=True)) == runs[-1:]
    assert catalogue.resolve(ref) == runs[-1]
    assert catalogue.resolve("@latest~1").name.startswith("20260101"), "runs that belong together count as one"


def test_an_id_and_a_path_mean_one_run(tmp_path: Path) -> None:
    first, second = run(tmp_path, 1), run(tmp_path, 2)
    catalogue = Catalogue(tmp_path)
    assert list(catalogue.runs_of(read_meta(first).id)) == [first]
    assert list(catalogue.runs_of(str(second))) == [second]
    with pytest.raises(UsageError, match="could mean"):
        catalogue.runs_of("2026")


def test_both_sides_of_a_comparison_are_named_apart(tmp_path: Path) -> None:
    sides = compared(tmp_path)
    catalogue = Catalogue(tmp_path)
    assert list(catalogue.runs_of(f"group:{OTHER}/base")) == sides[RunSide.BASE]
    assert list(catalogue.runs_of("bench-current")) == sides[RunSide.CURRENT]
    assert len(catalogue.all_of(f"group:{OTHER}")) == 4
    with pytest.raises(UsageError, match="both sides") as refused:
        catalogue.runs_of(f"group:{OTHER}")
    assert f"group:{OTHER}/base" in refused.value.hint


def test_a_group_that_is_not_there_is_said_to_be_so(tmp_path: Path) -> None:
    run(tmp_path, 1)
    catalogue = Catalogue(tmp_path)
    with pytest.raises(NoDataError, match="no group of runs"):
        catalogue.runs_of("group:2031")
    with pytest.raises(UsageError, match="names no group"):
        catalogue.runs_of("group:")
    run(tmp_path, 2, group=OTHER)
    with pytest.raises(UsageError, match="could mean"):
        catalogue.runs_of("group:2026")


def test_a_name_that_is_nearly_theirs_is_suggested_once(tmp_path: Path) -> None:
    for number in (1, 2, 3):
        run(tmp_path, number)
    with pytest.raises(NoDataError) as told:
        Catalogue(tmp_path).resolve("benhc")
    assert told.value.hint == "did you mean bench?"


def test_a_run_that_was_cut_off_is_not_compared_with_but_thrown_away_with_the_others(tmp_path: Path) -> None:
    runs = [run(tmp_path, number) for number in (1, 2)]
    writer = begin(tmp_path, "20260105-120300-rrr3", name="bench", group=GROUP, repeat_index=3)
    cut = writer.finalise(replace(writer.meta, state=SessionState.INTERRUPTED))
    catalogue = Catalogue(tmp_path)
    assert list(catalogue.runs_of("bench")) == runs
    assert list(catalogue.all_of("bench")) == [*runs, cut]
    (row,) = listed_runs(catalogue.list())
    assert (row.title, row.state) == ("bench ×3", "2 of 3")


def test_renaming_tagging_and_pinning_take_all_runs_along(tmp_path: Path) -> None:
    runs = [run(tmp_path, number) for number in (1, 2)]
    catalogue = Catalogue(tmp_path)
    catalogue.rename("bench", "fast")
    catalogue.tag("fast", ["a"])
    catalogue.pin("fast", baseline="main")
    metas = [read_meta(path) for path in runs]
    assert {(meta.name, meta.tags, meta.pinned, meta.baseline) for meta in metas} == {("fast", ("a",), True, "main")}
    assert list(catalogue.runs_of("@baseline")) == runs
    assert catalogue.baseline_for(metas[0]) is None, "runs are no baseline of each other"
    catalogue.unpin("fast")
    assert not any(read_meta(path).pinned for path in runs)


def test_a_new_baseline_takes_the_mark_from_all_runs_of_the_one_before(tmp_path: Path) -> None:
    before = [run(tmp_path, number) for number in (1, 2)]
    after = [run(tmp_path, number, group=OTHER, name="again") for number in (1, 2)]
    catalogue = Catalogue(tmp_path)
    catalogue.pin("bench", baseline="main")
    assert {entry.path for entry in catalogue.pin("again", baseline="main")} == set(before)
    assert list(catalogue.runs_of("baseline:main")) == after


def test_one_row_of_a_list_holds_the_runs_of_one_side(tmp_path: Path) -> None:
    alone = saved(tmp_path, "20260101-120000-aaaa", name="alone")
    compared(tmp_path)
    rows = listed_runs(Catalogue(tmp_path).list())
    assert [row.title for row in rows] == ["bench-base ×2", "bench-current ×2", "alone"]
    assert [row.ref for row in rows] == [f"group:{OTHER}/base", f"group:{OTHER}/current", str(alone)]
    shutil.copy(alone, tmp_path / "copy.perftui")
    assert len(listed_runs(Catalogue(tmp_path).list())) == 4, "a copy is another session, whatever its id"


def test_a_session_of_before_groups_opens_as_one_that_was_recorded_alone(tmp_path: Path) -> None:
    meta = read_meta(saved(tmp_path, "20260101-120000-aaaa"))
    assert (meta.group, meta.repeat_index, meta.side) == ("", 0, RunSide.NONE)
    assert replace(meta, group="g", side=RunSide.BASE).unit_of_runs == ("g", "base")


def test_parts_of_a_watch_are_one_row_that_lasts_as_long_as_all_of_them(tmp_path: Path) -> None:
    for number in (1, 2, 3):
        session, created = f"20260105-12{number:02}00-rrr{number}", f"2026-01-05T12:{number:02}:00+0000"
        saved(
            tmp_path,
            session,
            name="web",
            created=created,
            group=GROUP,
            repeat_index=number,
            environment={WATCH: "yes"},
        )
    (row,) = listed_runs(Catalogue(tmp_path).list())
    assert (row.title, row.length, row.state) == ("web, 3 parts", "4.50 s", "complete")
    alone = [Runs((entry,)).title for entry in row.entries]
    assert alone == ["web", "web, part 2", "web, part 3"]
    assert [entry.meta.title for entry in row.entries if entry.meta is not None] == alone

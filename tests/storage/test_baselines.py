"""Of each name a workload has one baseline, and a reference finds it."""

from __future__ import annotations

from pathlib import Path

import pytest

from perftui.errors import NoDataError, UsageError
from perftui.storage.baselines import last_run_of
from perftui.storage.catalogue import Catalogue
from perftui.storage.listing import entry_of, read_meta
from tests.storage.sessions import begin, finish

API, SHOP = ("python", "api.py"), ("python", "shop.py")


def session(folder: Path, day: int, name: str, **changes: object) -> Path:
    """A finished session of a day of January."""
    created = f"2026-01-{day:02}T12:00:00+0000"
    return finish(begin(folder, f"202601{day:02}-120000-aaaa", name=name, created=created, **changes))


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    for day, (name, command) in enumerate((("api-1", API), ("shop-1", SHOP), ("api-2", API), ("api-3", API)), start=1):
        session(tmp_path, day, name, command=command, cwd="/work")
    return Catalogue(tmp_path)


def marks(catalogue: Catalogue) -> dict[str, tuple[bool, str]]:
    return {e.name: (e.meta.pinned, e.meta.baseline) for e in catalogue.list() if e.meta and e.meta.pinned}


def test_a_new_baseline_takes_the_mark_of_the_former_one_of_its_workload_and_name(catalogue: Catalogue) -> None:
    assert catalogue.pin("api-1", baseline="main") == []
    assert catalogue.pin("shop-1", baseline="main") == [], "another workload has its own"
    catalogue.pin("api-2", baseline="feature/x")
    assert [entry.name for entry in catalogue.pin("api-3", baseline="main")] == ["api-1"]
    assert marks(catalogue) == {
        "api-1": (True, ""),
        "shop-1": (True, "main"),
        "api-2": (True, "feature/x"),
        "api-3": (True, "main"),
    }
    catalogue.pin("api-3")
    assert marks(catalogue)["api-3"] == (True, "main"), "pinned again it stays what it was"
    catalogue.unpin("api-3")
    assert "api-3" not in marks(catalogue)


def test_a_reference_means_the_baseline_of_the_workload_that_it_is_held_against(catalogue: Catalogue) -> None:
    catalogue.pin("api-1", baseline="main")
    catalogue.pin("shop-1", baseline="main")
    by_name = {entry.name: entry for entry in catalogue.list()}
    assert catalogue.resolve("@baseline") == by_name["api-1"].path, "the newest session is one of the api"
    assert catalogue.resolve("baseline:main", beside=by_name["shop-1"].meta) == by_name["shop-1"].path
    catalogue.pin("api-2", baseline="v1")
    assert catalogue.resolve("@baseline") == by_name["api-1"].path, "main comes before others"
    assert catalogue.resolve("baseline:v1") == by_name["api-2"].path
    meta = by_name["api-1"].meta
    assert meta is not None
    found = catalogue.baseline_for(meta)
    assert found is not None
    assert found.name == "api-2", "nothing is its own baseline"


def test_the_baseline_of_the_branch_comes_first(tmp_path: Path) -> None:
    facts = {"git_project": "/src/api", "git_branch": "fast"}
    session(tmp_path, 1, "one", command=API, environment=facts, cwd="/src/api")
    session(tmp_path, 2, "two", command=API, environment=facts, cwd="/src/api")
    session(tmp_path, 3, "new", command=("/venv/bin/python", "api.py"), environment=facts, cwd="/src/api-worktree")
    catalogue = Catalogue(tmp_path)
    catalogue.pin("one", baseline="fast")
    catalogue.pin("two", baseline="main")
    assert read_meta(catalogue.resolve("@baseline")).name == "one", "another worktree is the same project"


def test_without_a_baseline_a_reference_says_how_to_make_one(catalogue: Catalogue) -> None:
    with pytest.raises(NoDataError, match="no session is marked") as told:
        catalogue.resolve("@baseline")
    assert "perftui baseline save main @latest" in told.value.hint
    with pytest.raises(NoDataError, match="'gone'"):
        catalogue.resolve("baseline:gone")


def test_two_workloads_that_could_be_meant_are_named(catalogue: Catalogue, tmp_path: Path) -> None:
    catalogue.pin("api-1", baseline="main")
    catalogue.pin("shop-1", baseline="main")
    session(tmp_path, 9, "newest", command=("python", "other.py"))
    with pytest.raises(UsageError, match=r"could mean .*api-1.*shop-1|could mean .*shop-1.*api-1"):
        catalogue.resolve("@baseline")


def test_what_is_pinned_is_thrown_away_only_when_that_is_said(catalogue: Catalogue) -> None:
    catalogue.pin("api-1", baseline="main")
    with pytest.raises(UsageError, match="pinned as the baseline main"):
        catalogue.delete("api-1")
    catalogue.delete("api-1", pinned=True)
    catalogue.pin("api-2", baseline="main")
    restored = catalogue.restore("api-1")
    assert (read_meta(restored).pinned, read_meta(restored).baseline) == (True, ""), "its place is taken"


def test_the_last_run_is_the_newest_one_before(catalogue: Catalogue) -> None:
    entries = catalogue.list()
    by_name = {entry.name: entry for entry in entries}
    for name, last in (("api-3", "api-2"), ("api-2", "api-1"), ("api-1", None), ("shop-1", None)):
        meta = by_name[name].meta
        assert meta is not None
        found = last_run_of(entries, meta)
        assert (found.name if found else None) == last


def test_no_session_can_be_called_like_a_reference(catalogue: Catalogue) -> None:
    with pytest.raises(UsageError, match="cannot be a name"):
        catalogue.rename("api-1", "baseline:main")
    with pytest.raises(UsageError, match="cannot be a name"):
        catalogue.pin("api-1", baseline="@main")
    assert entry_of(catalogue.resolve("api-1")).meta is not None


def test_several_sessions_are_a_baseline_together(catalogue: Catalogue) -> None:
    catalogue.pin("api-3", baseline="main")
    paths, former = catalogue.save_baseline(["api-2", "api-1", "api-2"], "main")
    assert [entry.name for entry in former] == ["api-3"]
    assert set(catalogue.runs_of("baseline:main")) == set(paths)
    by_name = {entry.name: entry.meta for entry in catalogue.list()}
    newest = by_name["api-3"]
    assert newest is not None
    assert len(catalogue.baseline_runs_for(newest)) == 2
    part = by_name["api-1"]
    assert part is not None
    assert catalogue.baseline_for(part) is None, "a part of it is not held against the rest"
    assert [[run.name for run in runs] for runs in catalogue.baselines()] == [["api-1", "api-2"]]
    assert set(catalogue.forget_baseline("baseline:main")) == set(paths)
    assert marks(catalogue)["api-1"] == (True, ""), "what is forgotten stays pinned"


def test_a_baseline_is_of_one_workload(catalogue: Catalogue) -> None:
    with pytest.raises(UsageError, match="two workloads"):
        catalogue.save_baseline(["api-1", "shop-1"], "main")
    assert marks(catalogue) == {}


def test_of_several_workloads_the_one_is_forgotten_that_is_named(catalogue: Catalogue) -> None:
    catalogue.save_baseline(["api-1", "api-2"], "main")
    (shop,), _ = catalogue.save_baseline(["shop-1"], "main")
    with pytest.raises(UsageError, match="2 workloads have a baseline main"):
        catalogue.forget_baseline("main")
    with pytest.raises(NoDataError, match="api-3 is no baseline"):
        catalogue.forget_baseline("api-3")
    with pytest.raises(NoDataError, match="/ is no baseline"):
        catalogue.forget_baseline("/")
    with pytest.raises(NoDataError, match="there is no baseline 'v9'"):
        catalogue.forget_baseline("baseline:v9")
    assert len(catalogue.forget_baseline("api-1")) == 2, "with those that are it together"
    assert catalogue.forget_baseline("baseline:main") == (shop,)
    assert catalogue.baselines() == []

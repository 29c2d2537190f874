"""Names and pins hold at once, live and saved."""

from __future__ import annotations

from pathlib import Path

import pytest

from perftui.errors import UsageError
from perftui.recording.annotations import Annotations
from perftui.recording.naming import Naming, name_saved, suggested_names, usual_naming
from perftui.storage.listing import read_meta
from tests.storage.sessions import begin, finish, meta

FACTS = {"git_branch": "feature/fast", "git_commit": "0123456789"}


def test_names_come_from_workload_and_checkout_and_are_free() -> None:
    described = meta(environment=FACTS)
    assert suggested_names(described) == ["demo feature-fast@0123456", "before-demo", "after-demo"]
    assert "before-demo" not in suggested_names(described, {"before-demo"})
    assert usual_naming(described) == Naming("demo", pinned=True, baseline="feature/fast")
    assert usual_naming(meta()).baseline == "main"


def test_a_saved_session_is_named_and_takes_the_place_of_the_former_baseline(tmp_path: Path) -> None:
    one, two = (finish(begin(tmp_path, f"2026010{n}-120000-aaaa", name=f"run-{n}")) for n in (1, 2))
    assert name_saved(one, Naming("before", True, "main")) == []
    assert [entry.name for entry in name_saved(two, Naming("run-2", True, "main"))] == ["before"]
    assert (read_meta(one).pinned, read_meta(one).baseline) == (True, "")
    assert (read_meta(two).pinned, read_meta(two).baseline) == (True, "main")
    name_saved(two, Naming("run-2", False, "main"))
    assert (read_meta(two).pinned, read_meta(two).baseline) == (False, "")
    with pytest.raises(UsageError, match="another session"):
        name_saved(two, Naming("before", True, "main"))


def test_what_is_said_too_late_is_refused() -> None:
    said = Annotations()
    assert said.over(meta()) == meta()
    assert said.say(name="new", pinned=True, baseline="main")
    assert said.closed(meta()) == meta(name="new", pinned=True, baseline="main")
    assert not said.say(name="newer", pinned=False, baseline="")

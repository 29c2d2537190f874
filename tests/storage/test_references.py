"""Sessions by their tag or commit, and the one list of what a reference may be."""

from __future__ import annotations

from pathlib import Path

import pytest

from perftui.errors import ExitCode, NoDataError, PerftuiError, UsageError
from perftui.storage.catalogue import Catalogue
from perftui.storage.listing import read_meta
from perftui.storage.names import REF_FORMS
from perftui.storage.references import completions, remark_on
from tests.storage.test_baselines import API, SHOP, session

COMMITS = ("aaaa111111", "aaaa222222", "bbbb333333", "bbbb333333")


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    names = ("api-1", "api-2", "api-3", "shop-1")
    for day, (name, commit) in enumerate(zip(names, COMMITS, strict=True), start=1):
        facts = {"git_commit": commit, "git_changes": "yes" if name == "api-3" else "no"}
        command, tags = (SHOP if "shop" in name else API), (("v1",) if day in (2, 4) else ())
        session(tmp_path, day, name, command=command, cwd="/work", environment=facts, tags=tags)
    return Catalogue(tmp_path)


def name_of(catalogue: Catalogue, ref: str, *, beside: str = "") -> str:
    meta = read_meta(catalogue.resolve(beside)) if beside else None
    return read_meta(catalogue.resolve(ref, beside=meta)).name


def test_a_tag_or_a_commit_means_its_newest_session_or_that_of_the_same_workload(catalogue: Catalogue) -> None:
    assert name_of(catalogue, "tag:v1") == "shop-1"
    assert name_of(catalogue, "tag:v1", beside="api-3") == "api-2"
    assert name_of(catalogue, "commit:bbbb") == "shop-1"
    assert name_of(catalogue, "commit:BBBB3333339f00", beside="api-1") == "api-3", "more of it than a session knows"


def test_runs_of_a_group_with_a_tag_are_meant_together(catalogue: Catalogue) -> None:
    for run in (1, 2):
        session(catalogue.directory, 4 + run, "bench", group="g1", repeat_index=run, tags=("v2",))
    assert len(catalogue.runs_of("tag:v2")) == 2


def test_a_session_of_a_commit_that_had_changes_says_so(catalogue: Catalogue) -> None:
    changed, clean = (read_meta(catalogue.resolve(name)) for name in ("api-3", "api-2"))
    assert "changes that are not in that commit" in remark_on("commit:bbbb", changed)
    assert remark_on("commit:aaaa2", clean) == remark_on("api-3", changed) == ""


@pytest.mark.parametrize(
    ("ref", "kind", "said", "hint"),
    [
        ("tag:v9", NoDataError, "no session has the tag", "tags are v1"),
        ("commit:aaaa", UsageError, "could mean aaaa222222, aaaa111111", "write more"),
        ("commit:cccc", NoDataError, "no session is of commit cccc", "commits are bbbb333333, aaaa222222"),
        ("commit:xyz", UsageError, "names no commit", "commit:1a2b3c4"),
        ("commit:", UsageError, "names no commit", "commit:1a2b3c4"),
    ],
)
def test_what_means_nothing_or_several_says_what_there_is(
    catalogue: Catalogue, ref: str, kind: type[PerftuiError], said: str, hint: str
) -> None:
    with pytest.raises(kind, match=said) as told:
        catalogue.resolve(ref)
    assert hint in told.value.hint
    assert told.value.exit_code is (ExitCode.NO_DATA if kind is NoDataError else ExitCode.USAGE)


def test_a_shell_completes_what_can_be_typed(catalogue: Catalogue) -> None:
    catalogue.rename("api-1", "two words")
    entries = catalogue.list()
    assert completions(entries, "t") == ["tag:v1"], "a name with a blank is typed by its id"
    assert completions(entries, "commit:a") == ["commit:aaaa222222", "commit:aaaa111111"]
    assert completions(entries, "@l") == ["@latest", "@latest~1"]
    assert len(completions(entries, "2026")) == 4


def test_the_document_lists_every_form_of_a_reference() -> None:
    text = Path("docs/baselines.md").read_text(encoding="utf-8")
    for form, meaning in REF_FORMS:
        assert f"| `{form}` | {meaning} |" in text

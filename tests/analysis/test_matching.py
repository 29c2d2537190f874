from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.analysis.file_pairs import file_pairs
from perftui.analysis.matching import Functions, Matching, Renames, match
from perftui.analysis.normalise import normal_file
from perftui.model.change import MatchKind
from perftui.model.frame import Frame


def side(*names: str, root: str = "/home/a/app", may_be_bare: bool = False) -> Functions:
    """Functions written as `file:name`, or `name` without a file."""
    frames = [Frame(name, file) for file, _, name in (text.rpartition(":") for text in names)]
    return Functions(frames, (root,), may_be_bare)


def said(found: Matching) -> dict[str, str]:
    """How each name for both was found, and of renamed ones what the baseline calls it."""
    return {
        f"{key[0]}:{key[1]}".removeprefix(":"): kind.value + (f" was {found.was[key][1]}" if key in found.was else "")
        for key, kind in found.kinds.items()
    }


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "/home/a/.venv/lib/python3.11/site-packages/rich/text.py",
            "/opt/ci/lib64/python3.13/site-packages/rich/text.py",
        ),
        ("/home/a/app/.venv/lib/python3.12/site-packages/rich/text.py", "/usr/lib/python3/dist-packages/rich/text.py"),
        ("/home/a/app/core/job.py", "/srv/build-7/core/job.py"),
        ("core/job.py", "/srv/build-7/core/job.py"),
        ("/usr/lib/python3.12/json/decoder.py", "/home/a/.pyenv/versions/3.11.9/lib/python3.11/json/decoder.py"),
        (
            "/opt/conda/envs/ml/lib/python3.12/threading.py",
            "/home/a/.local/share/uv/python/cpython-3.13.1-linux-x86_64-gnu/lib/python3.13/threading.py",
        ),
        ("/usr/lib/python3.10/runpy.py", "<frozen runpy>"),
        (
            "/usr/lib/python3.11/lib-dynload/_json.cpython-311-x86_64-linux-gnu.so",
            "/usr/lib/python3.12/lib-dynload/_json.cpython-312-x86_64-linux-gnu.so",
        ),
        ("/usr/bin/python3.11", "/opt/venv/bin/python3.12"),
        ("/tmp/pytest-of-a/pytest-1/test_run0/job.py", "/tmp/pytest-of-b/pytest-23/test_run0/job.py"),
        ("/tmp/tmpab12cd34/job.py", "/tmp/tmpzz98yx76/job.py"),
        ("/opt/job.pyz/job/core.py", "/home/a/app/job/core.py"),
        ("/home/a/app/src/job/core.py", "/srv/venv/lib/python3.12/site-packages/job/core.py"),
        ("<string>", "<string>"),
        ("", ""),
    ],
)
def test_a_function_is_the_same_wherever_its_checkout_and_its_environment_lie(before: str, after: str) -> None:
    found = match(
        Functions([Frame("Job.run", before, 10)], ("/home/a/app",)),
        Functions([Frame("Job.run", after, 99)], ("/home/a/app", "/srv/build-7")),
    )
    assert list(found.kinds.values()) == [MatchKind.SAME]
    assert found.baseline[before, "Job.run"] == found.current[after, "Job.run"]


def test_files_of_one_name_in_other_folders_stay_apart() -> None:
    found = match(side("/x/one/models.py:load", "/x/two/models.py:save"), side("/y/three/models.py:train"))
    assert set(found.kinds.values()) == {MatchKind.ONE_SIDE}
    assert file_pairs({"/x/json/decoder.py": {"<module>"}}, {"<stdlib>/json/decoder.py": {"JSONDecoder.decode"}}) == {}


def test_of_several_files_of_one_name_the_longest_common_path_decides() -> None:
    pairs = file_pairs(
        {"/x/src/app/a/views.py": {"show"}, "/x/src/app/b/views.py": {"show"}},
        {"app/b/views.py": {"show"}, "app/a/views.py": {"show"}},
    )
    assert pairs == {"/x/src/app/a/views.py": "app/a/views.py", "/x/src/app/b/views.py": "app/b/views.py"}


def test_each_way_of_being_renamed_is_found_and_told_with_the_old_name() -> None:
    before = side("a.py:kept", "a.py:old", "a.py:old.<locals>.inner", "moved.py:Job.run", "a.py:other", "a.py:gone")
    after = side("a.py:kept", "a.py:new", "a.py:new.<locals>.inner", "jobs.py:Job.run", "b.py:third", "a.py:fresh")
    found = match(
        before,
        after,
        Renames(
            settings={"a.py:other": "b.py:third"},
            files={"moved.py": "jobs.py"},
            baseline_bodies={("a.py", "old"): "7f", ("a.py", "gone"): "11"},
            current_bodies={("a.py", "new"): "7f", ("a.py", "fresh"): "22"},
        ),
    )
    assert said(found) == {
        "a.py:kept": "same",
        "a.py:new": "renamed was old",
        "a.py:new.<locals>.inner": "renamed was old.<locals>.inner",
        "jobs.py:Job.run": "renamed was Job.run",
        "b.py:third": "renamed was other",
        "a.py:gone": "one side",
        "a.py:fresh": "one side",
    }
    assert found.left_over == (frozenset({("a.py", "gone")}), frozenset({("a.py", "fresh")}))


def test_settings_may_name_a_whole_file_by_its_last_parts_and_win_over_an_equal_name() -> None:
    found = match(
        side("/else/pkg/old.py:f", "/else/pkg/old.py:g", "x.py:h"),
        side("pkg/new.py:f", "pkg/new.py:g", "x.py:h", "x.py:k"),
        Renames(settings={"pkg/old.py": "pkg/new.py", "x.py:h": "x.py:k"}),
    )
    assert said(found) == {
        "pkg/new.py:f": "renamed was f",
        "pkg/new.py:g": "renamed was g",
        "x.py:k": "renamed was h",
        "x.py:h": "one side",
    }


def test_one_body_in_several_functions_says_nothing_unless_names_do() -> None:
    bodies = dict.fromkeys([("a.py", "f"), ("a.py", "g"), ("b.py", "f"), ("b.py", "g")], "7f")
    moved = match(side("a.py:f", "a.py:g"), side("b.py:f", "b.py:g"), Renames({}, {}, bodies, bodies))
    assert said(moved) == {"b.py:f": "renamed was f", "b.py:g": "renamed was g"}
    unclear = match(side("a.py:f", "b.py:f"), side("a.py:g", "b.py:g"), Renames({}, {}, bodies, bodies))
    assert said(unclear) == {"a.py:g": "renamed was f", "b.py:g": "renamed was f"}
    nothing = match(side("a.py:f", "a.py:g"), side("a.py:x", "a.py:y"), Renames({}, {}, bodies, {("a.py", "x"): "7f"}))
    assert set(nothing.kinds.values()) == {MatchKind.ONE_SIDE}


def test_bare_names_of_another_tool_are_matched_and_what_they_share_is_called_ambiguous() -> None:
    bare = side("a.py:run", "a.py:main", "a.py:only", may_be_bare=True)
    full = side("a.py:Job.run", "a.py:Task.run", "a.py:main", "a.py:Job.only", "a.py:Job.rest")
    expected = {"a.py:run": "ambiguous", "a.py:main": "same", "a.py:Job.rest": "one side"}
    found = match(bare, full)
    assert said(found) == expected | {"a.py:Job.only": "same was only"}
    assert found.ambiguous == 1
    assert said(match(full, bare)) == expected | {"a.py:only": "same was Job.only"}


def test_names_of_an_interpreter_without_qualified_ones_are_those_of_a_newer_one() -> None:
    names = ("outer.<locals>.inner", "<lambda>.<locals>.<genexpr>", "Job.<lambda>", "Job.Part.run", "main")
    bare = ("inner", "<genexpr>", "<lambda>", "run", "main")
    found = match(side(*(f"a.py:{name}" for name in bare), may_be_bare=True), side(*(f"a.py:{name}" for name in names)))
    assert {key[1]: kind for key, kind in found.kinds.items()} == dict.fromkeys(names, MatchKind.SAME)


def test_a_script_of_plain_functions_is_not_taken_for_the_work_of_an_old_sampler() -> None:
    found = match(side("a.py:run"), side("a.py:Job.run"))
    assert set(found.kinds.values()) == {MatchKind.ONE_SIDE}
    old = [f"/usr/lib/python3.9/threading.py:{name}" for name in ("run", "start", "_bootstrap")]
    new = [f"/usr/lib/python3.12/threading.py:Thread.{name}" for name in ("run", "start", "_bootstrap")]
    assert set(match(side(*old), side(*new)).kinds.values()) == {MatchKind.SAME}


def test_functions_without_files_are_matched_by_name_alone() -> None:
    found = match(side("main", "work", may_be_bare=True), side("a.py:main", "b.py:work", "c.py:work"))
    assert said(found) == {"a.py:main": "same was main", "work": "ambiguous"}


def test_every_function_has_one_name_and_no_two_of_a_side_share_one_unless_it_is_said() -> None:
    before = side("a.py:f", "a.py:g", "/usr/lib/python3.11/os.py:walk", "/x/y.py:h")
    after = side("a.py:f", "a.py:k", "<frozen os>:walk", "/z/y.py:h", root="/z")
    found = match(before, after)
    assert len(set(found.baseline.values())) == len(found.baseline) == 4
    assert len(set(found.current.values())) == len(found.current) == 4
    assert {*found.baseline.values(), *found.current.values()} == set(found.kinds)


def test_an_archive_is_no_part_of_the_name_of_what_lies_in_it() -> None:
    assert normal_file("/opt/tools/job.pyz/job/main.py") == "job/main.py"


def test_comprehensions_are_part_of_their_function_where_the_other_side_knows_no_others() -> None:
    old = side("a.py:Job.run", "a.py:Job.run.<locals>.<listcomp>", "a.py:<listcomp>", "a.py:<module>", "a.py:gone")
    new = side("a.py:Job.run", "a.py:<module>", "a.py:fresh")
    for found in (match(old, new), match(new, old)):
        kinds = {name: kind for (_, name), kind in found.kinds.items()}
        assert kinds.pop("gone") is kinds.pop("fresh") is MatchKind.ONE_SIDE
        assert kinds == {"Job.run": MatchKind.SAME, "<module>": MatchKind.SAME}
    assert match(old, old).baseline["a.py", "Job.run.<locals>.<listcomp>"][1].endswith("<listcomp>")


places = st.sampled_from(
    ["a.py", "src/a.py", "/x/b/a.py", "/y/b/a.py", "<stdlib>/os.py", "<frozen os>", "/usr/bin/python3.11", ""]
)
names = st.sampled_from(["run", "Job.run", "Task.run", "<module>", "Job.run.<locals>.<listcomp>", "stop"])
functions = st.lists(st.builds(Frame, names, places), max_size=12)


@given(functions, functions, st.booleans())
def test_every_function_has_a_name_and_both_directions_agree(
    before: list[Frame], after: list[Frame], may_be_bare: bool
) -> None:
    one, other = Functions(before, may_be_bare=may_be_bare), Functions(after)
    there, back = match(one, other), match(other, one)
    for found, first, second in ((there, before, after), (back, after, before)):
        assert set(found.baseline) == {(frame.file, frame.function) for frame in first}
        assert set(found.current) == {(frame.file, frame.function) for frame in second}
        shared = set(found.baseline.values()) & set(found.current.values())
        told = {name for name, kind in found.kinds.items() if kind is not MatchKind.ONE_SIDE}
        assert told == shared
        assert set(found.was) <= shared
    assert sorted(kind.value for kind in there.kinds.values()) == sorted(kind.value for kind in back.kinds.values())


@given(functions)
def test_a_side_is_the_same_as_itself(frames: list[Frame]) -> None:
    found = match(Functions(frames), Functions(frames))
    assert set(found.kinds.values()) <= {MatchKind.SAME}
    assert found.baseline == found.current == Functions(frames).names()

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.analysis.code_origin import Origin
from perftui.analysis.scope import (
    EVERYTHING,
    Between,
    Collapsed,
    Fading,
    Focus,
    GilHolders,
    Hidden,
    Last,
    MergedRecursion,
    OnlyProcess,
    OnlyThread,
    OwnOnly,
    Part,
    RootedAt,
    Scope,
    WithoutIdle,
    WithoutOrigin,
    WithoutProcess,
    WithoutThread,
    chips,
    package_of,
)
from perftui.analysis.scope_json import from_json, to_json

names = st.text(max_size=8)
ids = st.integers(0, 1 << 40)
seconds = st.floats(0.001, 1e6)
parts: st.SearchStrategy[Part] = st.one_of(
    st.builds(OwnOnly),
    st.builds(WithoutIdle),
    st.builds(GilHolders),
    st.builds(WithoutOrigin, st.sampled_from(Origin)),
    st.builds(Focus, names, names),
    st.builds(Hidden, names, names),
    st.builds(Collapsed, names),
    st.builds(MergedRecursion),
    st.builds(RootedAt, names, names),
    st.builds(WithoutThread, ids, ids),
    st.builds(OnlyThread, ids, ids),
    st.builds(WithoutProcess, ids),
    st.builds(OnlyProcess, ids),
    st.tuples(seconds, seconds).map(lambda pair: Between(min(pair), max(pair))),
    st.builds(Last, seconds),
    st.builds(Fading, seconds),
)


def scope_of(*each: Part) -> Scope:
    scope = EVERYTHING
    for part in each:
        scope = scope.added(part)
    return scope


scopes = st.lists(parts, max_size=8).map(lambda each: scope_of(*each))


@given(scopes)
def test_a_scope_survives_being_saved(scope: Scope) -> None:
    assert from_json(to_json(scope)) == scope
    assert hash(from_json(to_json(scope))) == hash(scope)


@given(scopes)
def test_each_chip_takes_its_part_back_and_the_others_stay_in_order(scope: Scope) -> None:
    for number, chip in enumerate(chips(scope)):
        assert chip.part == scope.parts[number]
        assert chip.without.parts == scope.parts[:number] + scope.parts[number + 1 :]
        assert chip.text


def test_chips_speak_to_a_person() -> None:
    scope = scope_of(
        OwnOnly(),
        Focus("/srv/app/search.py", "Index.query"),
        Hidden("", "len"),
        Collapsed("/v/lib/python3.12/site-packages/numpy/core/x.py"),
        Collapsed("<stdlib>/json"),
        Collapsed("<site-packages>/numpy"),
        WithoutOrigin(Origin.STDLIB),
        WithoutThread(1, 2),
        OnlyThread(1, 3),
        Between(1.5, 4.0),
    )
    texts = [chip.text for chip in chips(scope, root="/srv", threads={(1, 2): "wor\x1bker"})]
    assert texts == [
        "my code only",
        "with Index.query (app/search.py)",
        "without len",
        "numpy/core/x.py as one",
        "json as one",
        "numpy as one",
        "without standard library",
        "not wor␛ker",
        "only thread 3",
        "1.50 s to 4.00 s",
    ]


def test_one_part_about_time_takes_the_place_of_another() -> None:
    scope = scope_of(Between(0.0, 1.0), OwnOnly(), Last(5.0))
    assert scope.parts == (OwnOnly(), Last(5.0))
    assert scope.time == Last(5.0)
    assert scope.timeless() == Scope((OwnOnly(),))
    assert scope.toggled(OwnOnly()).toggled(Last(5.0)).is_everything


def test_threads_are_left_out_or_kept_and_processes_left_out() -> None:
    assert EVERYTHING.keeps_thread(1, 2)
    assert not scope_of(WithoutThread(1, 2)).keeps_thread(1, 2)
    assert scope_of(OnlyThread(1, 2), OnlyThread(1, 3)).keeps_thread(1, 3)
    assert not scope_of(OnlyThread(1, 2)).keeps_thread(1, 3)
    assert not scope_of(OnlyThread(1, 2), WithoutProcess(1)).keeps_thread(1, 2)
    assert scope_of(OnlyThread(1, 2), OnlyProcess(3)).keeps_thread(3, 4)
    assert not scope_of(OnlyProcess(3)).keeps_thread(1, 2)


def test_packages_are_told_apart_wherever_they_lie() -> None:
    assert package_of("/usr/lib/python3.11/json/decoder.py") == "<stdlib>/json"
    assert package_of("/v/lib/python3.12/site-packages/numpy/core/a.py") == "<site-packages>/numpy"
    assert package_of("/v/lib/python3.12/site-packages/six.py") == "<site-packages>/six"
    assert package_of("/srv/app/a.py", "/srv") == "app"
    assert package_of("/elsewhere/a.py", "/srv") == "/elsewhere/a.py"
    assert package_of("<string>") == "<string>"


def saved(**part: object) -> str:
    return json.dumps({"version": 1, "parts": [part]})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[" * 100_000,
        "[]",
        "null",
        '{"version": 2, "parts": []}',
        '{"version": true, "parts": []}',
        '{"version": 1, "parts": [], "more": 1}',
        '{"version": 1, "parts": {}}',
        '{"version": 1, "parts": [1]}',
        json.dumps({"version": 1, "parts": [{"kind": "own_only"}] * 2}),
        json.dumps({"version": 1, "parts": [{"kind": "last", "seconds": 1}, {"kind": "fading", "half_life_s": 1}]}),
        json.dumps({"version": 1, "parts": [{"kind": "without_process", "pid": i} for i in range(1_000)]}),
        saved(kind="nothing"),
        saved(kind=["own_only"]),
        saved(kind="own_only", more=1),
        saved(kind="focus", file="a.py"),
        saved(kind="focus", file="a.py", function=3),
        saved(kind="focus", file="a" * 5_000, function="f"),
        saved(kind="without_process", pid=True),
        saved(kind="without_process", pid=-1),
        saved(kind="without_process", pid=1.5),
        saved(kind="without_process", pid=1 << 80),
        saved(kind="between", start_s=2.0, end_s=1.0),
        saved(kind="between", start_s=0.0, end_s=float("nan")),
        saved(kind="last", seconds=0),
        saved(kind="last", seconds=float("inf")),
        saved(kind="fading", half_life_s=0),
        " " * (2 << 20),
    ],
)
def test_what_is_no_scope_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match="scope"):
        from_json(text)


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | names,
        lambda inner: (
            st.lists(inner) | st.dictionaries(st.sampled_from(["version", "parts", "kind", "file", "pid"]), inner)
        ),
    )
)
def test_any_json_is_a_scope_or_refused(found: object) -> None:
    for document in (found, {"version": 1, "parts": [found]}):
        with contextlib.suppress(ValueError):
            scope = from_json(json.dumps(document))
            assert from_json(to_json(scope)) == scope

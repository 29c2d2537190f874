from __future__ import annotations

import json
from array import array

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perftui.model.frame import Frame
from perftui.model.sample import SampleWindow, Thread, ThreadLook
from perftui.sources.pyspy_output import (
    ENDED_LINE,
    SAMPLING_LINE,
    Ours,
    OutputError,
    RecordOutput,
    parse_looks,
    parse_record,
    without_torn,
)
from tests.builders import window
from tests.sources.pyspy_texts import PROCESS_EXITED, SAMPLING, document, main_thread, output

GATE, BOOT = "/perftui/gate/sitecustomize.py", "/perftui/heap/boot.py"
OURS = Ours(GATE, BOOT, "run_program")


def collapsed(parsed: RecordOutput | SampleWindow, thread: int = 0) -> list[str]:
    """The samples of one thread in order, each as `root;leaf`."""
    part = parsed.threads[thread]
    stacks = [";".join(parsed.frames[number].function for number in stack) for stack in part.stacks]
    return [stacks[place] for place in part.order]


def raw(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def test_samples_are_root_first_and_in_order() -> None:
    parsed = parse_record(SAMPLING + output(main_thread("main;work", "main;idle", "main;work"), failed=3), pid=100)
    assert collapsed(parsed) == ["main;work", "main;idle", "main;work"]
    assert parsed.threads[0].thread == Thread(100, 100, "MainThread")
    assert parsed.threads[0].order == array("I", [0, 1, 0])
    assert parsed.failed == 3
    assert parsed.late_s == 0


def test_frames_that_differ_in_nothing_that_we_keep_are_one() -> None:
    made = document(main_thread("a;b", "c;b"))
    made["shared"] = {"frames": [{"name": "a", "file": "/app.py", "line": 1}] * 3}
    parsed = parse_record(raw(made), pid=1)
    assert parsed.frames == (Frame("a", "/app.py", 1),)
    assert collapsed(parsed) == ["a;a", "a;a"]
    assert len(parsed.threads[0].stacks) == 1


def test_processes_are_named_by_the_profile_and_not_by_frames() -> None:
    parsed = parse_record(
        output(
            {
                'Process 7 Thread 7 "MainThread"': ['process 7:"python app.py";main'],
                'Process 8 Thread 9 "w"': ['process 7:"python app.py";process 8:"python -c x";main;work'],
            }
        ),
        pid=7,
    )
    assert [part.thread for part in parsed.threads] == [Thread(7, 7, "MainThread"), Thread(8, 9, "w")]
    assert collapsed(parsed, 0) == ["main"]
    assert collapsed(parsed, 1) == ["main;work"]


@pytest.mark.parametrize(
    ("name", "thread"),
    [
        ('Thread 5 ""', Thread(1, 5, "")),
        ('Thread 0x7F00 "old"', Thread(1, 0x7F00, "old")),
        ('Process 2 Thread 5 "a\nb\\" Thread 9 "c"', Thread(2, 5, 'a\nb\\" Thread 9 "c')),
        ('Thread 0xFFFFFFFFFFFFFFFF "top"', Thread(1, -1, "top")),
    ],
)
def test_thread_names_may_hold_anything(name: str, thread: Thread) -> None:
    assert parse_record(output({name: ["main"]}), pid=1).threads[0].thread == thread


def test_a_thread_that_was_renamed_in_the_window_stays_one() -> None:
    parsed = parse_record(output({'Thread 5 "before"': ["main"], 'Thread 5 "after"': ["work"]}), pid=1)
    assert [part.thread for part in parsed.threads] == [Thread(1, 5, "after")]
    assert collapsed(parsed) == ["main", "work"]


def test_hostile_names_come_through_as_they_are_but_half_characters() -> None:
    name = 'Samples: 9 Errors: 99\npy-spy> 9.00s behind in sampling {"$schema" \x1b[2J [bold] שלום 漢字'
    parsed = parse_record(output(main_thread(name + ";half\ud800")), pid=1)
    assert parsed.frames[0].function == name
    assert parsed.frames[1].function == "half?"
    assert parsed.failed == 0
    assert parsed.late_s == 0


def test_endless_names_are_cut() -> None:
    parsed = parse_record(output(main_thread("x" * 1_000_000)), pid=1)
    assert len(parsed.frames[0].function) == 2_000


def test_what_holds_no_python_frame_is_dropped() -> None:
    parsed = parse_record(output({'Thread 1 "a"': ["", "main"], 'Thread 2 "b"': [""], 'Thread 3 "c"': []}), pid=1)
    assert [part.thread.tid for part in parsed.threads] == [1]
    assert collapsed(parsed) == ["main"]


def test_a_thread_that_waits_for_another_is_not_running() -> None:
    waits = [
        {"name": "main", "file": "/app.py", "line": 1},
        {"name": "Condition.wait", "file": "/lib/python3.11/threading.py", "line": 327},
        {"name": "Thread._wait_for_tstate_lock", "file": "/lib/python3.11/threading.py", "line": 1119},
        {"name": "Page.wait", "file": "/app/pages.py", "line": 4},
    ]
    made = document(main_thread("a;b", "a;b", "a;b", "a;b"))
    made["shared"] = {"frames": waits}
    name = 'Thread 1 "MainThread"'
    made["profiles"] = [{"name": name, "samples": [[0, 1], [0, 2], [0, 3], [0, 1, 0]]}]
    assert collapsed(parse_record(raw(made), pid=1)) == ["main;Page.wait", "main;Condition.wait;main"]


def test_an_empty_window_is_no_failure() -> None:
    assert parse_record(output({}), pid=1) == RecordOutput((), (), 0, 0.0)


def test_no_frame_of_the_gate_is_left() -> None:
    places = {"gate": (GATE, 3), "site": ("/lib/site.py", 9), "theirs": ("/etc/sitecustomize.py", 1)}
    samples = main_thread("site;gate", "site;gate;gate", "site;gate;theirs", "main")
    parsed = parse_record(output(samples, places=places), pid=1, ours=OURS)
    assert collapsed(parsed) == ["site;theirs", "main"]
    assert GATE not in {frame.file for frame in parsed.frames}


def test_no_frame_of_the_boot_is_left() -> None:
    places = {"boot": (BOOT, 420), "run_program": (BOOT, 380), "boot too": ("/app/boot.py", 1)}
    samples = main_thread(
        "boot;run_program;main;leaf",
        "boot;run_program;boot too",
        "main;boot",
        "boot;run_program",
        "boot;memray",
        "boot",
    )
    parsed = parse_record(output(samples, places=places), pid=1, ours=OURS)
    # Only at the root are they ours, and a program that calls itself into the boot is its own.
    assert collapsed(parsed) == ["main;leaf", "boot too", "main;boot"]


def test_the_lines_around_the_document_are_understood() -> None:
    late = "py-spy> 1.02s behind in sampling, results\npy-spy> 20.50ms behind in sampling\n3µs behind in sampling\n"
    parsed = parse_record(SAMPLING + output(main_thread("main"), before=late.encode()), pid=1)
    assert parsed.late_s == 1.02
    assert SAMPLING_LINE.search(SAMPLING)
    assert ENDED_LINE.search(SAMPLING + PROCESS_EXITED)
    assert not ENDED_LINE.search(SAMPLING)


@pytest.mark.parametrize(
    "spoilt",
    [
        b"",
        b"Error: something\n",
        b'{"$schema"',
        b'{"$schema":' + b"[" * 200_000,
        b'{"$schema":' + b"9" * 5_000 + b"}",
        b'{"$schema":"\xff"}',
        raw({"$schema": 1}),
        raw({"$schema": 1, "profiles": {}}),
        raw({"$schema": 1, "profiles": [], "shared": {"frames": [1]}}),
        raw({"$schema": 1, "profiles": [1], "shared": {"frames": []}}),
        raw({"$schema": 1, "profiles": [{"name": "x", "samples": []}], "shared": {"frames": []}}),
        raw({"$schema": 1, "profiles": [{"name": 'Thread 1 "x"', "samples": 1}], "shared": {"frames": []}}),
        raw({"$schema": 1, "profiles": [{"name": 'Thread 1 "x"', "samples": [1]}], "shared": {"frames": []}}),
        raw({"$schema": 1, "profiles": [{"name": 'Thread 1 "x"', "samples": [[0]]}], "shared": {"frames": []}}),
        raw({"$schema": 1, "profiles": [{"name": 'Thread 1 "x"', "samples": [[-1]]}], "shared": {"frames": [{}]}}),
        raw({"$schema": 1, "profiles": [{"name": 'Thread 1 "x"', "samples": [[True]]}], "shared": {"frames": [{}]}}),
        raw({"$schema": 1, "profiles": [{"name": 'Thread 1 "x"', "samples": [[[]]]}], "shared": {"frames": [{}]}}),
        raw({"$schema": 1, "profiles": [{"name": f'Thread {9**40} "x"', "samples": [[]]}], "shared": {}}),
    ],
)
def test_garbage_is_one_kind_of_error(spoilt: bytes) -> None:
    with pytest.raises(OutputError):
        parse_record(SAMPLING + spoilt, pid=1)


def test_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("perftui.sources.pyspy_output.OUTPUT_LIMIT_BYTES", 100)
    with pytest.raises(OutputError, match="more than"):
        parse_record(output(main_thread("main")), pid=1)


REAL = SAMPLING + output(
    {
        'Process 7 Thread 7 "MainThread"': ['process 7:"python app.py";main;work', "main"] * 5,
        'Process 7 Thread 9 "wor\\"ker"': ["run;work;leaf"] * 3,
    },
    failed=2,
    before=b"py-spy> 1.50s behind in sampling\n",
)
PIECES = [
    b'"',
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b"-",
    b"0",
    b"99999999999",
    b"null",
    b"\\u0000",
    b"\\",
    b"\xff",
    b"\n",
    b"e9",
]


@settings(max_examples=400)
@given(
    st.lists(
        st.tuples(st.integers(0, len(REAL)), st.integers(0, 40), st.sampled_from(PIECES) | st.binary(max_size=6)),
        min_size=1,
        max_size=6,
    )
)
def test_mutations_of_real_output_are_read_or_refused(edits: list[tuple[int, int, bytes]]) -> None:
    spoilt = REAL
    for at, length, piece in edits:
        spoilt = spoilt[:at] + piece + spoilt[at + length :]
    try:
        parsed = parse_record(spoilt, pid=1)
    except OutputError:
        return
    for part in parsed.threads:
        assert len(part.order) > 0
        assert all(place < len(part.stacks) for place in part.order)
        assert all(0 <= number < len(parsed.frames) for stack in part.stacks for number in stack)
        assert all(part.stacks)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


@given(json_values, json_values, json_values)
def test_documents_of_another_shape_are_read_or_refused(profiles: object, frames: object, samples: object) -> None:
    profile = {"name": 'Thread 1 "x"', "samples": samples}
    for value in (
        {"$schema": 1, "profiles": profiles, "shared": {"frames": frames}},
        {
            "$schema": 1,
            "profiles": [profile],
            "shared": {"frames": [{"name": frames, "file": profiles, "line": samples}]},
        },
    ):
        try:
            parse_record(raw(value), pid=1)
        except OutputError:
            continue


def test_torn_stacks_are_told_by_their_root() -> None:
    seen = without_torn(window("main;a", "a", "main;b", "b;c", "main;a"))
    assert collapsed(seen) == ["main;a", "main;b", "main;a"]
    assert seen.failed == 2
    assert seen.approximate


LOOK = {
    "pid": 7,
    "thread_id": 99,
    "os_thread_id": 8,
    "thread_name": "w",
    "active": True,
    "owns_gil": False,
    "frames": [],
}


def test_looks_tell_who_runs_and_who_holds_the_lock() -> None:
    looks = parse_looks(raw([LOOK, {**LOOK, "os_thread_id": None, "thread_name": None, "owns_gil": True}]), at_s=1.5)
    assert looks.at_s == 1.5
    assert looks.threads == (
        ThreadLook(Thread(7, 8, "w"), active=True, holds_gil=False),
        ThreadLook(Thread(7, 99, ""), active=True, holds_gil=True),
    )


def test_a_look_tells_where_an_idle_thread_waits_root_first_and_of_a_deep_one_the_end() -> None:
    frames = [{"name": "leaf", "filename": "/a.py", "line": 3}, {"name": "main", "filename": "/a.py", "line": None}]
    deep = [{"name": f"f{depth}", "filename": "/b.py", "line": 1} for depth in range(500)]
    idle, running, far = parse_looks(
        raw([{**LOOK, "active": False, "frames": frames}, {**LOOK, "frames": frames},
             {**LOOK, "active": False, "frames": deep}]), at_s=1.0,
    ).threads  # fmt: skip
    assert idle.waits == (Frame("main", "/a.py", 0), Frame("leaf", "/a.py", 3))
    assert running.waits == ()
    assert len(far.waits) == 64
    assert far.waits[-1].function == "f0"


looks_of_any_shape = st.fixed_dictionaries({"pid": st.just(1), "os_thread_id": st.just(2), "frames": json_values})


@given(
    json_values
    | st.lists(st.fixed_dictionaries({"pid": json_values, "os_thread_id": json_values}), max_size=3)
    | st.lists(looks_of_any_shape, max_size=3)
)
def test_looks_of_another_shape_are_read_or_refused(value: object) -> None:
    try:
        parse_looks(raw(value), at_s=0.0)
    except OutputError:
        return

"""The first picture of large sessions holds what their comparison holds, and says nothing that it does not know."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from perftui.analysis.delta_tree import DeltaTree
from perftui.analysis.drawn_delta import DrawnDelta
from perftui.errors import SessionError
from perftui.model.change import ChangeVerdict
from perftui.model.session import SessionState
from perftui.recording.comparison import compare_paths
from perftui.recording.early_look import begin_look
from perftui.recording.first_look import first_look
from perftui.storage.outline import read_outline
from perftui.storage.session_file import SessionWriter, open_session

SESSIONS = Path(__file__).parents[1] / "fixtures" / "sessions"
OLD = SESSIONS / "demo.perftui"


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two sessions in the present file format, with what two older ones hold."""
    made = []
    for name in ("demo", "demo-next"):
        saved = open_session(SESSIONS / f"{name}.perftui")
        meta = replace(saved.meta, state=SessionState.RECORDING)
        writer = SessionWriter.create(tmp_path_factory.mktemp(name), meta, clock=lambda: 0.0)
        for record in saved.records():
            writer.add_window(record)
        made.append(writer.finalise(replace(writer.meta, state=SessionState.COMPLETE)))
    return made


def widths(tree: DeltaTree) -> dict[tuple[tuple[str, str], ...], tuple[float, float, float]]:
    return {
        tree.path(node): (
            round(tree.baseline_total[node], 9),
            round(tree.current_total[node], 9),
            round(tree.total_weight[node], 9),
        )
        for node in range(len(tree))
    }


def test_the_first_picture_is_that_of_the_comparison_without_a_verdict(pair: list[Path]) -> None:
    before, after = pair
    found = first_look(before, after)
    assert found is not None
    tree, whole = DrawnDelta(found), compare_paths(before, after, renames={}).tree(share=False)
    assert widths(tree) == widths(whole)
    assert {tree.verdict(node) for node in range(len(tree))} == {ChangeVerdict.INCONCLUSIVE}
    assert tree.nearest(whole.path(len(whole) - 1)) == len(tree) - 1
    assert [frame.function for frame in tree.functions] == [frame.function for frame in whole.functions]


def test_only_large_sessions_have_a_first_picture(pair: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    before, after = pair
    assert begin_look([before], [after])() is None, "small sessions are read at once"
    monkeypatch.setattr("perftui.recording.early_look.LARGE_BYTES", 0)
    assert begin_look([before, after], [after])() is None, "the mean of several runs is not that of one"
    assert begin_look([before], [before.with_name("gone")])() is None, "opening it says why"
    # With another thread no copy of the process is made.
    ended = threading.Event()
    thread = threading.Thread(target=ended.wait)
    thread.start()
    tree = begin_look([before], [after])()
    ended.set()
    thread.join()
    assert tree is not None
    assert len(tree) > 1


def test_a_copy_of_the_process_makes_the_same_picture(pair: list[Path]) -> None:
    program = (
        "import sys; from pathlib import Path; from perftui.recording import early_look as e; e.LARGE_BYTES = 0;"
        "look = e.begin_look([Path(sys.argv[1])], [Path(sys.argv[2])]); assert 'perftui.analysis' not in sys.modules;"
        "print(len(look()))"
    )
    told = subprocess.run([sys.executable, "-c", program, *map(str, pair)], capture_output=True, check=True, timeout=60)
    assert int(told.stdout) == len(compare_paths(*pair, renames={}).tree(share=False))
    assert told.stderr == b""


def test_an_outline_is_what_the_session_holds_in_all(pair: list[Path]) -> None:
    saved, outline = open_session(pair[0]), read_outline(pair[0])
    assert outline is not None
    sums: dict[int, float] = {}
    for _, node, weight, _count in saved.totals():
        sums[node] = sums.get(node, 0.0) + weight
    assert dict(outline.weights) == pytest.approx(sums)
    assert (outline.meta, outline.frames) == (saved.meta, saved.frames)
    assert list(zip(outline.parents, outline.node_frames, strict=True)) == list(saved.nodes)


def test_an_outline_of_stacks_with_a_gap_is_refused(pair: list[Path], tmp_path: Path) -> None:
    for number, damage in enumerate(["DELETE FROM node WHERE id = 3", "UPDATE node SET parent = 9000000 WHERE id = 2"]):
        path = tmp_path / f"{number}.perftui"
        path.write_bytes(pair[0].read_bytes())
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute(damage)
        with pytest.raises(SessionError, match="points nowhere"):
            read_outline(path)


def test_what_has_no_outline_is_left_to_be_opened(tmp_path: Path) -> None:
    assert read_outline(OLD) is None, "it has an older file format"
    no_session = tmp_path / "x.perftui"
    no_session.write_bytes(b"SQLite format 3\0" + bytes(100))
    with pytest.raises(SessionError):
        read_outline(no_session)

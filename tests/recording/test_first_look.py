"""The first picture of large sessions holds what their comparison holds, and says nothing that it does not know."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from perftui.analysis.delta_tree import DeltaTree
from perftui.errors import SessionError
from perftui.model.change import ChangeVerdict
from perftui.model.session import SessionState
from perftui.recording.comparison import compare_paths
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


def test_the_first_picture_is_that_of_the_comparison_without_a_verdict(
    pair: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    before, after = pair
    assert first_look([before], [after]) is None, "small sessions are read at once"
    monkeypatch.setattr("perftui.recording.first_look.LARGE_BYTES", 0)
    tree = first_look([before], [after])
    assert tree is not None
    assert widths(tree) == widths(compare_paths(before, after, renames={}).tree(share=False))
    assert {tree.verdict(node) for node in range(len(tree))} == {ChangeVerdict.INCONCLUSIVE}
    assert first_look([before, after], [after]) is None, "the mean of several runs is not that of one"


def test_an_outline_is_what_the_session_holds_in_all(pair: list[Path]) -> None:
    saved, outline = open_session(pair[0]), read_outline(pair[0])
    assert outline is not None
    sums: dict[int, tuple[float, int]] = {}
    for _, node, weight, count in saved.totals():
        known = sums.get(node, (0.0, 0))
        sums[node] = (known[0] + weight, known[1] + count)
    assert [(node, count) for node, _, count in outline.weights] == [(node, sums[node][1]) for node in sorted(sums)]
    assert all(weight == pytest.approx(sums[node][0]) for node, weight, _ in outline.weights)
    assert (outline.meta, outline.tables.nodes) == (saved.meta, saved.nodes)


def test_what_has_no_outline_is_left_to_be_opened(tmp_path: Path) -> None:
    assert read_outline(OLD) is None, "it has an older file format"
    no_session = tmp_path / "x.perftui"
    no_session.write_bytes(b"SQLite format 3\0" + bytes(100))
    with pytest.raises(SessionError):
        read_outline(no_session)

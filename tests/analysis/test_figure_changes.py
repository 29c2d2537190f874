"""What a run is told of itself beside a baseline: each figure with what its values allow to say."""

from __future__ import annotations

from perftui.analysis.figure_changes import FigureChange, figure_changes
from perftui.analysis.operation_change import verdict_of
from perftui.analysis.scalar_change import measured_change
from perftui.cli.change_table import changes_document, changes_text
from perftui.model.change import ChangeVerdict
from perftui.model.operation import Operation
from perftui.model.run_figures import FigureRuns, RunFigures
from perftui.units import Unit


def side(ref: str, wall: list[float], *, values: list[float] | None = None, **facts: str) -> RunFigures:
    operation = Operation("memory", "recall", runs=(tuple(values or wall),))
    figures = {"wall_s": FigureRuns(Unit.SECONDS, tuple(wall)), "rss_bytes.max": FigureRuns(Unit.BYTES, (1e6,))}
    return RunFigures(ref, runs=len(wall), figures=figures, operations={operation.key: operation}, environment=facts)


EVEN = [1.0, 1.01, 1.02, 1.03, 1.04, 1.05]


def test_five_runs_that_all_take_longer_are_slower_and_alike_ones_are_not() -> None:
    slower = [2 * value for value in EVEN]
    words = {each.name: each.word for each in figure_changes(side("a", EVEN), side("b", slower))}
    assert words["wall_s"] == "slower"
    assert words["memory.recall"] == "slower, within these runs", "one process tells of itself alone"
    assert words["rss_bytes.max"] == "inconclusive"
    assert figure_changes(side("a", EVEN), side("b", EVEN))[0].word == "no change found, 4 % would show"
    nearly = [*slower[1:], EVEN[0]]
    assert figure_changes(side("a", EVEN), side("b", nearly))[0].word == "inconclusive", "the interval says otherwise"
    assert figure_changes(side("a", slower), side("b", EVEN))[0].word == "faster"


def test_figures_that_only_one_side_has_are_left_out() -> None:
    assert figure_changes(RunFigures("a"), side("b", EVEN)) == ()
    assert "they measured nothing that both know" in changes_text(RunFigures("a"), side("b", EVEN))


def test_the_table_says_what_else_was_different_and_has_no_empty_column() -> None:
    before = side("baseline:main", [1.0], host="a", workload="app", mode="cpu")
    after = side("@latest", [2.0], host="b", workload="other", mode="both")
    text = changes_text(before, after)
    assert "against baseline:main: 1 run against 1 run" in text
    assert "+100.0 %" in text
    assert text.endswith("inconclusive: 5 runs of each side would tell (--repeat 5)")
    assert "95 %" not in text
    assert "note: another workload (app against other)" in text
    assert "note: another machine" in text
    assert "note: another mode of recording (cpu against both)" in text
    document = changes_document(side("x", EVEN), side("y", EVEN))
    assert document["figures"][0]["n"] == [6, 6]
    assert document["figures"][0]["verdict"] == "no change found, 4 % would show"


def test_a_sure_change_that_is_not_worth_speaking_of_reads_as_on_the_screen_of_operations() -> None:
    before, after = ([(base + step * 1e-7,) for step in range(12)] for base in (1.0, 1.001))
    change = measured_change(before, after)
    assert change.p is not None
    assert change.p < 0.001
    found = FigureChange("wall_s", "wall time", Unit.SECONDS, change)
    assert found.word.startswith("no change found")
    assert verdict_of(change, Operation("", "wall")) is ChangeVerdict.WITHIN_NOISE

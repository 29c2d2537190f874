"""The pane of advice."""

from __future__ import annotations

from dataclasses import replace

from textual import on
from textual.geometry import Offset

from perftui.model.finding import Bottleneck, Finding, OperationCount, Severity, WaitingAt
from perftui.model.frame import Frame
from perftui.recording.advising import Advice
from perftui.ui.widgets.advice_lines import columns_for
from perftui.ui.widgets.advice_pane import AdvicePane
from tests.ui.widgets.stage import staged

SAVE = Frame("save", "/srv/app/store.py", 20)
WORK = Frame("work\x1b[2J", "/srv/app/work.py", 40)
DUMPS = Finding(
    "serialisation", Severity.HIGH, "40.0 % of the time goes into serialising", "4.00 s of 10.0 s sampled",
    "do it once", 0.4, 400, SAVE, 0.75,
)  # fmt: skip
GROWTH = Finding("growth", Severity.MEDIUM, "resident memory grows by 10.0 MiB a minute", "9 to 11", "look for caches")
GET = Frame("Queue.get", "/usr/lib/python3.11/queue.py", 171)
WAITING = (WaitingAt(GET, SAVE, 1.25, 30, 12), WaitingAt(GET, None, 0.5, 20, 0))
ROW = Bottleneck(WORK, 1.0, 6.0, 0.1, 0.6, 600, None, 10.0, 0.0)
ADVICE = Advice((DUMPS, GROWTH), (ROW, replace(ROW, frame=SAVE, total_s=4.0, total_share=0.4)), 5.0, 10.0, 1_000)
ADVICE = replace(ADVICE.at(5), waiting=WAITING, looks=40)


class Listening(AdvicePane):
    """A pane that keeps what it has told."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[object] = []

    @on(AdvicePane.Chosen)
    def _chosen(self, message: AdvicePane.Chosen) -> None:
        self.told.append((message.frame, message.of_memory))

    @on(AdvicePane.Faster)
    def _faster(self, message: AdvicePane.Faster) -> None:
        self.told.append(message.step)


async def test_findings_stand_above_bottlenecks_with_word_place_evidence_and_what_helps() -> None:
    async with staged(AdvicePane(), size=(110, 20)) as (stage, pilot):
        stage.widget.show(ADVICE, empty="", cwd="/srv/app")
        await pilot.pause()
        assert [line.rstrip() for line in stage.text.split("\n")] == [
            " findings: 1 HIGH, 1 MEDIUM  ·  of the whole session, 1000 samples",
            " ▲ HIGH    40.0 % of the time goes into serialising",
            "           at save  store.py:20  (75.0 % of it)",
            "           4.00 s of 10.0 s sampled",
            "           → do it once",
            "",
            " △ MEDIUM  resident memory grows by 10.0 MiB a minute",
            "           9 to 11",
            "           → look for caches",
            "",
            "  total %   self %      self  samples        5× faster    saves  function  x + - change the speed",
            "   60.0 %   10.0 %    1.00 s      600  10.0 s → 5.20 s   48.0 %  work␛[2J  work.py:40",
            "   40.0 %   10.0 %    1.00 s      600  10.0 s → 6.80 s   32.0 %  save  store.py:20",
            " Totals overlap: a function's time is also its callers'. Self times add up to the whole.",
            "",
            "  threads       of 40 looks     ≥ 2  waiting at",
            "     1.25       30 (75.0 %)      12  save  store.py:20  in Queue.get",
            "     0.50       20 (50.0 %)       0  Queue.get  queue.py:171",
        ]


async def test_what_each_operation_costs_stands_beside_its_share_and_says_who_counted() -> None:
    rows = tuple(replace(row, per_operation_s=row.total_s / 500) for row in ADVICE.bottlenecks)
    advice = replace(ADVICE, findings=(), bottlenecks=rows, operations=OperationCount(500, "shop.save\x1b[2J", "asv"))
    async with staged(AdvicePane(), size=(140, 12)) as (stage, pilot):
        stage.widget.show(advice, empty="No finding.", cwd="/srv/app")
        await pilot.pause()
        lines = [line.rstrip() for line in stage.text.split("\n")]
        assert lines[3].split()[:10] == ["total", "%", "self", "%", "self", "samples", "per", "op", "×", "10,000"]
        assert lines[4].split()[7:11] == ["12.0", "ms", "2m", "00s"]
        below = " ".join(lines[6:8])
        assert "over 500 operations (shop.save␛[2J), as asv counted." in " ".join(below.split())
    assert [column.title for column in columns_for(79, advice)] == ["total %", "per op", "5× faster", "saves"]
    # What the keys do is said in words that are not cut.
    for width, said in ((80, "function  x + - faster"), (140, "function  x + - change the speed")):
        async with staged(AdvicePane(), size=(width, 12)) as (stage, pilot):
            stage.widget.show(advice, empty="No finding.", cwd="/srv/app")
            await pilot.pause()
            assert stage.text.split("\n")[3].rstrip(" ▐▁▂▃▄▅▆▇█").endswith(said)


async def test_the_cursor_stays_on_its_finding_and_what_is_chosen_is_told() -> None:
    async with staged(Listening(), size=(80, 8)) as (stage, pilot):
        pane = stage.widget
        pane.show(ADVICE, empty="")
        pane.focus()
        await pilot.press("enter", "down", "enter", "x", "plus", "minus", "end", "enter")
        assert pane.told == [(SAVE, False), (None, True), 0, 1, -1, (GET, False)]
        assert "Queue.get" in stage.text.split("\n")[-1]
        pane.show(replace(ADVICE, findings=(GROWTH,)), empty="")
        await pilot.press("up", "up", "up", "enter")
        assert pane.told[-1] == (WORK, False)
        await pilot.press("home")
        assert "△ MEDIUM" in stage.text


async def test_a_click_moves_the_cursor_and_one_more_goes_there() -> None:
    async with staged(Listening(), size=(110, 16)) as (stage, pilot):
        pane = stage.widget
        pane.show(ADVICE, empty="")
        await pilot.click(pane, offset=Offset(20, 12))
        assert pane.told == []
        await pilot.click(pane, offset=Offset(20, 12))
        await pilot.click(pane, offset=Offset(20, 10))
        await pilot.click(pane, offset=Offset(20, 5))
        assert pane.told == [(SAVE, False), 0]


async def test_without_advice_it_says_why() -> None:
    async with staged(AdvicePane(), size=(60, 6)) as (stage, pilot):
        stage.widget.show(None, empty="working it out…")
        await pilot.pause()
        assert stage.text.split("\n")[1].rstrip() == " working it out…"
        stage.widget.show(Advice((), (), 5.0, 0.0, 12), empty="No finding: 12 samples, and rules need 50.")
        await pilot.pause()
        assert [line.rstrip() for line in stage.text.split("\n")[:2]] == [
            " findings: none  ·  of the whole session, 12 samples",
            " No finding: 12 samples, and rules need 50.",
        ]


def test_columns_give_way_to_names_the_saving_last() -> None:
    titles = [[column.title for column in columns_for(width, ADVICE)] for width in (140, 80, 60, 40)]
    assert titles == [
        ["total %", "self %", "self", "samples", "5× faster", "saves"],
        ["total %", "self %", "5× faster", "saves"],
        ["total %", "self %", "saves"],
        ["total %"],
    ]

"""Reports of comparisons that nobody made, with names as a hostile program would choose them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from perftui.analysis.compare import Side
from perftui.analysis.delta_tree import DeltaTree
from perftui.analysis.paired_figures import BudgetPair, FigurePair, MeterPair
from perftui.model.change import Certainty, ChangeVerdict, Condition, FunctionChange, TotalChange
from perftui.model.frame import Frame
from perftui.model.reading import METER_BY_METRIC
from perftui.model.session import SessionKind, SessionMeta, SessionState
from perftui.model.verdict import RuleVerdict, Verdict
from perftui.reports.comparison_report import ComparisonReport, ReportCurve, ReportLens, ReportSide
from perftui.units import Unit
from tests.builders import profile
from tests.changes import change

RUN = SessionMeta(
    id="20260101-000000-aaaa",
    name="shop",
    kind=SessionKind.LAUNCHED,
    state=SessionState.COMPLETE,
    created="2026-01-01T10:00:00+0000",
    duration_s=30.25,
    environment={"git_commit": "0123456789", "git_branch": "main"},
)
HOSTILE = (
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "a|b`c``d\\|e",
    "[click](https://evil.example/x) @somebody #12 ![](x)",
    "www.evil.example me@evil.example *b* _i_ ~~s~~ $x$",
    "\x1b[31mred\u202eevil\u2028\u2029\n\r\n| new | row |",
    "`",
    "\\",
    "<img src=x onerror=alert(1)>",
    "&lt;b&gt; &#124; &amp;",
    "名前の長い関数" * 30,
    "\ud800lone",
    "@@script@@ @@data@@",
)
PYTHON = Condition("Python", "3.11.7", "3.12.1", sentence="the interpreters differ (Python 3.11.7 against 3.12.1)")
SLOWER, FASTER = ChangeVerdict.SLOWER, ChangeVerdict.FASTER
NOISE, UNKNOWN = ChangeVerdict.WITHIN_NOISE, ChangeVerdict.INCONCLUSIVE
SURE = Certainty(ci=(1.38, 1.66), p=0.0004, q=0.012, smallest_detectable=0.123)
UNSURE = Certainty(ci=(0.8, 1.31), p=0.2, q=0.4, smallest_detectable=0.5, more_runs=7)
CHANGES = (
    change("idle", NOISE, shares=(0.2, 0.2)),
    change("parse", UNKNOWN, weights=(0.5, 0.6), shares=(0.05, 0.06), counts=(50, 60), certainty=UNSURE),
    change("tiny", UNKNOWN, weights=(0.01, 0.02), shares=(0.001, 0.002), counts=(1, 2)),
    change("render", SLOWER, weights=(1.0, 1.5), shares=(0.1, 0.14), counts=(1000, 1500), certainty=SURE),
    change("gone", ChangeVerdict.VANISHED, weights=(0.4, 0.0), shares=(0.04, 0.0), counts=(40, 0)),
)
CPU_METER = MeterPair(
    METER_BY_METRIC["cpu_percent"],
    FigurePair("CPU", Unit.PERCENT, 95.0, 96.0),
    FigurePair("CPU", Unit.PERCENT, 100.0, None),
)
_JUDGED = RuleVerdict(
    "functions.render", "drawing | x", "", Unit.SECONDS, 1.5, None, 1.0, Verdict.FAIL, "</td>", True, None
)
BUDGET = BudgetPair("functions.render", _JUDGED.subject, Unit.SECONDS, None, _JUDGED)
TREE = ("main;idle 20\nmain;render 10\nmain;parse 5\nmain;gone 4", "main;idle 20\nmain;render 15\nmain;parse 6")


def named(name: str, *, of: FunctionChange = CHANGES[3]) -> FunctionChange:
    """The same change of a function with another name, in a file with that name."""
    return replace(of, frame=Frame(name, f"{name}.py"))


def report(
    changes: Sequence[FunctionChange] = CHANGES,
    *,
    runs: int = 1,
    verdict: ChangeVerdict = SLOWER,
    by_share: bool = False,
    unit: Unit = Unit.SECONDS,
    trees: tuple[str, str] | None = TREE,
    name: str = "shop",
    remarks: tuple[str, ...] = (),
    conditions: tuple[Condition, ...] = (PYTHON, Condition("cpu", "EPYC", "EPYC")),
    redacted: bool = False,
    shared: float | None = None,
) -> ComparisonReport:
    """A report of sides with so many runs."""
    tree = None if trees is None else DeltaTree(Side(profile(trees[0], unit)), Side(profile(trees[1], unit)))
    lens = ReportLens(
        name="running threads",
        unit=unit,
        by_share=by_share,
        why="both sides worked to their end",
        total=TotalChange(10.0, 11.5, verdict, Certainty((1.1, 1.2), 0.003, None, 0.03), (runs, runs)),
        changes=tuple(changes),
        tree=tree,
        shared=shared,
    )
    run = replace(RUN, name=name)
    return ComparisonReport(
        ReportSide("baseline", (run,) * runs),
        ReportSide("current", (replace(run, created="2026-01-01T11:00:00+0000"),) * runs),
        (lens,),
        conditions,
        remarks,
        (FigurePair("wall time", Unit.SECONDS, 30.25, 29.0),),
        (CPU_METER,),
        (BUDGET,),
        (ReportCurve("CPU", Unit.PERCENT, 1.0, (90.0, None, 100.0), (80.0, 90.0)),),
        redacted,
    )

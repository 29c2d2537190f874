"""Screens over sessions that are played again, without a process and without a clock: for pictures and for tests."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from history import write_history
from measured import suite
from terminal_scene import TerminalScreen
from textual.screen import Screen

from perftui.budgets.evaluate import Evaluator
from perftui.budgets.load import load_budget, parse_budget
from perftui.model.run_figures import RunFigures
from perftui.model.running import RunningProcess
from perftui.model.verdict import HeldAgainst, RuleVerdict, Verdict
from perftui.recording.comparison import compare_paths
from perftui.recording.plan import RecordingPlan
from perftui.recording.playback import open_playback
from perftui.recording.replay import Replay
from perftui.recording.source_text import SourceText, read_source
from perftui.recording.starter import Starter
from perftui.recording.trends import trend_of
from perftui.recording.workload_series import the_series
from perftui.reports.sheet_text import sheet_lines
from perftui.reports.trend_sheet import trend_sheet
from perftui.sources.observable import ObservableProcesses
from perftui.sources.processes_psutil import ProcessFacts
from perftui.storage.catalogue import Catalogue
from perftui.storage.session_file import open_session
from perftui.ui.screens.compare import CompareScreen
from perftui.ui.screens.dashboard import DashboardScreen
from perftui.ui.screens.home import HomeScreen
from perftui.ui.screens.picker import PickerScreen
from perftui.ui.screens.trend_screen import TrendScreen
from perftui.units import Unit

ROOT = Path(__file__).resolve().parent.parent
SESSIONS = ROOT / "tests" / "fixtures" / "sessions"
DEMO, NEXT = SESSIONS / "demo.perftui", SESSIONS / "demo-next.perftui"
PACKAGING = SESSIONS / "packaging"
"""Five runs with each of two releases of a public package: docs/example-comparison.md."""
ADVICE = SESSIONS / "advice.perftui"
PARCELS = SESSIONS / "parcels.perftui"
"""A web service under load that tells Prometheus of itself: docs/metrics.md."""
MEMORY, MEMORY_NEXT = SESSIONS / "memory.perftui", SESSIONS / "memory-next.perftui"

RUNNING = ProcessFacts(
    pid=4_194_400,
    name="python3",
    command=("python3", "-m", "shop.server", "--port", "8000"),
    cwd="/home/dev/shop",
    username="dev",
    create_time_s=0.0,
    python=True,
    is_ours=False,
)


def replay_of(session: Path, to_s: float, *, budget: str) -> Replay:
    """Return a session, recorded up to a moment, held against a budget of the project."""
    replay = Replay(open_session(session), budget=load_budget(ROOT / "budgets" / f"{budget}.toml"))
    replay.advance(to_s)
    return replay


def demo_replay(to_s: float = 8.0) -> Replay:
    """Return the demo, recorded up to a moment."""
    return replay_of(DEMO, to_s, budget="demo")


ALERTS = """
[alerts.rss]
warn = "150MB"
critical = "240MB"
for = "2s"
margin = "10MB"
action = ["notify", "the page cache holds more than it should"]
[alerts.memory_percent]
warn = 80
critical = 95
"""


_ALERT_AT_S = 26.2
"""The moment of the demo at which its alert has turned critical, and has just been told."""


def alerted() -> DashboardScreen:
    """Return the dashboard of the demo with alerts, shortly before one of them turns critical."""
    text = (ROOT / "budgets" / "demo.toml").read_text(encoding="utf-8")
    replay = Replay(open_session(DEMO), budget=parse_budget(text + ALERTS))
    replay.advance(_ALERT_AT_S - 2.0)
    return DashboardScreen.live(replay)


def alert_fires(screen: Screen[object]) -> None:
    """Go on until the alert has turned critical; notices of before have been read."""
    assert isinstance(screen, DashboardScreen)
    assert isinstance(screen._recorder, Replay)
    screen.app.clear_notifications()
    screen._recorder.advance(_ALERT_AT_S)
    screen.tick()


def live(replay: Replay | None = None) -> DashboardScreen:
    """Return the dashboard in the middle of the demo."""
    return DashboardScreen.live(replay or demo_replay())


def with_source(screen: DashboardScreen) -> DashboardScreen:
    """Return a dashboard of the demo that finds its source, wherever this project lies."""

    def read(file: str, *, cwd: str = "", known: SourceText | None = None) -> SourceText:  # noqa: ARG001
        inside = file.replace("/home/dev/shop/", f"{ROOT}/src/perftui/bundled/")
        # When a checkout was made says nothing about what is in it.
        return replace(read_source(inside), written_epoch_s=0.0)

    screen.read_file = read
    return screen


def live_memory(to_s: float = 12.0) -> DashboardScreen:
    """Return the dashboard while allocations are traced."""
    return DashboardScreen.live(replay_of(MEMORY, to_s, budget="memory"))


def saved(session: Path = DEMO) -> DashboardScreen:
    """Return the dashboard with a whole session."""
    return DashboardScreen.saved(open_playback(session))


def service() -> DashboardScreen:
    """Return the dashboard with a web service that was scraped."""
    return saved(PARCELS)


def comparison(baseline: Path = DEMO, current: Path = NEXT) -> CompareScreen:
    """Return the compare screen."""
    return CompareScreen(compare_paths(baseline, current))


def packaging_comparison() -> CompareScreen:
    """Return the compare screen over five runs against five."""
    runs = Catalogue(PACKAGING)
    return CompareScreen(compare_paths(runs.runs_of("packaging-25.0"), runs.runs_of("packaging-26.0")))


_HELD = HeldAgainst(0.0439, Unit.SECONDS, 0.0500, "baseline:main", 13.9, (9.1, 21.8), 0.008, (5, 5))
OPERATION_RULES = (
    RuleVerdict("operations.memory.recall.p95_ms", "recall", "p95_ms", Unit.SECONDS, 0.0695, None, 0.06, Verdict.FAIL),
    RuleVerdict(
        "operations.memory.recall.max_increase_pct",
        "recall",
        "max_increase_pct",
        Unit.PERCENT,
        13.9,
        5.0,
        8.0,
        Verdict.FAIL,
        reason="search may be slower",
        held_against=_HELD,
    ),
    RuleVerdict("operations.memory.get.p95_ms", "get", "p95_ms", Unit.SECONDS, 0.00087, None, 0.001, Verdict.PASS),
)
"""What a budget says of some of the operations."""


def operations() -> DashboardScreen:
    """Return the dashboard with what benchmark tools measured, held against a baseline and a budget."""
    playback = open_playback(DEMO)
    measured = suite(slower=1.12)
    playback.model.operations, playback.model.verdicts = measured, OPERATION_RULES
    screen = DashboardScreen.saved(
        replace(playback, update=replace(playback.update, operations=measured, verdicts=OPERATION_RULES))
    )
    before = {each.key: each for each in suite(seed=3)}
    screen.hold_against(RunFigures("baseline:main", runs=5, operations=before))
    return screen


OPERATION_BUDGET = """
[performance_budget]
warn_pct = 5
fail_pct = 10
[operations.memory]
remember = { max_increase_pct = 5 }
recall = { max_increase_pct = 8, p95_ms = 60, reason = "search may be slower while the index is built anew" }
hybrid_search = { p95_ms = 80 }
get = { max_ms = 5, min_success_pct = 99.5 }
[operations.scheduler]
topological_sort_1000 = { max_increase_pct = 5 }
execute_dag_parallel = { max_increase_pct = 10 }
[operations.trait]
trait_object_call = { overhead_of = "trait.concrete_call", max_overhead_pct = 5 }
[throughput]
get = { min = 1000 }
[goals."memory.recall"]
target_ms = 20
by = 2027-01-31
[resources.rss]
limit = "500MB"
"""


def judged_operations() -> DashboardScreen:
    """Return the dashboard of a run that was judged against a baseline by a budget of every kind of rule."""
    playback = open_playback(DEMO)
    before = {each.key: each for each in suite(seed=3)}
    now = {each.key: each for each in suite(slower=1.12)}
    measures = playback.model.measures
    measures.current = RunFigures("@latest", runs=5, operations=now)
    evaluator = Evaluator(parse_budget(OPERATION_BUDGET), baseline=RunFigures("baseline:main", operations=before))
    verdicts = tuple(evaluator.update(measures, playback.model.elapsed_s, final=True))
    playback.model.verdicts, playback.model.operations = verdicts, tuple(now.values())
    update = replace(playback.update, verdicts=verdicts, operations=tuple(now.values()))
    return DashboardScreen.saved(replace(playback, update=update))


def compared_operations() -> CompareScreen:
    """Return the compare screen of two sessions with operations."""
    sides = compare_paths(DEMO, NEXT)
    sides.baseline.operations, sides.current.operations = suite(seed=3), suite(slower=1.12)
    return CompareScreen(sides)


def home(folder: Path, sessions: Sequence[Path] = (DEMO, NEXT)) -> HomeScreen:
    """Return the home screen over copies of sessions, made in a folder."""
    folder.mkdir(exist_ok=True)
    for path in sessions:
        shutil.copy(path, folder / path.name)
    return HomeScreen(folder, running=lambda: [RUNNING])


class Running(ObservableProcesses):
    """Processes that need not exist."""

    def look(self) -> list[RunningProcess]:
        """Return the same processes at each look."""
        return list(_RUNNING_TREE)


def _running(
    pid: int, parent: int, command: str, cpu: float, rss_mib: float, age_s: float, **more: str
) -> RunningProcess:
    facts = {"user": "dev", "cwd": "/home/dev/shop", "version": "3.12", "venv": "shop/.venv"} | more
    return RunningProcess(
        pid=pid,
        parent=parent,
        command=tuple(command.split()),
        cpu_percent=cpu,
        rss_bytes=rss_mib * (1 << 20),
        age_s=age_s,
        **facts,
    )


_RUNNING_TREE = (
    _running(4_194_400, 0, "/home/dev/shop/.venv/bin/python -m shop.server --port 8000", 3.0, 84, 5_400),
    _running(4_194_401, 4_194_400, "/home/dev/shop/.venv/bin/python -m shop.worker --queue mail", 92.0, 212, 5_390),
    _running(4_194_410, 0, "python notebook.py", 12.0, 340, 86_000, version="3.11", venv=""),
    _running(
        4_194_411,
        0,
        "/usr/bin/python3 -m pdb batch.py --all",
        0.0,
        24,
        600,
        remark="traced by process 4194500 already: stacks would be approximate, and memray cannot be attached",
    ),
    _running(
        4_194_420,
        0,
        "/usr/bin/python3 /usr/sbin/indexer --daemon",
        0.0,
        31,
        900_000,
        user="grace",
        venv="",
        refusal="belongs to grace",
        why="Process 4194420 (python3) belongs to grace.",
        remedy='Observe it as root: sudo env "PATH=$PATH" perftui attach 4194420',
    ),
    _running(
        4_194_430,
        0,
        "/opt/py/bin/python3.15 new.py",
        1.0,
        18,
        40,
        version="3.15",
        venv="",
        refusal="runs Python 3.15, which py-spy 0.4 cannot read",
        why="Process 4194430 (python3.15) runs Python 3.15, which py-spy 0.4 cannot read.",
        remedy="Run it with Python 3.14 or an older one.",
    ),
)


def picker(folder: Path, starter: Starter | None = None) -> PickerScreen:
    """Return the attach picker over processes that need not exist."""
    return PickerScreen(RecordingPlan(sessions=folder), starter or Starter(), processes=Running())


def trend(folder: Path, *, machines: int = 2) -> TrendScreen:
    """Return the trend screen over sessions of two workloads, written into a folder."""
    write_history(folder, machines=machines)
    return TrendScreen(folder)


def trends_are_read(screen: Screen[object]) -> bool:
    """Say whether the trend screen has read every figure, and looked for changes in it."""
    assert isinstance(screen, TrendScreen)
    return bool(screen._trends) and all(line.changes is not None for line in screen._lines.values())


def printed_trend(folder: Path, *, width: int = 118) -> TerminalScreen:
    """Return what `perftui trend` prints of an operation over these sessions."""
    write_history(folder, machines=1)
    found = trend_of(the_series(Catalogue(folder).list(), "checkout"), "shop.price[100]")
    sheet = trend_sheet(found, width=width, rows=18)
    return TerminalScreen("perftui trend 'shop.price[100]'", sheet_lines(sheet, width=width))

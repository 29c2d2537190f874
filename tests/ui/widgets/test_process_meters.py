"""The meters of the tree, or of one process that is chosen."""

from __future__ import annotations

from dataclasses import replace

from perftui.analysis.processes import ProcessRecords
from perftui.model.process import Process, ProcessReading, ProcessReadings
from perftui.model.reading import ResourceReading
from perftui.model.verdict import RuleVerdict, Verdict
from perftui.ui.widgets.process_meters import ProcessMeters
from perftui.units import Unit
from tests.ui.widgets.stage import Stage

LIMIT = RuleVerdict("r", "CPU", "cpu_percent", Unit.PERCENT, 90.0, None, 120.0, Verdict.PASS, "", True, None)


def records(count: int) -> ProcessRecords:
    found = ProcessRecords()
    everyone = [Process(10 + i, float(i), None, "python3", ("python3", f"w{i}\x1b.py")) for i in range(count)]
    for at in range(8):
        readings = tuple(ProcessReading(p.key, 10.0 * (i + 1), 1.0, 1e6 * (i + 1), 2.0) for i, p in enumerate(everyone))
        found.apply(ProcessReadings(float(at), tuple(everyone) if not at else (), readings))
    if count > 1:
        found.apply(ProcessReadings(8.0, (replace(everyone[-1], ended_s=8.0),)))
    return found


async def test_the_sum_stands_first_and_keys_and_mouse_step_through_the_processes() -> None:
    meters = ProcessMeters()
    app = Stage(meters)
    async with app.run_test(size=(100, 20)) as pilot:
        meters.add([ResourceReading(float(at), cpu_percent=60.0, load_1=0.5) for at in range(8)])
        known = records(3)
        meters.show_processes(known.by_key.values(), known.commands)
        meters.show(end_s=8.0, verdicts=[LIMIT])
        meters.focus()
        await pilot.pause()
        assert "all processes together, of 3 that were read" in app.text
        assert "60.0 %" in app.text
        assert "120 %" in app.text
        await pilot.press("right", "right")
        assert "w1" in app.text
        assert "11, 2 of 3 processes" in app.text
        assert "20.0 %" in app.text
        assert "load" not in app.text, "the machine's meters are of no process"
        assert "120 %" not in app.text, "a limit of the whole tree is none of one process"
        assert "\x1b" not in app.text
        meters.add([ResourceReading(8.0, cpu_percent=61.0)])
        meters.show(end_s=8.0, verdicts=[LIMIT])
        await pilot.pause()
        assert "20.0 %" in app.text, "what comes in does not take the choice away"
        await pilot.click(ProcessMeters, offset=(50, 0))
        assert "12, ended, 3 of 3" in app.text
        await pilot.click(ProcessMeters, offset=(1, 0))
        assert "11, 2 of 3" in app.text
        await pilot.press("home")
        assert "all processes" in app.text
        assert "120 %" in app.text
        await pilot.press("left")
        assert "3 of 3" in app.text


async def test_one_process_alone_leaves_nothing_to_choose() -> None:
    meters = ProcessMeters()
    app = Stage(meters)
    async with app.run_test(size=(60, 10)) as pilot:
        meters.add([ResourceReading(float(at), cpu_percent=60.0) for at in range(8)])
        known = records(1)
        meters.show_processes(known.by_key.values(), known.commands)
        meters.show(end_s=8.0)
        meters.focus()
        await pilot.press("right")
        assert "process" not in app.text
        assert "60.0 %" in app.text

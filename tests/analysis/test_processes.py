from __future__ import annotations

from dataclasses import replace

import pytest

from perftui.analysis import processes
from perftui.analysis.command_name import command_name
from perftui.analysis.processes import ProcessRecords
from perftui.model.process import Process, ProcessReading, ProcessReadings

MAIN = Process(7, 0.0, None, "python3", ("python3", "-m", "shop.server"))
CHILD = Process(8, 1.0, 7, "python3", ("/usr/bin/python3.12", "-X", "dev", "/srv/jobs/mail.py", "--all"))


@pytest.mark.parametrize(
    ("command", "name"),
    [
        (MAIN.command, "shop.server"),
        (CHILD.command, "mail"),
        (("python3", "-c", "from multiprocessing.spawn import spawn_main; spawn_main()"), "multiprocessing-spawn"),
        (("python3", "-c", "print(1)"), "python-c"),
        (("python3", "-"), "stdin"),
        (("python3",), "python3"),
        (("/usr/bin/gunicorn", "app"), "gunicorn"),
        ((), ""),
    ],
)
def test_a_command_is_called_by_what_it_runs(command: tuple[str, ...], name: str) -> None:
    assert command_name(command) == name


def test_processes_keep_their_last_reading_and_their_curves_when_they_have_ended() -> None:
    records = ProcessRecords()
    records.apply(ProcessReadings(0.0, (MAIN,), (ProcessReading(MAIN.key, None, 1.0, 100.0, 2.0),)))
    records.apply(ProcessReadings(1.0, (CHILD,), (ProcessReading(CHILD.key, 80.0, 0.8, 900.0, 1.0),), left_out=4))
    records.apply(ProcessReadings(2.0, (replace(CHILD, ended_s=2.0, exit_code=3),)))
    child = records.newest()[8]
    assert (child.process.ended_s, child.process.exit_code) == (2.0, 3)
    assert child.last is not None
    assert child.last.rss_bytes == 900.0
    assert child.peak_rss_bytes == 900.0
    assert child.histories["cpu_percent"].peak == 80.0
    assert records.commands == {7: "shop.server", 8: "mail"}
    assert records.left_out == 0


def test_a_name_that_comes_before_the_first_look_is_kept_until_more_is_known() -> None:
    records = ProcessRecords()
    records.name({8: ("python3", "early.py")})
    assert records.commands == {8: "early"}
    records.apply(ProcessReadings(1.0, (CHILD,)))
    records.name({8: ("python3", "early.py")})
    assert records.commands == {8: "mail"}


def test_curves_of_processes_that_ended_go_first_where_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "_MOST_HISTORIES", 3)
    records = ProcessRecords()
    for pid in range(1, 7):
        ended = 0.0 if pid in (2, 3, 4) else None
        records.apply(ProcessReadings(float(pid), (Process(pid, 0.0, ended_s=ended),)))
    kept = [pid for pid, record in records.newest().items() if record.histories]
    assert kept == [1, 5, 6]

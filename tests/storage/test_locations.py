from __future__ import annotations

import random
from datetime import datetime
from pathlib import Path

from perftui.storage.locations import new_id, sessions_directory


def test_what_was_chosen_comes_before_the_environment() -> None:
    assert sessions_directory(Path("/chosen"), environ={"PERFTUI_HOME": "/home"}) == Path("/chosen")
    assert sessions_directory(environ={"PERFTUI_HOME": "/home"}) == Path("/home/sessions")


def test_otherwise_sessions_live_in_the_users_data_directory() -> None:
    assert sessions_directory(environ={}).parts[-2:] == ("perftui", "sessions")
    assert sessions_directory(environ={"PERFTUI_HOME": ""}) == sessions_directory(environ={})


def test_an_id_is_the_moment_and_four_letters() -> None:
    made = new_id(datetime(2026, 1, 2, 3, 4, 5), random.Random(1))
    assert made == new_id(datetime(2026, 1, 2, 3, 4, 5), random.Random(1))
    assert made.startswith("20260102-030405-")
    assert len(made) == 20


def test_ids_differ_and_sort_by_time() -> None:
    assert len({new_id() for _ in range(200)}) > 190
    assert new_id(datetime(2026, 1, 2), random.Random(1)) < new_id(datetime(2026, 1, 3), random.Random(2))


def test_the_home_of_an_unknown_user_is_a_directory_like_any_other() -> None:
    assert sessions_directory(Path("~nobody-of-that-name/x")) == Path("~nobody-of-that-name/x")
    assert sessions_directory(environ={"PERFTUI_HOME": "~nobody-of-that-name"}) == Path("~nobody-of-that-name/sessions")

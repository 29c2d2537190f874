"""What a budget names is known beforehand, under whatever name a function has on both sides."""

from __future__ import annotations

from perftui.analysis.compare import Side
from perftui.model.verdict import RuleVerdict, Verdict
from perftui.recording.budgeted_functions import budgeted_functions
from perftui.units import Unit
from tests.builders import profile


def rule(name: str) -> RuleVerdict:
    return RuleVerdict(name, "", "self_s", Unit.SECONDS, 1.0, None, 2.0, Verdict.PASS)


def test_functions_are_found_by_name_and_by_the_end_of_their_file() -> None:
    rules = map(rule, ('functions."app.py:work".max_self_s', "functions.idle.max_share_pct", "resources.cpu_percent"))
    side = Side(profile("main;work 5\nmain;idle 3\nmain;work@lib/other.py 2"))
    assert budgeted_functions(rules, [side]) == {("app.py", "work"), ("app.py", "idle")}


def test_a_renamed_function_is_named_as_both_sides_call_it() -> None:
    side = Side(profile("main;old 5"), names={("app.py", "old"): ("app.py", "new")})
    assert budgeted_functions([rule('functions."old".max_self_s')], [side]) == {("app.py", "new")}


def test_names_that_are_none_are_left_out() -> None:
    side = Side(profile('main;ev"il 5'))
    assert budgeted_functions([rule('functions."ev\\"il".max_self_s')], [side]) == {("app.py", 'ev"il')}
    assert budgeted_functions([rule('functions."\\x".max_self_s'), rule("functions.")], [side]) == frozenset()

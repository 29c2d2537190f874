from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.analysis.recent_selfs import RecentSelfs, self_shares
from perftui.analysis.scope import Last, Scope
from tests.analysis.test_scoped_profile import Recorded, Run, scopes, windows
from tests.analysis.test_scoped_profile import recorded as recorded_from


def recent_of(record: Recorded, scope: Scope, seconds: float) -> dict[int, float]:
    """Return the self weights of the last seconds out of a tree of these."""
    tree = record.profile(*scope.added(Last(seconds)).parts).tree
    return {function: weight for function, weight in enumerate(tree.function_self_weight) if weight > 1e-6}


@given(windows, windows, scopes, st.floats(0.2, 6.0))
def test_recent_weights_are_those_of_a_tree_of_the_last_seconds(
    first: Run, second: Run, scope: Scope, seconds: float
) -> None:
    record = recorded_from(first)
    profile = record.profile(*scope.parts)
    recent = RecentSelfs(profile, record.index, seconds)
    for number, (thread, length_s, samples) in enumerate([*second, *second]):
        record.take(thread, length_s, samples, profile)
        if number % 3:
            recent.update()
    recent.update()
    now = {function: weight for function, weight in recent.by_function.items() if weight > 1e-6}
    assert now == pytest.approx(recent_of(record, scope, seconds), abs=1e-6)
    if recent.weight:
        shares = self_shares(recent, range(len(profile.tree.functions)))
        assert all(0.0 <= share <= 1.0 + 1e-6 for share in shares.values())


@given(windows, scopes, scopes)
def test_another_scope_is_weighed_anew(run: Run, scope: Scope, other: Scope) -> None:
    record = recorded_from(run)
    profile = record.profile(*scope.parts)
    recent = RecentSelfs(profile, record.index, 2.0)
    assert recent.is_of(profile, 2.0)
    assert not recent.is_of(profile, 3.0)
    profile.change(other)
    recent.update()
    now = {function: weight for function, weight in recent.by_function.items() if weight > 1e-6}
    assert now == pytest.approx(recent_of(record, other, 2.0), abs=1e-6)

from __future__ import annotations

from hypothesis import given

from perftui.analysis.reshaped_tree import Reshaped, Rules
from perftui.analysis.scope import Scope
from tests.analysis.test_scoped_profile import Run, recorded, scopes, windows

COLUMNS = (
    "parent",
    "label",
    "depth",
    "outermost",
    "first_child",
    "last_child",
    "next_sibling",
    "children_count",
    "self_weight",
    "total_weight",
    "self_count",
    "total_count",
)


@given(windows, windows, scopes)
def test_a_tree_made_at_once_is_the_one_that_grew_with_its_source(first: Run, second: Run, scope: Scope) -> None:
    rules = Rules(scope.shape, root="/srv")
    record = recorded([])
    grown = Reshaped(record.aggregate.tree, rules)
    for each in (*first, *second):
        record.take(*each)
        grown.sync()
    at_once = Reshaped(record.aggregate.tree, rules)
    assert [at_once.node_of(node) for node in range(len(record.aggregate.tree))] == [
        grown.node_of(node) for node in range(len(record.aggregate.tree))
    ]
    assert {name: getattr(at_once, name) for name in COLUMNS} == {name: getattr(grown, name) for name in COLUMNS}
    assert (at_once.functions, at_once.max_depth) == (grown.functions, grown.max_depth)
    for node in range(1, len(at_once)):
        assert at_once.find_child(at_once.parent[node], at_once.function[node]) == node

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from perftui.analysis.aggregate import tree_of
from perftui.analysis.call_tree import ROOT, CallTree
from perftui.analysis.changes import function_changes
from perftui.analysis.compare import Side
from perftui.analysis.delta_tree import DeltaTree, Width
from perftui.analysis.union_tree import UnionTree, distinct
from perftui.model.frame import Frame
from perftui.units import Unit
from tests.builders import profile

rows = st.lists(st.tuples(st.lists(st.sampled_from("abc"), min_size=1, max_size=6), st.integers(1, 50)), max_size=25)
Path = tuple[str, ...]


def built(data: list[tuple[list[str], int]]) -> CallTree:
    return tree_of([(tuple(Frame(n, "f.py") for n in path), float(w), w) for path, w in data], Unit.SECONDS)


def united(first: CallTree, second: CallTree) -> UnionTree:
    return UnionTree(first, second, first.functions, second.functions)


def one_by_one(first: CallTree, second: CallTree) -> CallTree:
    """Return the union, made in the plain way."""
    union = CallTree(first.unit)
    for tree in (first, second):
        for frame in tree.functions:
            union.function_id(frame)
    for tree in (first, second):
        nodes = [ROOT]
        for node in range(1, len(tree)):
            function = union.function_id(tree.functions[tree.function[node]])
            nodes.append(union.child(nodes[tree.parent[node]], function))
    return union


@given(rows, rows)
def test_a_union_is_what_adding_all_paths_one_by_one_gives(
    first: list[tuple[list[str], int]], second: list[tuple[list[str], int]]
) -> None:
    a, b = built(first), built(second)
    union, plain = united(a, b), one_by_one(a, b)
    columns = ("parent", "function", "depth", "first_child", "last_child", "next_sibling", "children_count")
    for name in (*columns, "outermost", "self_weight", "total_weight", "self_count", "total_count"):
        assert getattr(union, name) == getattr(plain, name), name
    assert union.functions == plain.functions
    assert union.max_depth == plain.max_depth
    for node in range(len(plain)):
        assert list(union.children(node)) == list(plain.children(node))
        assert union.nearest(union.path(node)) == node


@given(rows, rows)
def test_columns_of_both_sides_stand_at_their_paths(
    first: list[tuple[list[str], int]], second: list[tuple[list[str], int]]
) -> None:
    a, b = built(first), built(second)
    union = united(a, b)
    for tree, laid in ((a, union.over_first(a.total_weight, 2.0)), (b, union.over_second(b.total_weight, 2.0))):
        truth = {tree.path(node): 2 * tree.total_weight[node] for node in range(len(tree))}
        assert list(laid) == laid.values() == [truth.get(union.path(node), 0.0) for node in range(len(union))]


@given(rows, rows)
def test_widths_of_what_changed_are_the_differences_and_add_up(
    first: list[tuple[list[str], int]], second: list[tuple[list[str], int]]
) -> None:
    tree = DeltaTree(Side(built(first)), Side(built(second)), width=Width.CHANGE)
    for node in range(len(tree)):
        assert tree.self_weight[node] == abs(tree.current_self[node] - tree.baseline_self[node])
        below = sum(tree.total_weight[child] for child in tree.children(node))
        assert below + tree.self_weight[node] == tree.total_weight[node]
    # Asked for one by one and all together, in every meaning.
    for width in Width:
        asked = tree.as_wide_as(width).total_weight
        assert [asked[node] for node in range(len(tree))] == list(asked)


def test_what_is_equal_on_both_sides_has_no_width_of_change_whatever_rounding_leaves() -> None:
    thirds = [(("main", name), 1 / 3) for name in "abcdefg"]
    before = tree_of([(tuple(Frame(n) for n in path), w, 1) for path, w in thirds], Unit.SECONDS)
    after = tree_of([(tuple(Frame(n) for n in path), w, 1) for path, w in reversed(thirds)], Unit.SECONDS)
    tree = DeltaTree(Side(before), Side(after), width=Width.CHANGE, share=True)
    assert set(tree.total_weight) == {0.0}


def test_a_tree_that_grows_on_does_not_change_the_union() -> None:
    a, b = profile("main;a 1"), profile("main;b;c 2")
    union = united(a, b)
    weights = union.over_second(b.total_weight)
    for tree in (a, b):
        tree.add_stack((Frame("main", "app.py"), Frame("b", "app.py"), Frame("new", "app.py")), 7.0)
        tree.flush()
    main = union.nearest([("app.py", "main")])
    assert [union.path(node)[-1][1] for node in union.children(main)] == ["a", "b"]
    assert [len(list(union.children(node))) for node in union.children(main)] == [0, 1]
    assert weights[main] == 2.0


def test_functions_of_one_name_become_one() -> None:
    tree = profile("main;x;y 3\nmain;z;y 4\nmain;y 5")
    x, z = tree.function_ids["app.py", "x"], tree.function_ids["app.py", "z"]
    names = list(tree.functions)
    names[z] = names[x]
    merged, functions = distinct(tree, names)
    assert [frame.function for frame in functions] == ["main", "x", "y"]
    assert merged.weight == tree.weight
    assert merged.function_total_weight[merged.function_ids["app.py", "x"]] == 7
    same, _ = distinct(tree, tree.functions)
    assert same is tree


def test_a_function_that_was_renamed_is_one_function_and_one_path() -> None:
    before, after = profile("main@a.py;old@a.py;leaf@b.py 4"), profile("main@a.py;new@a.py;leaf@b.py 6")
    side = Side(before, names={("a.py", "old"): ("a.py", "new")})
    tree = DeltaTree(side, Side(after))
    assert [frame.function for frame in tree.functions] == ["main", "new", "leaf"]
    assert (tree.baseline_total[2], tree.current_total[2]) == (4, 6)
    rows = {row.frame.function: row for row in function_changes(side, Side(after))[0]}
    assert (rows["leaf"].baseline, rows["leaf"].current) == (4, 6)
    assert "old" not in rows


def test_a_comprehension_of_an_older_python_is_no_call_where_the_newer_one_has_it_inside() -> None:
    before = profile("main;run 1\nmain;run;run.<locals>.<listcomp> 5\nmain;run;run.<locals>.<listcomp>;cost 2")
    after = profile("main;run 7\nmain;run;cost 2\nmain;run;run 1")
    names = {("app.py", "run.<locals>.<listcomp>"): ("app.py", "run")}
    tree = DeltaTree(Side(before, names=names), Side(after))
    paths = {".".join(name for _, name in tree.path(node)): node for node in range(len(tree))}
    assert set(paths) == {"", "main", "main.run", "main.run.cost", "main.run.run"}
    assert (tree.baseline_self[paths["main.run"]], tree.baseline_total[paths["main.run"]]) == (6, 8)
    assert tree.baseline_self[paths["main.run.cost"]] == 2

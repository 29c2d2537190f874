from __future__ import annotations

from perftui.analysis.call_tree import ROOT
from perftui.analysis.inversion import inverted
from perftui.analysis.inverted_search import InvertedSearch
from perftui.analysis.search import Search, next_match
from tests.builders import profile

SHOP = "main;serve;loads;scan 4\nmain;load;loads 2\nmain;idle 5"


def test_it_covers_as_much_as_the_same_search_the_right_way_up() -> None:
    tree = profile(SHOP)
    for pattern in ("serve", "loads", "main", "nothing"):
        assert InvertedSearch(pattern, inverted(tree)).coverage == Search(pattern, tree).coverage


def test_it_finds_callers_that_nobody_has_looked_at_yet() -> None:
    upside_down = inverted(profile(SHOP))
    search = InvertedSearch("serve", upside_down)
    found = next_match(search, upside_down, ROOT, 1)
    assert found is not None
    assert [name for _, name in upside_down.path(found)] == ["scan", "loads", "serve"]


def test_it_looks_at_what_is_new() -> None:
    tree = profile(SHOP)
    upside_down = inverted(tree)
    search = InvertedSearch("late", upside_down)
    assert search.function_count == 0
    tree.add_stack(profile("late 1").functions, 1.0)
    tree.flush()
    upside_down.update()
    search.update()
    assert (search.function_count, search.coverage) == (1, 1 / 12)

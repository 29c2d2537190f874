"""The trie against dictionaries of dictionaries."""

from hypothesis import given
from hypothesis import strategies as st

from perftui.analysis.trie import NONE, ROOT, Trie

paths = st.lists(st.lists(st.integers(0, 20), max_size=5), max_size=60)


@given(paths)
def test_every_path_leads_to_a_node_of_its_own(added: list[list[int]]) -> None:
    trie = Trie()
    nodes: dict[tuple[int, ...], int] = {(): ROOT}
    for path in added:
        node = ROOT
        for depth, label in enumerate(path, 1):
            node = trie.child(node, label)
            assert nodes.setdefault(tuple(path[:depth]), node) == node
    assert len(trie) == len(nodes)
    assert len(set(nodes.values())) == len(nodes)
    for known, node in nodes.items():
        if known:
            parent = nodes[known[:-1]]
            assert (trie.parent[node], trie.label[node]) == (parent, known[-1])
            assert parent < node
            assert trie.find_child(parent, known[-1]) == node


@given(st.lists(st.integers(0, 40), max_size=60))
def test_children_come_in_the_order_in_which_they_were_first_seen(labels: list[int]) -> None:
    trie = Trie()
    for label in labels:
        trie.child(ROOT, label)
    assert [trie.label[child] for child in trie.children(ROOT)] == list(dict.fromkeys(labels))
    assert trie.children_count[ROOT] == len(set(labels))
    assert all(trie.find_child(ROOT, label) == NONE for label in set(range(41)) - set(labels))

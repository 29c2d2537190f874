"""The strip of panes: every pane can be clicked at every width, and the one in front is whole."""

from __future__ import annotations

import pytest

from perftui.ui.widgets.pane_strip import labels_for

TEN = tuple(
    zip(
        "1234567890",
        ("Hotspots", "Output", "Threads", "Meters", "Budget", "Callers", "Source", "Tree", "Time", "Order"),
        strict=True,
    )
)
OF_MEMORY = (("1", "Allocations"), *TEN[1:])


@pytest.mark.parametrize("names", [TEN, OF_MEMORY])
@pytest.mark.parametrize("width", [60, 75, 80, 90, 120])
def test_ten_panes_have_room_and_the_one_in_front_is_whole(names: tuple[tuple[str, str], ...], width: int) -> None:
    for front, (key, title) in enumerate(names):
        labels = labels_for(names, front, width)
        assert sum(map(len, labels)) <= width
        assert labels[front] == f" {key} {title} "
        assert all(label.split()[0] == its for label, (its, _) in zip(labels, names, strict=True))


def test_at_80_cells_every_pane_still_has_a_name() -> None:
    for names in (TEN, OF_MEMORY):
        for front in range(10):
            assert all(len(label.split()) == 2 for label in labels_for(names, front, 80))


def test_titles_get_shorter_only_as_far_as_they_must() -> None:
    whole = "".join(labels_for(TEN, 0, 200))
    assert whole == "".join(f" {key} {title} " for key, title in TEN)
    assert (
        "".join(labels_for(TEN, 0, 80))
        == " 1 Hotspots  2 Out 3 Thr 4 Met 5 Budget 6 Callers 7 Source 8 Tree 9 Time 0 Order"
    )


def test_where_hardly_anything_has_room_the_keys_stay() -> None:
    assert "".join(labels_for(TEN, 7, 27)) == " 1 2 3 4 5 6 7 8 Tree  9 0"

from __future__ import annotations

from dataclasses import replace

from perftui.model.heap import HeapSnapshot, HeapView
from perftui.recording.heap_in_range import HeapInRange
from perftui.recording.held_pictures import HeldPicture, HeldPictures, PicturePacker
from tests.builders import stack
from tests.heaps import snapshot


def picture(at_s: float, size: int, *, pid: int = 1, name: str = "work") -> HeapSnapshot:
    return snapshot({(1, stack(f"main;{name}")): (size, 1)}, pid=pid, at_s=at_s)


def packed(*snapshots: HeapSnapshot) -> list[HeldPicture]:
    packer = PicturePacker()
    return [found for found in map(packer.pack, snapshots) if found is not None]


def test_a_picture_comes_out_as_it_went_in_also_when_more_came_after_it() -> None:
    first, second = picture(1.0, 10), picture(2.0, 20, name="other")
    assert [each.snapshot() for each in packed(first, second)] == [first, second]


def test_the_newest_picture_of_each_process_up_to_a_moment_counts() -> None:
    pictures = HeldPictures(packed(picture(1.0, 10), picture(1.5, 70, pid=2), picture(2.0, 20)))
    assert pictures.at(0.9) == ()
    assert [each.stored.total_bytes for each in pictures.at(1.2)] == [10]
    assert [each.stored.total_bytes for each in pictures.at(9.0)] == [20, 70]
    peak = replace(picture(3.0, 99), view=HeapView.HIGH_WATERMARK)
    pictures.add(packed(peak))
    assert len(pictures) == 3, "what is of the whole run has no moment"


def test_many_pictures_are_thinned_evenly_and_the_newest_stays() -> None:
    pictures = HeldPictures(most_bytes=6_000)
    packer = PicturePacker()
    for second in range(500):
        found = packer.pack(picture(float(second), second + 1))
        assert found is not None
        pictures.add([found])
    assert len(pictures) < 150
    assert [each.at_s for each in pictures.at(1e9)] == [499.0]
    gaps = [pictures.at(at_s)[0].at_s for at_s in (125.0, 250.0, 375.0)]
    assert all(abs(at_s - wanted) < 65 for at_s, wanted in zip(gaps, (125.0, 250.0, 375.0), strict=True))


def test_a_range_shows_what_was_held_at_its_end_and_what_grew_and_was_freed_in_it() -> None:
    look = HeapInRange(
        HeldPictures(
            packed(picture(1.0, 100), picture(2.0, 40), picture(2.5, 7, pid=2, name="child"), picture(3.0, 90))
        )
    )
    look.look(1.2, 3.5)
    assert (look.from_s, look.to_s) == (1.0, 3.0)
    assert look.held.total_bytes == look.held.tree.weight == 97
    assert (look.grown.total_bytes, look.net_bytes, look.freed_bytes) == (7, -3, 10)
    tree = look.held.tree
    look.look(1.2, 2.2)
    assert look.held.tree is tree, "the tree changes in place"
    assert look.held.total_bytes == look.held.tree.weight == 40, "the child was not there yet"
    assert (look.grown.total_bytes, look.freed_bytes) == (0, 60)
    looks = look.looks
    look.look(1.3, 2.1)
    assert look.looks == looks, "the pictures at its ends are the same"
    look.look(0.0, 0.5)
    assert (look.from_s, look.to_s, look.held.total_bytes, look.net_bytes) == (None, None, 0, 0)
    look.look(0.0, 1.0)
    assert (look.from_s, look.grown.total_bytes, look.freed_bytes) == (None, 100, 0)


def test_a_damaged_picture_is_left_out_and_counted() -> None:
    good, bad = packed(picture(1.0, 10), picture(2.0, 20))
    bad = replace(bad, stored=replace(bad.stored, packed=b"what is no picture"))
    look = HeapInRange(HeldPictures([good, bad]))
    look.look(0.0, 3.0)
    assert (look.damaged, look.held.total_bytes) == (1, 0)

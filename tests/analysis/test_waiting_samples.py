from __future__ import annotations

from hypothesis import given

from perftui.analysis.aggregate import Aggregate
from perftui.analysis.delta_parts import parts_of
from perftui.analysis.waiting_samples import WaitingSamples
from perftui.model.sample import SampleWindow, ThreadLook, ThreadLooks
from tests.analysis.test_aggregate import deltas, windows


@given(windows)
def test_what_waited_adds_up_to_what_was_added_at_once(parts: list[SampleWindow]) -> None:
    late, plain = Aggregate(), Aggregate()
    waiting = WaitingSamples(late)
    for number, delta in enumerate(deltas(parts)):
        waiting.add(delta)
        plain.apply(delta)
        threads = [samples.thread for samples in parts[number].threads]
        looks = ThreadLooks(float(number), tuple(ThreadLook(thread, True, False) for thread in threads))
        late.look(looks)
        plain.look(looks)
    assert late.samples == 0, "nobody has asked yet"
    waiting.hand_over()
    waiting.hand_over()
    assert late.quality(requested_hz=100, wall_s=9) == plain.quality(requested_hz=100, wall_s=9)
    assert late.line_counts == plain.line_counts
    assert list(late.tree.self_count) == list(plain.tree.self_count)
    assert [round(w, 9) for w in late.tree.total_weight] == [round(w, 9) for w in plain.tree.total_weight]
    assert [(s.count, s.looks) for s in late.thread_shares()] == [(s.count, s.looks) for s in plain.thread_shares()]


@given(windows)
def test_parts_of_a_delta_add_what_it_adds(parts: list[SampleWindow]) -> None:
    split, plain = Aggregate(), Aggregate()
    for delta in deltas(parts):
        plain.apply(delta)
        pieces = list(parts_of(delta, 2))
        assert [span for piece in pieces for span in piece.spans] == list(delta.spans)
        for piece in pieces:
            split.apply(piece)
            assert sum(split.tree.self_count) == split.tree.count == split.samples
    assert split.quality(requested_hz=100, wall_s=9) == plain.quality(requested_hz=100, wall_s=9)
    assert split.end_s == plain.end_s
    assert list(split.tree.self_count) == list(plain.tree.self_count)
    assert split.leaf_weights.keys() == plain.leaf_weights.keys()

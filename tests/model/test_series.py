"""Application metrics are named as Prometheus names them."""

from __future__ import annotations

from perftui.model.series import Series


def test_a_series_is_written_as_prometheus_writes_it() -> None:
    assert Series("queue").text == "queue"
    assert Series("hits", labels=(("code", "200"), ("path", "/a"))).text == 'hits{code="200",path="/a"}'


def test_what_would_end_a_label_is_escaped() -> None:
    assert Series("hits", labels=(("path", 'a"b\\c\nd'),)).text == 'hits{path="a\\"b\\\\c\\nd"}'

"""Whatever a budget file holds, it is a budget or one clear complaint."""

from __future__ import annotations

from math import isfinite
from pathlib import Path

from perftui.analysis.measures import Measures
from perftui.budgets.evaluate import Evaluator
from perftui.budgets.load import load_budget
from perftui.errors import ConfigError
from perftui.model.reading import ResourceReading
from perftui.text import printable
from tests.budgets.test_load import FIXTURE, ROOT
from tests.builders import profile
from tests.toml.mutations import mutations

MUTATIONS = 2_000


def _is_harmless(text: str) -> bool:
    return printable(text) == text


def test_two_thousand_mutated_budgets_are_read_or_refused(tmp_path: Path) -> None:
    originals = [path.read_bytes() for path in (FIXTURE, *sorted((ROOT / "budgets").glob("*.toml")))]
    path = tmp_path / "b.toml"
    measures = Measures(profile("main;Index.query@app/search.py 30\nmain 70"))
    measures.reading(ResourceReading(1.0, cpu_percent=90.0, rss_bytes=2e8, threads=3.0))
    good = 0
    complaints: list[ConfigError] = []
    for content in mutations(originals, MUTATIONS, seed=20):
        path.write_bytes(content)
        try:
            budget = load_budget(path)
        except ConfigError as error:
            complaints.append(error)
            continue
        good += 1
        for verdict in Evaluator(budget).update(measures, 1.0, final=True):
            assert all(limit is None or isfinite(limit) for limit in (verdict.warn, verdict.fail))
            assert _is_harmless(verdict.subject + verdict.rule + verdict.reason), content
    assert all(_is_harmless(error.message + error.hint) for error in complaints)
    assert max(len(error.message) for error in complaints) < 1_000
    # Both ways are walked often; a reader that refuses everything would be no reader.
    assert good > 40
    assert len(complaints) > 1_000

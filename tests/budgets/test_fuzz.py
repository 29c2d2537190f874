"""Whatever a budget file holds, it is a budget or one clear complaint, soon."""

from __future__ import annotations

import time
from math import isfinite
from pathlib import Path

import pytest

from perftui.analysis.measures import Measures
from perftui.budgets.evaluate import Evaluator
from perftui.budgets.load import load_budget
from perftui.errors import ConfigError, ExitCode
from perftui.model.reading import ResourceReading
from perftui.text import printable
from tests.budgets.measured_sides import quiet, side
from tests.budgets.source_document import BASELINE_S
from tests.budgets.test_load import FIXTURE, ROOT
from tests.builders import profile
from tests.toml.mutations import mutations

MUTATIONS = 1_000
ALL_MUTATIONS = 50_000
MOST_S = 1.0
REFERENCE = Path(__file__).parent / "reference_budget.toml"


def _is_harmless(text: str) -> bool:
    return printable(text) == text


def _measured() -> Measures:
    measures = Measures(profile("main;Index.query@app/search.py 30\nmain 70"))
    measures.reading(ResourceReading(1.0, cpu_percent=90.0, rss_bytes=2e8, threads=3.0))
    measures.current = side(*(quiet(key, seconds) for key, seconds in BASELINE_S.items()), quiet("qps", 1e-3))
    return measures


def _judge(path: Path, measures: Measures) -> None:
    """Read a budget and judge by it with and without a baseline; raises `ConfigError`."""
    budget = load_budget(path)
    for baseline in (None, measures.current):
        for verdict in Evaluator(budget, baseline=baseline).update(measures, 1.0, final=True):
            assert all(limit is None or isfinite(limit) for limit in (verdict.warn, verdict.fail))
            assert _is_harmless(verdict.subject + verdict.rule + verdict.reason)


def _mutate_and_judge(folder: Path, count: int, seed: int) -> tuple[int, list[ConfigError], float]:
    """Return how many mutated files were budgets, what was said of the others, and the longest time that one took."""
    originals = [path.read_bytes() for path in (FIXTURE, REFERENCE, *sorted((ROOT / "budgets").glob("*.toml")))]
    path, measures = folder / "b.toml", _measured()
    good, longest_s = 0, 0.0
    complaints: list[ConfigError] = []
    for content in mutations(originals, count, seed=seed):
        path.write_bytes(content)
        began_s = time.perf_counter()
        try:
            _judge(path, measures)
        except ConfigError as error:
            complaints.append(error)
        else:
            good += 1
        longest_s = max(longest_s, time.perf_counter() - began_s)
    return good, complaints, longest_s


def _hold(complaints: list[ConfigError]) -> None:
    for error in complaints:
        assert error.exit_code is ExitCode.USAGE
        assert _is_harmless(error.message + error.hint)
        assert "b.toml" in error.message
        assert 0 < len(error.message) < 1_000
        assert "\n" not in error.message


def test_mutated_budgets_are_read_and_judged_or_refused_in_one_sentence(tmp_path: Path) -> None:
    good, complaints, _ = _mutate_and_judge(tmp_path, MUTATIONS, seed=20)
    _hold(complaints)
    # Both ways are walked often; a reader that refuses everything would be no reader.
    assert good > MUTATIONS // 50
    assert len(complaints) > MUTATIONS // 2


@pytest.mark.soak
def test_fifty_thousand_mutated_budgets_take_less_than_a_second_each(tmp_path: Path) -> None:
    good, complaints, longest_s = _mutate_and_judge(tmp_path, ALL_MUTATIONS, seed=21)
    _hold(complaints)
    print(f"{good:,} read, {len(complaints):,} refused, the slowest took {1000 * longest_s:.0f} ms")
    assert longest_s < MOST_S

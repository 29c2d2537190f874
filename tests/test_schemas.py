"""The published schemas of budgets and workload profiles: what the readers take, they take, and nothing else."""

from __future__ import annotations

import copy
import datetime
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tomli
from jsonschema import Draft7Validator

from perftui.budgets.load import parse_budget
from perftui.cli.schema import KINDS, schema_text
from perftui.errors import ConfigError
from perftui.settings.load import load_profile
from perftui.toml.table import Table

ROOT = Path(__file__).parents[1]
SCHEMAS: dict[str, dict[str, Any]] = {kind: json.loads(schema_text(kind)) for kind in KINDS}
BUDGETS = [
    *sorted((ROOT / "budgets").glob("*.toml")),
    *sorted((ROOT / "src/perftui/bundled/budgets").glob("*.toml")),
    ROOT / "tests/fixtures/performance_budget.toml",
    ROOT / "tests/budgets/reference_budget.toml",
]
PROFILES = sorted((ROOT / "profiles").glob("*.toml"))
EVERY_TABLE = """
[performance_budget]
name = "all"
[operations.a]
b = { p95_ms = 5 }
[throughput]
qps = { min = 1 }
[memory]
runtime_peak = "1GB"
[resources.wall]
limit = 1
[resources.rss]
limit = "1GB"
[resources.rss_bytes]
limit = 1
[resources.cpu]
limit = 1
[resources.threads]
limit = 1
[resources.read]
limit = "1MB/s"
[resources.read_bytes_per_s]
limit = 1
[resources.context_switches]
limit = 1
[functions."a.py:b"]
max_share_pct = 5
[intervals]
critical = 1
"""
METRIC_TABLES = """
[metrics.p95]
quantile = { series = "latency_seconds", q = 0.95 }
over = "run"
limit_ms = 50
[metrics.errors]
ratio = ["requests", "requests"]
labels = { code = "5.." }
limit = "1%"
[metrics.step]
delta = "rss"
between = ["a", "b"]
unit = "bytes"
[metrics.queue_size]
target = 5
limit = 10
for = "3s"
"""
EVERY_PROFILE_TABLE = """
name = "all"
[workload]
command = "python app.py"
[sampling]
rate_hz = 1
[memory]
native = true
[run]
repeat = 2
"""


def validator(kind: str) -> Draft7Validator:
    return Draft7Validator(SCHEMAS[kind])


def plain(value: Any) -> Any:
    """A TOML document as JSON has it: dates are texts."""
    return json.loads(json.dumps(value, default=datetime.date.isoformat))


def test_the_published_files_are_those_that_the_code_makes_and_brings_along() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "scripts/schemas.py", "--check"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")
    for kind in KINDS:
        Draft7Validator.check_schema(SCHEMAS[kind])
        assert (ROOT / f"docs/schemas/{kind}.schema.json").read_text(encoding="utf-8") == schema_text(kind)


@pytest.mark.parametrize(("kind", "path"), [("budget", p) for p in BUDGETS] + [("profile", p) for p in PROFILES])
def test_every_file_of_the_project_is_valid(kind: str, path: Path) -> None:
    document = plain(tomli.loads(path.read_text(encoding="utf-8")))
    assert [error.message for error in validator(kind).iter_errors(document)] == []


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[tuple[str, ...], set[str]]:
    """The keys that readers know, by the path of their table."""
    found: dict[tuple[str, ...], set[str]] = {}
    close = Table.close

    def noted(table: Table) -> None:
        found.setdefault(table.path, set()).update(table._asked)
        close(table)

    monkeypatch.setattr(Table, "close", noted)
    return found


def schema_at(kind: str, path: tuple[str, ...]) -> dict[str, Any]:
    """The schema of the table at a path."""
    found = SCHEMAS[kind]
    for part in path:
        found = found.get("properties", {}).get(part) or found["additionalProperties"]
        for reference in found.get("allOf", ()):
            found = SCHEMAS[kind]["definitions"][reference["$ref"].rpartition("/")[2]]
    return found


def test_a_budget_may_hold_what_its_reader_asks_for_and_nothing_else(asked: dict[tuple[str, ...], set[str]]) -> None:
    parse_budget(EVERY_TABLE)
    assert len(asked) == 15
    for path, keys in asked.items():
        assert set(schema_at("budget", path)["properties"]) == keys, path


def test_a_profile_may_hold_what_its_reader_asks_for_and_nothing_else(
    asked: dict[tuple[str, ...], set[str]], tmp_path: Path
) -> None:
    path = tmp_path / "all.toml"
    path.write_text(EVERY_PROFILE_TABLE)
    load_profile(path)
    assert len(asked) == 5
    for place, keys in asked.items():
        assert set(schema_at("profile", place)["properties"]) == keys, place


def test_a_metric_may_hold_what_its_reader_asks_for(asked: dict[tuple[str, ...], set[str]]) -> None:
    parse_budget(METRIC_TABLES)
    assert validator("budget").is_valid(plain(tomli.loads(METRIC_TABLES)))
    # The unit of a metric, and with it the spellings of its limits, is another for each.
    for path in (("metrics", "p95"), ("metrics", "errors"), ("metrics", "step")):
        assert asked[path] <= set(schema_at("budget", path)["properties"]), path


def test_alerts_and_goals_take_every_spelling_that_their_readers_take() -> None:
    for text in ("warn = 5", 'warn = "5ms"', "warn_mb = 5", "critical_pct = 9\nfor = '10s'", "critical_mb_per_s = 9"):
        parse_budget(f"[alerts.queue]\n{text}")
        assert validator("budget").is_valid(plain(tomli.loads(f"[alerts.queue]\n{text}"))), text
    for text in ("target = '5ms'", "target_ms = 2\nby = 2027-01-31", "target = '2GB'\nphase = 'one'"):
        parse_budget(f"[goals.create]\n{text}")
        assert validator("budget").is_valid(plain(tomli.loads(f"[goals.create]\n{text}"))), text


def damaged(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths of all values in a document."""
    rows = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in rows:
        yield (*path, key)
        yield from damaged(inner, (*path, key))


def with_value(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    changed = copy.deepcopy(document)
    place = changed
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return changed


def toml(value: Any) -> str:
    """A document as inline TOML."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {toml(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return f"[{', '.join(map(toml, value))}]"
    return json.dumps(value)


@pytest.mark.parametrize(
    "text",
    [EVERY_TABLE, METRIC_TABLES, (ROOT / "tests/budgets/reference_budget.toml").read_text("utf-8")],
    ids=["every", "metrics", "reference"],
)
def test_values_of_a_wrong_kind_and_unknown_keys_are_refused_by_both(text: str) -> None:
    document = plain(tomli.loads(text))
    tried = 0
    wrong: tuple[Any, ...] = (True, [], -1, "wide", {"unknown": 1})
    for path in damaged(document):
        for value in wrong:
            changed = with_value(document, path, value)
            refused = False
            try:
                parse_budget("\n".join(f"{key} = {toml(inner)}" for key, inner in changed.items()))
            except ConfigError:
                refused = True
            valid = validator("budget").is_valid(changed)
            # What the schema cannot say (an order of limits, two spellings of one) only the reader refuses.
            assert refused or valid, f"the reader takes {path} = {value}, the schema does not"
            plainly_wrong = value is True or value == [] or value == {"unknown": 1}
            if refused and plainly_wrong:
                assert not valid, f"the schema takes {path} = {value}, the reader does not"
            tried += 1
    assert tried > 100


@pytest.mark.parametrize(
    "text",
    [
        "command = 'x'",
        "[workload]\ncwd = '.'",
        "[workload]\ncommand = []",
        "[workload]\ncommand = 'x'\n[run]\nrepeat = 0",
        "[workload]\ncommand = 'x'\n[run]\ningest = 'abacus'",
        "mode = 'gpu'\n[workload]\ncommand = 'x'",
        "[workload]\ncommand = 'x'\n[sampling]\nrate = 5",
        "[workload]\ncommand = 'x'\nenv = { A = 1 }",
    ],
)
def test_a_profile_that_is_refused_is_not_valid(text: str, tmp_path: Path) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text(text)
    with pytest.raises(ConfigError):
        load_profile(path)
    assert not validator("profile").is_valid(plain(tomli.loads(text)))

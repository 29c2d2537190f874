"""Writes the JSON Schemas of budgets and workload profiles from the tables of the code; --check only compares."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from perftui.budgets.metric_rules import UNITS, WHOLE_RUN
from perftui.budgets.spec import RESOURCES, WALL, Aggregation, Gate, MemorySource, MetricFigure
from perftui.model.reading import METER_BY_METRIC
from perftui.model.workload import BENCHMARK_TOOLS, RecordMode, Retention, SamplingMode
from perftui.settings.options import MOST_HZ
from perftui.settings.tables import MOST_REPEATS, MOST_WARMUPS
from perftui.toml.scrapes import MOST_PATTERNS
from perftui.toml.table import spellings
from perftui.units import Unit

ROOT = Path(__file__).parents[1]
PLACES = (ROOT / "docs" / "schemas", ROOT / "src" / "perftui" / "bundled" / "schemas")
"""Published, and brought along by the program; both are the same."""
DRAFT = "http://json-schema.org/draft-07/schema#"
"""What editors of TOML read, too."""
Schema = dict[str, Any]
EXAMPLES = {
    Unit.SECONDS: "5ms, 2.5s or 1m30s",
    Unit.BYTES: "100MB or 2GiB",
    Unit.PERCENT: "50%",
    Unit.BYTES_PER_SECOND: "100MB/s",
    Unit.BYTES_PER_MINUTE: "1MB/min",
    Unit.PER_SECOND: "1000/s",
    Unit.COUNT: "100 or 10k",
}
SIZED = (Unit.BYTES, Unit.BYTES_PER_SECOND, Unit.BYTES_PER_MINUTE)
ANY_UNIT = (Unit.SECONDS, Unit.BYTES, Unit.BYTES_PER_SECOND, Unit.PERCENT, Unit.PER_SECOND)
WIDTH = 110
QUANTITY = r"^\s*[0-9]"


DEFINITIONS: Schema = {
    "number": {"type": "number", "minimum": 0},
    "text": {"type": "string", "pattern": QUANTITY},
    "quantity": {"anyOf": [{"$ref": "#/definitions/number"}, {"$ref": "#/definitions/text"}]},
}
"""What stands in a schema once, and is pointed to."""


def quantity(base: str, unit: Unit, what: str, *, plain: bool = True, bare: bool = True) -> Schema:
    """Return the keys that a quantity may be written under, each with what it takes."""
    keys: Schema = {}
    for key in spellings(base, unit):
        if key != base:
            keys[key] = {"$ref": "#/definitions/quantity"}
        elif bare:
            kind = "quantity" if plain else "text"
            keys[key] = described(kind, f"{what}; such as {EXAMPLES[unit]}")
    return keys


def free_quantity(base: str, what: str) -> Schema:
    """Return the keys of a quantity whose unit its own writing tells."""
    keys = dict(chain.from_iterable(quantity(base, unit, what).items() for unit in ANY_UNIT))
    return keys | {base: described("quantity", what)}


def described(kind: str, what: str) -> Schema:
    """Return a definition with a description of its own, which would not count beside a plain reference."""
    return {"description": what, "allOf": [{"$ref": f"#/definitions/{kind}"}]}


def table(properties: Schema, *, what: str = "", needs: Iterable[str] = (), **more: Any) -> Schema:
    """Return a table of these keys and no others; `needs` are keys of which it has at least one."""
    found: Schema = {"type": "object", "additionalProperties": False, "properties": properties, **more}
    if what:
        found["description"] = what
    one_of = [{"required": [key]} for key in needs]
    if one_of:
        found["anyOf"] = one_of
    return found


def named(inner: Schema, what: str) -> Schema:
    """Return a table of tables with names of one's own."""
    return {"type": "object", "description": what, "additionalProperties": inner}


def text(what: str) -> Schema:
    """Return a string."""
    return {"type": "string", "description": what}


def flag(what: str) -> Schema:
    """Return true or false."""
    return {"type": "boolean", "description": what}


def whole(what: str, *, least: int = 1, most: int) -> Schema:
    """Return a whole number."""
    return {"type": "integer", "description": what, "minimum": least, "maximum": most}


def choice(words: Sequence[str], what: str) -> Schema:
    """Return one of a few words."""
    return {"enum": list(words), "description": what}


JUDGED: Schema = {
    "reason": text("Why the limit is what it is; shown beside the verdict"),
    "severity": choice(["fail", "info"], "info: shown and not judged"),
    "gate": flag("false: shown and not judged"),
}


def budget() -> Schema:
    """Return the schema of a budget file."""
    percent = Unit.PERCENT
    head = {
        "name": text("What it is called; the file's name where it is left out"),
        "description": text("What it is about"),
        **quantity("allowed_regression", percent, "What an operation may lose where it has no limit of its own"),
        **quantity("warn", percent, "From this increase on an operation warns"),
        **quantity("fail", percent, "Above this increase an operation fails"),
        "min_runs": whole("Runs of each side before a percentage may fail", most=10_000),
        "on_inconclusive": choice([gate.value for gate in Gate], "What inconclusive means for a gate"),
    }
    return {
        "$schema": DRAFT,
        "title": "perftui budget",
        "description": "Limits that a run, or a comparison, is held against",
        **table(
            {
                "performance_budget": table(head, what="What holds for all of it"),
                "operations": named(named(operation(), "A group of operations"), "What benchmarks measure"),
                "throughput": named(throughput(), "Lower limits"),
                "memory": memory(),
                "resources": resources(),
                "metrics": named(metric(), "Application metrics: series made from others, and limits of them"),
                "functions": named(function(), 'Functions, as "app/search.py:Index.query"'),
                "scrape": named(scrape(), "Endpoints in the format of Prometheus that a run reads"),
                "alerts": alerts(),
                "intervals": intervals(),
                "goals": named(goal(), "Values to get to one day; they never fail"),
            }
        ),
        "definitions": DEFINITIONS,
    }


def operation() -> Schema:
    """Return the schema of one operation."""
    percent, seconds = Unit.PERCENT, Unit.SECONDS
    overhead = quantity("max_overhead", percent, "Fails above it: the time over that of the sibling")
    figures = ("mean", "median", "p50", "p90", "p95", "p99", "max")
    keys = {
        **JUDGED,
        **quantity("max_increase", percent, "Fails above it: the increase over the baseline"),
        **quantity("warn", percent, "From this increase on it warns"),
        **quantity("fail", percent, "The same as max_increase_pct"),
        **quantity("baseline", seconds, "What the increase is measured from where no baseline is named"),
        "overhead_of": text("The sibling, as group.name, whose time an overhead is measured from"),
        **overhead,
        **quantity("target", seconds, "Warns above it"),
        **dict(chain.from_iterable(quantity(name, seconds, f"Fails above it: the {name}").items() for name in figures)),
        **quantity("min_success", percent, "Fails below it"),
    }
    both: Schema = {key: ["overhead_of"] for key in overhead}
    both["overhead_of"] = {"anyOf": [{"required": [key]} for key in overhead]}
    return table(keys, dependencies=both)


def scrape() -> Schema:
    """Return the schema of one endpoint of metrics."""
    name = {"type": "string", "minLength": 1}
    keys = {
        "url": text("Where it is, such as http://localhost:8000/metrics"),
        **quantity("interval", Unit.SECONDS, "From one reading to the next; that of the meters where it is left out"),
        "match": {
            "description": "Names of metrics that are kept, with * and ?; all where it is left out",
            "anyOf": [name, {"type": "array", "items": name, "maxItems": MOST_PATTERNS}],
        },
    }
    return table(keys, required=["url"])


def throughput() -> Schema:
    """Return the schema of one lower limit."""
    limits = {
        **quantity("min", Unit.PER_SECOND, "Fails below it"),
        **quantity("warn_min", Unit.PER_SECOND, "Warns below it"),
        **quantity("min_success", Unit.PERCENT, "Fails below it"),
    }
    return table({**JUDGED, **limits}, needs=limits)


def memory() -> Schema:
    """Return the schema of `[memory]`."""
    keys: Schema = {
        **JUDGED,
        "source": choice([each.value for each in MemorySource], "What peak, tasks and growth are judged on"),
        "tasks": whole("How many tasks a run does", most=10**12),
    }
    limits = (
        ("runtime_peak", "warn_runtime_peak", Unit.BYTES, True, "the most memory at any moment"),
        ("memory_per_task", "warn_memory_per_task", Unit.BYTES, True, "what each task has added"),
        ("max_allocated", "warn_allocated", Unit.BYTES, True, "what is allocated in the whole run"),
        ("max_allocations", "warn_allocations", Unit.COUNT, True, "the number of these allocations"),
        ("max_leaked", "warn_leaked", Unit.BYTES, True, "what is not freed when the workload ends"),
        ("max_allocated", "warn_allocated", Unit.BYTES_PER_SECOND, False, "what is allocated each second"),
        ("max_allocations", "warn_allocations", Unit.PER_SECOND, False, "allocations each second"),
        ("max_growth", "warn_growth", Unit.BYTES_PER_MINUTE, True, "the growth after the warm-up"),
    )
    for fails, warns, unit, bare, what in limits:
        plain = unit not in SIZED
        for base, verb in ((fails, "Fails"), (warns, "Warns")):
            keys |= quantity(base, unit, f"{verb} above it: {what}", plain=plain, bare=bare)
    return table(keys, what="Memory of a run")


def resources() -> Schema:
    """Return the schema of `[resources]`."""
    found: Schema = {}
    for name, metric in RESOURCES.items():
        unit = Unit.SECONDS if metric == WALL else METER_BY_METRIC[metric].unit
        plain = unit not in SIZED or name == metric
        label = "how long the run lasts" if metric == WALL else METER_BY_METRIC[metric].label
        kind = (
            "wall" if metric == WALL else f"resource_{unit.name.lower()}{'_named' if plain and unit in SIZED else ''}"
        )
        found[name] = described(kind, label)
        if kind in DEFINITIONS:
            continue
        limits = {
            **quantity("target", unit, "Warns above it", plain=plain),
            **quantity("limit", unit, "Fails above it", plain=plain),
        }
        keys = {**JUDGED, **limits}
        if metric != WALL:
            keys |= quantity("for", Unit.SECONDS, "Only where every reading for that long is above")
            keys["aggregation"] = choice([each.value for each in Aggregation], "Which figure of the whole run")
        DEFINITIONS[kind] = table(keys, needs=limits)
    return table(found, what="Meters of the process tree and the machine")


def function() -> Schema:
    """Return the schema of the limits of one function."""
    figures = (
        ("share", Unit.PERCENT, "share of all samples, with what it calls"),
        ("self_share", Unit.PERCENT, "share of the samples in itself"),
        ("self", Unit.SECONDS, "seconds in itself"),
        ("total", Unit.SECONDS, "seconds, with what it calls"),
        ("heap", Unit.BYTES, "bytes held when most is held, with what it calls"),
        ("heap_count", Unit.COUNT, "allocations held when most is held"),
        ("allocated", Unit.BYTES, "bytes allocated in the whole run"),
    )
    limits: Schema = {}
    for base, unit, what in figures:
        for prefix, verb in (("max", "Fails"), ("warn", "Warns")):
            limits |= quantity(f"{prefix}_{base}", unit, f"{verb} above it: {what}", plain=unit not in SIZED)
    limits |= quantity("max_increase", Unit.PERCENT, "Fails above it: the increase over the baseline")
    return table({**JUDGED, **limits}, needs=limits)


def metric() -> Schema:
    """Return the schema of one application metric."""
    name = {"type": "string", "pattern": r"^[A-Za-z_:][A-Za-z0-9_:.-]*$"}
    names = {"type": "array", "items": name, "minItems": 2, "maxItems": 8}
    share: Schema = {"type": "number", "minimum": 0, "maximum": 1}
    ways: Schema = {
        "series": name | {"description": "The series itself; usual is the one with the table's name"},
        "rate": name | {"description": "What a counter grows by, a second"},
        "ratio": names | {"description": "The first over the sum of the others"},
        "quantile": table(
            {"series": name, "q": share}, what="Of a histogram, from its buckets", required=["series", "q"]
        ),
        "avg": name | {"description": "The mean of a histogram or summary, or of a gauge over the window"},
        "delta": name | {"description": "What a series, or a meter, changes by"},
    }
    between: Schema = {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2}
    over = quantity("over", Unit.SECONDS, f"Length of the window, 30 s is usual; {WHOLE_RUN}: all of the run")
    over["over"] = {"description": over["over"]["description"], "anyOf": [{"const": WHOLE_RUN}, over["over"]]}
    limits: Schema = {}
    for base, what in (
        ("target", "Warns above it"),
        ("limit", "Fails above it"),
        ("warn_min", "Warns below it"),
        ("min", "Fails below it"),
    ):
        limits |= free_quantity(base, what)
    keys = {
        **ways,
        "labels": {
            "type": "object",
            "description": 'Patterns that labels match, as code = "5..": . is any one, .* any, | between several',
            "additionalProperties": {"type": "string"},
        },
        **over,
        "between": between | {"description": "Of delta: the marks that it begins and ends at"},
        "unit": choice(list(UNITS), "What it counts, where its name and its limits do not tell"),
        **limits,
        **quantity("for", Unit.SECONDS, "Only where every value for that long is beyond"),
        "aggregation": choice([each.value for each in MetricFigure], "Which figure of all values"),
        **JUDGED,
    }
    return table(keys)


def actions(what: str) -> Schema:
    """Return the schema of what an alert does: one action, or several."""
    one: Schema = {"type": "string"}
    kinds = "notify, bell, snapshot, stop, run:COMMAND, webhook:URL, or words to be shown"
    return {"description": f"{what}: {kinds}", "anyOf": [one, {"type": "array", "maxItems": 8, "items": one}]}


def alerts() -> Schema:
    """Return the schema of `[alerts]`."""
    found = named(alert(), "Levels at which somebody wants to be told; they give no verdict")
    return found | {"properties": {"defaults": flag("Usual levels of CPU, memory, queue and response time too")}}


def alert() -> Schema:
    """Return the schema of one alert."""
    levels = {**free_quantity("warn", "Told above it"), **free_quantity("critical", "Told urgently above it")}
    keys = {
        **levels,
        **quantity("for", Unit.SECONDS, "Only when it lasts that long"),
        **free_quantity("margin", "So far below its limit a reading has to be before it is calm"),
        "action": actions("What is done when it grows worse; notify is usual"),
        "warn_action": actions("What is done at a warning instead"),
        "critical_action": actions("What is done when it is critical instead"),
        "clear_action": actions("What is done when it is calm again"),
        "reason": text("Why"),
    }
    return table(keys, needs=levels)


def intervals() -> Schema:
    """Return the schema of `[intervals]`."""
    keys = dict(
        chain.from_iterable(
            quantity(name, Unit.SECONDS, f"How often to look while it stands {name}").items()
            for name in ("critical", "warning", "normal")
        )
    )
    return table(keys, what="How often to look, by how bad it stands")


def goal() -> Schema:
    """Return the schema of one goal."""
    targets = free_quantity("target", "The value to get to")
    keys = {
        **targets,
        "by": {"type": "string", "description": "A date"},
        "phase": text("Which phase it belongs to"),
        "reason": text("Why"),
    }
    return table(keys, needs=targets)


def profile() -> Schema:
    """Return the schema of a workload profile."""
    texts = {"type": "array", "items": {"type": "string"}}
    workload = {
        "command": {
            "description": "What to start; {python} is the interpreter that perftui runs in",
            "anyOf": [{"type": "string", "minLength": 1}, {**texts, "minItems": 1, "maxItems": 1000}],
        },
        "description": text("What it is"),
        "cwd": text("Where it runs, from the directory that holds profiles/"),
        "env": {"type": "object", "additionalProperties": {"type": "string"}, "description": "Variables"},
        "stdin": text("File that it reads"),
        "terminal": flag("Give it a terminal of its own"),
    }
    sampling = {
        "rate_hz": whole("Looks a second", most=MOST_HZ),
        **quantity("window", Unit.SECONDS, "How much one recorder sees"),
        "mode": choice([each.value for each in SamplingMode], "blocking: exact stacks; nonblocking: never stops it"),
        "follow_children": flag("Sample child processes"),
        **quantity("overhead", Unit.PERCENT, "The governor lowers the rate above it"),
        "native": flag("Native frames too"),
    }
    tracing = {
        "native": flag("Native frames below allocations"),
        "pymalloc": flag("Every small object"),
        "children": flag("Forked children too"),
        "capture": choice([each.value for each in Retention], "What becomes of memray's file"),
    }
    tools = "|".join(BENCHMARK_TOOLS)
    run = {
        **quantity("duration", Unit.SECONDS, "It is ended after that"),
        "repeat": whole("Record so many runs as one group", most=MOST_REPEATS),
        "warmup": whole("Before them, so many that are thrown away", least=0, most=MOST_WARMUPS),
        "keep_target": flag("Leave it running when the recording stops"),
        "keep_sources": flag("Keep the text of own files that ran in the session"),
        "lines": flag("Take lines of the output that begin with perftui: for metrics and marks"),
        "ingest": {
            "type": "string",
            "pattern": rf"^\s*({tools})\s*(:.*)?$",
            "description": "Benchmark tool whose result is read, with :PATH where it does not lie in its usual place",
        },
    }
    return {
        "$schema": DRAFT,
        "title": "perftui workload profile",
        "description": "What to launch, and how to observe it",
        **table(
            {
                "name": text("What it is called; the file's name where it is left out"),
                "description": text("What it is about"),
                "tags": texts,
                "budget": text("A file in budgets/; with a slash a path from this file or from the project"),
                "mode": choice([each.value for each in RecordMode], "What is recorded"),
                "two_pass": flag("One run for CPU and one for memory, joined in one session"),
                "workload": table(workload, what="What to start", required=["command"]),
                "sampling": table(sampling, what="How CPU is sampled"),
                "memory": table(tracing, what="How allocations are traced"),
                "scrape": named(scrape(), "Endpoints in the format of Prometheus that are read meanwhile"),
                "run": table(run, what="How long, how often"),
            },
            required=["workload"],
        ),
        "definitions": {name: DEFINITIONS[name] for name in ("number", "text", "quantity")},
    }


def lines(value: Any, indent: str = "") -> Iterator[str]:
    """Yield JSON in which what fits in a line is one."""
    inline = json.dumps(value, ensure_ascii=False)
    if len(indent) + len(inline) <= WIDTH or not isinstance(value, dict | list):
        yield inline
        return
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    rows = value.items() if isinstance(value, dict) else ((None, each) for each in value)
    yield opening
    for number, (key, each) in enumerate(rows):
        yield ",\n" if number else "\n"
        yield f"{indent}  " + ("" if key is None else f"{json.dumps(key)}: ")
        yield from lines(each, f"{indent}  ")
    yield f"\n{indent}{closing}"


SCHEMAS = {"budget": budget, "profile": profile}


def main(words: Sequence[str] | None = None) -> int:
    """Write the schemas, or compare them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; end with 1 where a file is not up to date")
    checks: bool = parser.parse_args(words).check
    stale = []
    for kind, make in SCHEMAS.items():
        written = "".join(lines(make())) + "\n"
        for place in PLACES:
            path = place / f"{kind}.schema.json"
            if path.is_file() and path.read_text(encoding="utf-8") == written:
                continue
            stale.append(path)
            if not checks:
                place.mkdir(parents=True, exist_ok=True)
                path.write_text(written, encoding="utf-8")
    for path in stale:
        print(f"{'not up to date' if checks else 'written'}: {path.relative_to(ROOT)}")
    return int(checks and bool(stale))


if __name__ == "__main__":
    sys.exit(main())

"""A check in the words of GitHub's workflows: annotations at the lines of a budget, and outputs of a step."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from perftui.model.verdict import RuleVerdict
from perftui.recording.check import Check
from perftui.reports.check_junit import sentence_of
from perftui.reports.rule_places import RulePlaces
from perftui.text import printable

_MOST = 10
"""Of each kind GitHub shows ten a step."""


def annotation_lines(check: Check, root: Path) -> Iterator[str]:
    """Yield a line for each rule that fails or is worth a warning, the worst first; files as seen from `root`."""
    places = RulePlaces(check.budget.path)
    for kind, told in (("error", check.fails), ("warning", check.warns)):
        found = [verdict for verdict in check.worst_first if told(verdict)]
        for verdict in found[:_MOST]:
            yield _annotation(kind, verdict, check.budget.path, places, root)


def outputs(check: Check) -> str:
    """Return what later steps can ask for: the verdict, how many rules have each, and the exit code."""
    pairs = {
        "verdict": check.word.value,
        **{verdict.value: str(count) for verdict, count in check.counts.items()},
        "exit_code": str(int(check.exit_code)),
    }
    return "".join(f"{name}={value}\n" for name, value in pairs.items())


def _annotation(kind: str, verdict: RuleVerdict, file: Path | None, places: RulePlaces, root: Path) -> str:
    fields = []
    if file is not None:
        fields.append(f"file={_property(_seen_from(file, root))}")
        line = places.line(verdict.rule)
        fields += [f"line={line}"] if line is not None else []
    fields.append(f"title={_property(verdict.rule)}")
    return f"::{kind} {','.join(fields)}::{_message(sentence_of(verdict))}"


def _seen_from(file: Path, root: Path) -> str:
    absolute = file.absolute()
    return absolute.relative_to(root).as_posix() if absolute.is_relative_to(root) else str(absolute)


def _message(text: str) -> str:
    return printable(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")

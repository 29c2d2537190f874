"""Writes the README's tables of keys, verbs and exit codes from the tables in the code; --check only compares."""

from __future__ import annotations

import argparse
import difflib
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from perftui.cli.verbs import VERBS
from perftui.errors import ExitCode
from perftui.ui.commands import COMMANDS, EVERYWHERE, Command

README = Path(__file__).parents[1] / "README.md"
EXIT_CODES = {
    ExitCode.OK: "all went well; a warning of a budget is still 0",
    ExitCode.FAILED_CHECK: "a budget failed, or `--fail-on regression` found one",
    ExitCode.USAGE: "the command line, a profile, a budget, a baseline's file or a benchmark's result is wrong, "
    "or a command cannot be started",
    ExitCode.WORKLOAD_FAILED: "the workload itself failed; its own code is in the JSON",
    ExitCode.NO_DATA: "no such session, or not enough data",
    ExitCode.CANNOT_OBSERVE: "the target cannot be observed: permission, missing tool, unsupported interpreter",
    ExitCode.SESSION_UNREADABLE: "a session or a file to import is corrupt or foreign",
    ExitCode.CANNOT_WRITE: "a session cannot be written (the disk is full, ...); what was stored before is kept",
    ExitCode.INTERRUPTED: "interrupted by Ctrl-C; ended by another signal it is 128 and its number: 143 for SIGTERM",
}


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [header, ["---"] * len(header), *([cell.replace("|", r"\|") for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def keys(command: Command) -> str:
    """Return the keys of a command, each as a key; the mouse is not one."""
    return command.shown if command.shown == "mouse" else " ".join(f"`{key}`" for key in command.shown.split())


def places(command: Command) -> str:
    """Return where a command can be given."""
    return "everywhere" if set(command.where) == set(EVERYWHERE) else ", ".join(command.where)


def tables() -> dict[str, str]:
    """Return each table by the name of the marks around it."""
    return {
        "keys": table(
            ("key", "what it does", "where"), ((keys(one), one.help, places(one)) for one in COMMANDS if one.where)
        ),
        "verbs": table(("verb", "what it does"), ((f"`perftui {verb}`", text) for verb, (_, text) in VERBS.items())),
        "exit codes": table(("code", "meaning"), ((str(int(code)), EXIT_CODES[code]) for code in ExitCode)),
    }


def with_tables(text: str) -> str:
    """Return the README with each table put between its marks."""
    for name, drawn in tables().items():
        begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
        before, _, rest = text.partition(begin)
        _, found, after = rest.partition(end)
        if not found:
            sys.exit(f"README.md has no {begin} with {end}")
        text = f"{before}{begin}\n{drawn}\n{end}{after}"
    return text


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; end with 1 where a table is out of date")
    options = parser.parse_args()
    old = README.read_text(encoding="utf-8")
    new = with_tables(old)
    if options.check:
        sys.stdout.writelines(difflib.unified_diff(old.splitlines(True), new.splitlines(True), "README.md", "the code"))
        return int(old != new)
    README.write_text(new, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

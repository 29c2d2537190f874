"""A script as they are in daily use: read a log, group it, print a table, done after a few seconds."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

_LINE = re.compile(r"(?P<host>\S+) (?P<path>\S+) (?P<status>\d{3}) (?P<millis>\d+)")
LINES = 3_000_000
STATUSES = (200, 200, 200, 404, 500)


def log_lines(count: int) -> Iterator[str]:
    """Yield the lines of a log, always the same ones."""
    for number in range(count):
        host, path, status = f"10.0.{number % 7}.{number % 251}", f"/items/{number * 31 % 40}", STATUSES[number % 5]
        yield f"{host} {path} {status} {number % 900}"


def parsed(lines: Iterable[str]) -> Iterator[tuple[str, int, int]]:
    """Yield path, status and milliseconds of each line."""
    for line in lines:
        found = _LINE.match(line)
        if found:
            yield found["path"], int(found["status"]), int(found["millis"])


def grouped(rows: Iterable[tuple[str, int, int]]) -> dict[str, list[int]]:
    """Return the milliseconds of the requests that went well, by path."""
    groups: dict[str, list[int]] = defaultdict(list)
    for path, status, millis in rows:
        if status == 200:
            groups[path].append(millis)
    return groups


def table(groups: dict[str, list[int]]) -> Iterator[str]:
    """Yield a line of the table for each path, the slowest first."""
    for path, millis in sorted(groups.items(), key=lambda item: -sum(item[1]) / len(item[1])):
        ranked = sorted(millis)
        yield f"{path:12} {len(ranked):7} {sum(ranked) / len(ranked):8.1f} ms {ranked[len(ranked) * 95 // 100]:5} ms"


if __name__ == "__main__":
    print("\n".join(table(grouped(parsed(log_lines(LINES))))))

"""Locks the newest allowed version of many packages: parsing, filtering and sorting, as an installer does it.

Each package has its own list of versions, written as an index gives them; the numbers are made up, and the same in each
run. docs/example-comparison.md compares two releases of `packaging` by it.
"""

from __future__ import annotations

import argparse
import random

from packaging.requirements import Requirement
from packaging.utils import canonicalize_version
from packaging.version import Version

_ENDINGS = ("", "", "", "", "a1", "b2", "rc1", ".post1", ".dev3", "+local.1")


def release_names(choice: random.Random, count: int) -> list[str]:
    """Return versions as an index lists them, in no order."""
    return [
        f"{choice.randrange(9)}.{choice.randrange(40)}.{choice.randrange(20)}{choice.choice(_ENDINGS)}"
        for _ in range(count)
    ]


def newest_allowed(names: list[str], requirement: Requirement) -> str:
    """Return the newest of the versions that a requirement allows; empty where it allows none."""
    releases = sorted(map(Version, names))
    allowed = list(requirement.specifier.filter(releases))
    return str(allowed[-1]) if allowed else ""


def lock_lines(packages: int, releases: int) -> list[str]:
    """Return a line for each package, as a lock file has it."""
    choice = random.Random(7)
    lines = []
    for number in range(packages):
        # One clause: sets of several are tried in the order of their hashes, which is another one in each run.
        requirement = Requirement(f"package-{number}~={choice.randrange(8)}.1")
        found = newest_allowed(release_names(choice, releases), requirement)
        lines.append(f"{requirement.name}=={canonicalize_version(found)}" if found else requirement.name)
    return lines


def main() -> None:
    """Lock so many packages."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--packages", type=int, default=600)
    parser.add_argument("--releases", type=int, default=300, help="versions of each package")
    options = parser.parse_args()
    print(len(lock_lines(options.packages, options.releases)), "packages locked")


if __name__ == "__main__":
    main()

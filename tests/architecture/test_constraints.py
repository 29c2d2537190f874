"""constraints.txt is the closed list of what pyproject.toml brings along: nothing is installed unpinned."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]


def pyproject() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def pins() -> dict[str, Version]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.split("==") for line in lines if line and not line.startswith("#"))
    return {canonicalize_name(name): Version(version) for name, version in pairs}


def asked_for() -> list[Requirement]:
    settings = pyproject()
    groups = [entry for group in settings["dependency-groups"].values() for entry in group]
    names = [*settings["build-system"]["requires"], *settings["project"]["dependencies"], *groups]
    return [Requirement(name) for name in names]


def brought_along(asked: list[Requirement]) -> Iterator[Requirement]:
    """Yield each requirement and, once for each distribution, those of the distribution that meets it."""
    waiting = list(asked)
    seen: set[tuple[str, str]] = set()
    while waiting:
        requirement = waiting.pop()
        yield requirement
        for extra in ("", *requirement.extras):
            if (requirement.name, extra) in seen:
                continue
            seen.add((requirement.name, extra))
            try:
                lines = requires(requirement.name) or []
            except PackageNotFoundError:
                continue
            below = (Requirement(line) for line in lines)
            waiting.extend(one for one in below if one.marker is None or one.marker.evaluate({"extra": extra}))


def test_everything_that_is_brought_along_is_pinned() -> None:
    missing = {need.name for need in brought_along(asked_for()) if canonicalize_name(need.name) not in pins()}
    assert missing == set()


@pytest.mark.parametrize("need", asked_for(), ids=str)
def test_each_pin_is_a_version_that_the_project_allows(need: Requirement) -> None:
    assert need.specifier.contains(pins()[canonicalize_name(need.name)], prereleases=True)


def test_the_constraints_name_versions_and_no_place_to_fetch_them_from() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if "/" in line or "@" in line or line.startswith("-")] == []

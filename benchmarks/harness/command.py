"""perftui as a user runs it: the installed command, its options, its JSON."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PERFTUI = str(Path(sys.executable).with_name("perftui"))
PY_SPY = str(Path(sys.executable).with_name("py-spy"))
WORKLOADS = Path(__file__).parents[1] / "workloads"
# A recording may take this much longer than what it records before the measurement is given up.
SPARE_S = 60.0


class CommandFailedError(RuntimeError):
    """The command under test did not do what was asked; the message holds what it said."""


def workload(name: str, *arguments: object) -> list[str]:
    """Return the command that runs one of our workloads."""
    return [sys.executable, str(WORKLOADS / f"{name}.py"), *map(str, arguments)]


class Home:
    """A directory that holds everything perftui keeps during a measurement."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def environment(self, extra: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return our environment with perftui's home in this directory."""
        # Whoever keeps Python from storing what it compiled would measure compiling, at every start.
        usual = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        return {**usual, "PERFTUI_HOME": str(self.directory), "PYTHONHASHSEED": "0", **(extra or {})}

    def run(self, *arguments: str, timeout_s: float = SPARE_S) -> subprocess.CompletedProcess[str]:
        """Run perftui to its end."""
        return subprocess.run(
            [PERFTUI, *arguments],
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )

    def json(self, *arguments: str, timeout_s: float = SPARE_S) -> Any:
        """Run perftui and return the document it printed; it must succeed."""
        done = self.run(*arguments, timeout_s=timeout_s)
        if done.returncode != 0:
            raise CommandFailedError(
                f"perftui {' '.join(arguments)} ended with {done.returncode}: {done.stderr.strip()}"
            )
        return json.loads(done.stdout)

    def record(
        self, command: Sequence[str], *, seconds: float, rate_hz: int | None = 100, options: Sequence[str] = ()
    ) -> Any:
        """Record a command that lasts about so many seconds and return the summary; memory alone has no rate."""
        rate = [] if rate_hz is None else ["--rate", str(rate_hz)]
        return self.json("record", "--json", *rate, *options, "--", *command, timeout_s=seconds + SPARE_S)


@contextmanager
def home() -> Iterator[Home]:
    """Give a home that vanishes afterwards."""
    with tempfile.TemporaryDirectory(prefix="perftui-bench-") as directory:
        yield Home(Path(directory))

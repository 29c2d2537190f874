"""The outermost door: every error becomes one sentence and an exit code here."""

from __future__ import annotations

import os
import sys
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path

import click

from perftui.cli import console
from perftui.cli.verbs import program
from perftui.errors import ExitCode, PerftuiError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    try:
        result = program.main(args=arguments, prog_name="perftui", standalone_mode=False)
    except click.exceptions.Exit as asked:
        return asked.exit_code
    except click.ClickException as error:
        error.show()
        return int(ExitCode.USAGE)
    except PerftuiError as error:
        console.trouble(error)
        return int(error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        return int(ExitCode.INTERRUPTED)
    except BrokenPipeError:
        # The reader of our stdout went away; Python would complain once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return int(ExitCode.OK)
    except Exception as error:  # noqa: BLE001 (the outermost door)
        console.trouble(_internal(error))
        return int(ExitCode.USAGE)
    return int(result) if isinstance(result, int) else int(ExitCode.OK)


def _internal(error: Exception) -> PerftuiError:
    with tempfile.NamedTemporaryFile("w", prefix="perftui-error-", suffix=".txt", delete=False) as report:
        traceback.print_exception(error, file=report)
    return PerftuiError(
        f"internal error: {type(error).__name__}: {error}",
        hint=f"the details are in {Path(report.name)}: please report it",
    )

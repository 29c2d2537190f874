"""The outermost door: every error becomes one sentence and an exit code here."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from perftui.cli import console
from perftui.cli.verbs import program
from perftui.errors import ExitCode, PerftuiError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    console.prepare()
    try:
        result = program.main(args=arguments, prog_name="perftui", standalone_mode=False)
    except click.exceptions.Exit as asked:
        return asked.exit_code
    except click.ClickException as error:
        with console.nobody_listens():
            error.show()
        return int(ExitCode.USAGE)
    except PerftuiError as error:
        console.trouble(error)
        return int(error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        return int(ExitCode.INTERRUPTED)
    except Exception as error:  # noqa: BLE001 (the outermost door)
        console.trouble(_internal(error))
        return int(ExitCode.USAGE)
    return int(result) if isinstance(result, int) else int(ExitCode.OK)


def _internal(error: Exception) -> PerftuiError:
    # What is never needed should not be loaded each time.
    import tempfile
    import traceback

    message = f"internal error: {type(error).__name__}: {error}"
    try:
        with tempfile.NamedTemporaryFile("w", prefix="perftui-error-", suffix=".txt", delete=False) as report:
            traceback.print_exception(error, file=report)
    except OSError:
        # A disk that is full may be what went wrong in the first place.
        return PerftuiError(message, hint="please report it")
    return PerftuiError(message, hint=f"the details are in {Path(report.name)}: please report it")

"""The table of verbs; a verb's module is imported only when the verb is used."""

from __future__ import annotations

import os
from importlib import import_module

import click

from perftui import __version__
from perftui.errors import UsageError

VERBS: dict[str, tuple[str, str]] = {
    "run": ("perftui.cli.run:run", "Launch a command or a workload profile and watch it in the dashboard."),
    "record": ("perftui.cli.run:record", "The same without a screen: record, save, print a summary."),
    "attach": ("perftui.cli.attach:attach", "Watch a process that is already running."),
    "watch": (
        "perftui.cli.watch:watch",
        "Follow a process for days: meters and alerts, kept in parts, a line a minute.",
    ),
    "open": ("perftui.cli.open:open_session", "Open a saved session, or a memray capture, in the dashboard."),
    "compare": ("perftui.cli.compare:compare", "Put two sessions side by side: what grew, what shrank."),
    "ab": ("perftui.cli.ab:ab", "Run two versions by turns, many times each, and compare them."),
    "check": ("perftui.cli.check:check", "Hold sessions against a budget and a baseline; the exit code is for CI."),
    "report": (
        "perftui.cli.session_report:report",
        "Write a report of a session, or of a week: md, html, csv, json or text.",
    ),
    "ci": ("perftui.cli.ci:ci", "Write the workflow that holds every change against the budget."),
    "serve": ("perftui.cli.serve:serve", "The same dashboard in a browser, on this machine."),
    "show": ("perftui.cli.show:show", "Print what a session holds."),
    "advise": ("perftui.cli.advise:advise", "What costs more than it need, each with its evidence, and what to do."),
    "trend": ("perftui.cli.trend:trend", "One figure over the sessions of a workload, with the changes in it."),
    "sessions": ("perftui.cli.sessions:sessions", "List, rename, tag, pin or delete saved sessions; mark baselines."),
    "baseline": (
        "perftui.cli.baseline:baseline",
        "Save sessions as a baseline, or write one as a file to commit; list, show, forget them.",
    ),
    "export": (
        "perftui.cli.exchange:export",
        "Write a session as collapsed stacks, speedscope JSON, or a report of memray's.",
    ),
    "import": ("perftui.cli.exchange:import_file", "Make a session of another tool's profile, or of a memray capture."),
    "ingest": ("perftui.cli.ingest:ingest", "Make a session of what a benchmark tool has measured."),
    "doctor": ("perftui.cli.doctor:doctor", "Can this machine observe a process? Each trouble with its remedy."),
    "settings": ("perftui.cli.settings:settings", "List the settings and where each comes from; set or reset one."),
    "init": ("perftui.cli.init:init", "Write a workload profile and a budget to begin with, for this project."),
    "schema": ("perftui.cli.schema:schema", "Print the JSON Schema of budgets or workload profiles, for editors."),
    "workloads": ("perftui.cli.workloads:workloads", "List the workload profiles that `run NAME` finds."),
}


class _Program(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 (click's signature)
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in VERBS:
            return None
        module, _, name = VERBS[cmd_name][0].partition(":")
        command = getattr(import_module(module), name)
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in VERBS and not args[0].startswith("-"):
            from difflib import get_close_matches

            close = get_close_matches(args[0], VERBS, n=1)
            hint = f"did you mean `perftui {close[0]}`?" if close else "`perftui --help` lists the verbs"
            msg = f"no verb called {args[0]!r}; {hint}"
            raise click.UsageError(msg, ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Verbs"):
            formatter.write_dl([(verb, text) for verb, (_, text) in VERBS.items()])


def _need_directory() -> None:
    """Refuse to start where nothing can be looked up or recorded: in a directory that was deleted."""
    try:
        os.getcwd()  # noqa: PTH109 (the same, and nothing is built from it)
    except OSError:
        raise UsageError("the current directory is not there any more", hint="`cd` to another one") from None


@click.group(
    cls=_Program,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 ok, 1 a budget failed or a regression was found, 2 usage, 3 the workload failed, 4 no such "
    "session or too little data, 5 cannot observe, 6 session unreadable, 130 interrupted.",
)
@click.version_option(__version__, prog_name="perftui")
@click.option("--sessions-dir", type=click.Path(file_okay=False), help="Where sessions live.")
@click.pass_context
def program(ctx: click.Context, /, sessions_dir: str | None) -> int:
    """Profile Python in the terminal: live CPU and memory flames, meters, budgets, saved sessions, comparisons.

    Without a verb the home screen opens: recent sessions, workload profiles, running Python processes.
    """
    _need_directory()
    if ctx.invoked_subcommand is not None:
        return 0
    from perftui.cli.dashboard import home
    from perftui.cli.options import sessions_dir_of

    return home(sessions_dir_of(ctx, sessions_dir))

"""Options that several verbs share, and the command that follows `--`."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from perftui.cli.against import BASELINE_OPTIONS
from perftui.errors import UsageError
from perftui.model.heap_view import HeapView
from perftui.model.workload import BENCHMARK_TOOLS, BenchmarkResult, RecordMode, Retention
from perftui.settings.preferences import read_settings
from perftui.settings.tables import MOST_REPEATS, MOST_WARMUPS
from perftui.storage.locations import sessions_directory
from perftui.storage.names import check_name
from perftui.text import printable

if TYPE_CHECKING:
    from perftui.model.scrape import Scrape
    from perftui.recording.plan import ServeAt

AFTER_DASHES = "perftui.command"
Option = Callable[[Callable[..., Any]], Callable[..., Any]]


def checked_name(_ctx: click.Context, _option: click.Parameter, value: str) -> str:
    """Refuse what cannot be the name of a session before anything is recorded; an empty one is none."""
    if value:
        check_name(value)
    return value


def checked_tags(_ctx: click.Context, _option: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse what cannot be a tag before anything is recorded."""
    for tag in value:
        check_name(tag)
    return value


def _checked_result(_ctx: click.Context, _option: click.Parameter, value: str | None) -> BenchmarkResult | None:
    if value is None:
        return None
    try:
        return BenchmarkResult.parse(value)
    except ValueError as error:
        message, hint = error.args
        raise UsageError(f"--ingest {printable(value)}: {message}", hint=hint) from None


def _checked_seconds(_ctx: click.Context, _option: click.Parameter, value: float | None) -> float | None:
    # Every comparison with NaN is false, so that no range refuses it.
    if value is not None and not math.isfinite(value):
        raise click.BadParameter(f"{value} is not a number of seconds.")
    return value


def _checked_address(_ctx: click.Context, _option: click.Parameter, value: str | None) -> ServeAt | None:
    if value is None:
        return None
    from perftui.recording.plan import ServeAt

    host, colon, port = value.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not port.isascii() or not port.isdecimal() or int(port[:6]) > _LAST_PORT or (colon and not host):
        raise UsageError(
            f"--serve-metrics {printable(value)}: no address to listen on", hint="write 9100, or 0.0.0.0:9100"
        )
    return ServeAt(int(port[:6]), host) if colon else ServeAt(int(port[:6]))


_LAST_PORT = 65_535
serve_metrics_option = click.option(
    "--serve-metrics",
    callback=_checked_address,
    metavar="[HOST:]PORT",
    help="Tell figures of the recording at http://HOST:PORT/metrics while it goes on; 0 takes a free port [127.0.0.1].",
)

sessions_option = click.option(
    "--sessions-dir", type=click.Path(file_okay=False), help="Where sessions live [also: PERFTUI_HOME]."
)


def _begun_refs(ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    from perftui.storage.catalogue import Catalogue
    from perftui.storage.references import completions

    catalogue = Catalogue(sessions_dir_of(ctx, ctx.params.get("sessions_dir")))
    return completions(catalogue.list(), incomplete)


def ref_argument(name: str = "ref", **settings: Any) -> Option:
    """Return an argument that names a session, which a shell completes."""
    return click.argument(name, shell_complete=_begun_refs, **settings)


json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document on stdout.")

redact_option = click.option(
    "--redact",
    "redacted",
    is_flag=True,
    help="For strangers: leave out arguments, host, user, environment, source, and paths outside the project.",
)


def _view_named(_ctx: click.Context, _option: click.Parameter, value: str | None) -> HeapView | None:
    return HeapView(value) if value else None


def memory_view(usual: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return the option that names a view of the heap; `usual` is what is shown without it."""
    return click.option(
        "--memory-view",
        type=click.Choice([view.value for view in HeapView]),
        callback=_view_named,
        help=f"Which view of the heap [{usual}].",
    )


memory_view_option = memory_view("the high watermark, where there is one")


class CommandAfterDashes(click.Command):
    """A verb whose words after `--` are a command of the user's and never options of ours."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Cut the user's command off before click sees it."""
        if "--" in args:
            cut = args.index("--")
            ctx.meta[AFTER_DASHES] = tuple(args[cut + 1 :])
            args = args[:cut]
        return super().parse_args(ctx, args)


def sessions_dir_of(ctx: click.Context, given: str | None) -> Path:
    """Return the sessions directory: the verb's option, the program's, the environment's, or the user's own."""
    outer = ctx.find_root().params.get("sessions_dir")
    chosen = given or outer
    return sessions_directory(Path(chosen) if chosen else read_settings().sessions_dir)


capture_option = click.option(
    "--capture",
    type=click.Choice([retention.value for retention in Retention]),
    default=None,
    help="What becomes of memray's file: keep it for memray's own reports, compressed to 3 MB per million allocations "
    "and more where stacks are many; or drop it, and keep its figures only [keep].",
)
# What each costs was measured; the figures are CPU time of the workload beside the same without tracing.
_MEMORY_OPTIONS = (
    click.option(
        "--mode",
        type=click.Choice([mode.value for mode in RecordMode]),
        default=None,
        help="memory and both trace every allocation with memray, which makes the workload 1.2 to 4 times slower, the "
        "more the more calls it makes; CPU seconds of both hold that price [cpu].",
    ),
    click.option(
        "--native-allocations",
        is_flag=True,
        help="Native (C) frames below allocations too: up to 2.5 times slower still, and slow to read.",
    ),
    click.option(
        "--trace-pymalloc",
        is_flag=True,
        help="Every small object, not only the arenas that hold them: 1.1 to 3.2 times slower still, up to 18 times in "
        "all with native frames, and 40 to 80 MB of capture per second.",
    ),
    click.option(
        "--follow-forks",
        is_flag=True,
        help="Trace forked children too: no slower, but a capture and a reader for each; spawned ones never are.",
    ),
    capture_option,
)


_KEEP_TARGET = click.option("--keep-target", is_flag=True, help="Leave the workload running when the recording stops.")


def repeat_options(*, runs: int, warmups: int) -> list[Option]:
    """Return the options of what records several runs; the numbers are what holds where nothing else is said."""
    return [
        click.option(
            "--repeat",
            type=click.IntRange(1, MOST_REPEATS),
            default=None,
            help=f"Record so many runs, one after the other and without a screen, as one group [{runs}].",
        ),
        click.option(
            "--warmup",
            type=click.IntRange(0, MOST_WARMUPS),
            default=None,
            help=f"Before them, so many runs whose recordings are thrown away [{warmups}].",
        ),
        click.option(
            "--more",
            type=click.IntRange(1, MOST_REPEATS),
            default=None,
            help="Add so many runs to a group that there is, named in place of a command: started as those before, "
            "each side by turns.",
        ),
        click.option(
            "--ignore-failure",
            "--keep-going",
            "-i",
            "ignore_failure",
            is_flag=True,
            help="Of several runs, go on when the workload of one fails, and keep that run too.",
        ),
    ]


def _checked_scrapes(_ctx: click.Context, _option: click.Parameter, given: tuple[str, ...]) -> tuple[Scrape, ...]:
    from perftui.model.scrape import Scrape

    found = []
    for text in given:
        try:
            found.append(Scrape.parse(text))
        except ValueError as error:
            message, hint = error.args
            raise UsageError(f"--scrape: {printable(text)[:80]} {message}", hint=hint) from None
    return tuple(found)


scrape_option = click.option(
    "--scrape",
    "scrapes",
    multiple=True,
    callback=_checked_scrapes,
    metavar="[NAME=]URL",
    help="Read metrics in the format of Prometheus from there, once a second; may be given again.",
)


def recording_options(
    *, launches: bool, runs: int = 1, warmups: int = 0
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a decorator with the options of everything that records; how often is for what can be launched."""
    options: list[Option] = [
        click.option("--name", default="", callback=checked_name, help="Name of the session."),
        click.option(
            "--tag", "tags", multiple=True, callback=checked_tags, help="Tag the session; may be given again."
        ),
        click.option("--rate", type=click.IntRange(1, 1000), default=None, help="Looks per second [100]."),
        click.option(
            "--duration",
            type=click.FloatRange(min=0, min_open=True),
            callback=_checked_seconds,
            help="Stop after so many seconds.",
        ),
        click.option(
            "--sampling",
            type=click.Choice(["auto", "blocking", "nonblocking"]),
            default=None,
            help="blocking: exact stacks; nonblocking: never stops the target, approximate [auto].",
        ),
        click.option(
            "--subprocesses/--no-subprocesses", default=None, help="Sample child processes [as soon as there are any]."
        ),
        *_MEMORY_OPTIONS,
        scrape_option,
        click.option("--budget", help="Budget to hold the run against: a file, or the name of one in budgets/."),
        click.option(
            "--keep-sources/--no-keep-sources",
            default=None,
            help="Keep the text of the project's own files that ran in the session: at most 2,000 files, 2 MiB each, "
            "64 MiB in all, compressed [no].",
        ),
        serve_metrics_option,
        click.option("--durable", is_flag=True, help="Survive a power cut too: sync every commit."),
        json_option,
        click.option("--quiet", "-q", is_flag=True, help="No progress and no workload output."),
        sessions_option,
    ]
    if launches:
        options += [
            click.option(
                "--ingest",
                "ingest",
                callback=_checked_result,
                metavar="TOOL[:PATH]",
                help=f"Read what a benchmark tool in the workload has measured, when it has ended: "
                f"{', '.join(BENCHMARK_TOOLS)}.",
            ),
            click.option(
                "--two-pass",
                is_flag=True,
                help="Run the workload twice, once for CPU and once for memory: twice the time, and true CPU seconds.",
            ),
            click.option(
                "--lines",
                is_flag=True,
                help="Take lines of the workload's output for metrics and marks, in any language: "
                "`perftui: gauge queue 12`.",
            ),
            *([_KEEP_TARGET] if runs == 1 else []),
            *BASELINE_OPTIONS,
            *repeat_options(runs=runs, warmups=warmups),
        ]

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate

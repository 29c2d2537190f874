"""The tables of settings and workload profiles: each value checked, each complaint with its place."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from perftui.model.workload import MemoryOptions, RecordMode, Retention, SamplingMode, SamplingOptions
from perftui.settings.directories import expanded
from perftui.settings.options import (
    FASTEST_REFRESH_HZ,
    LONGEST_VIEW_S,
    LONGEST_WINDOW_S,
    MOST_BYTES,
    MOST_DAYS,
    MOST_HZ,
    MOST_KEPT,
    SHORTEST_VIEW_S,
    SHORTEST_WINDOW_S,
    SLOWEST_REFRESH_HZ,
    canonical,
)
from perftui.settings.spec import AlertOptions, Motion, RetentionOptions, Settings, ViewOptions
from perftui.toml.table import Table, shown
from perftui.units import Unit

_RENAMES_HINT = 'write "old.py:old_name" = "new.py:new_name", or "old.py" = "new.py" for all that is in a file'

MOST_REPEATS = 1_000
MOST_WARMUPS = 100


def settings_of(top: Table, base: Settings) -> Settings:
    """Return `base` with what a table of settings says laid over it."""
    refresh_hz = top.number("refresh_hz", at_most=FASTEST_REFRESH_HZ)
    if refresh_hz is not None and refresh_hz < SLOWEST_REFRESH_HZ:
        raise top.error("refresh_hz", f"must be at least {SLOWEST_REFRESH_HZ:g}", hint="4 is usual")
    inner = {key: top.table(key) for key in ("sampling", "memory", "view", "alerts", "retention", "compare")}
    settings = replace(
        base,
        theme=_theme(top) or base.theme,
        refresh_hz=refresh_hz or base.refresh_hz,
        motion=Motion(top.choice("motion", [motion.value for motion in Motion], base.motion.value)),
        editor=top.text("editor", base.editor),
        confirm=top.flag("confirm", default=base.confirm),
        sessions_dir=_path(top, "sessions_dir") or base.sessions_dir,
        budget_file=_path(top, "budget_file") or base.budget_file,
        keep_sources=top.flag("keep_sources", default=base.keep_sources),
        sampling=sampling_table(inner["sampling"], base.sampling),
        mode=mode_of(top, base.mode),
        memory=memory_table(inner["memory"], base.memory),
        view=_view(inner["view"], base.view),
        alerts=_alerts(inner["alerts"], base.alerts),
        retention=_retention(inner["retention"], base.retention),
        renames={**base.renames, **_renames(inner["compare"])},
    )
    top.close()
    said = [key for key in top.names() if key not in inner]
    said += [f"{name}.{key}" for name, table in inner.items() for key in table.names()]
    return replace(settings, origins={**base.origins, **dict.fromkeys(map(canonical, said), str(top.file))})


def sampling_table(table: Table, usual: SamplingOptions) -> SamplingOptions:
    """Return how to sample CPU."""
    rate_hz = table.whole("rate_hz", above_zero=True, at_most=MOST_HZ)
    window_s = table.quantity("window", Unit.SECONDS, at_most=LONGEST_WINDOW_S)
    if window_s is not None and window_s < SHORTEST_WINDOW_S:
        raise table.error(table.key_of("window", Unit.SECONDS), "must be at least 100 ms", hint="0.5 s is usual")
    mode = table.choice("mode", [mode.value for mode in SamplingMode], usual.mode.value)
    follow = table.maybe_flag("follow_children")
    overhead = table.quantity("overhead", Unit.PERCENT, above_zero=True, at_most=100.0)
    native = table.flag("native", default=usual.native)
    table.close()
    return replace(
        usual,
        rate_hz=rate_hz or usual.rate_hz,
        window_s=window_s or usual.window_s,
        mode=SamplingMode(mode),
        follow_children=usual.follow_children if follow is None else follow,
        overhead_percent=overhead or usual.overhead_percent,
        native=native,
    )


def mode_of(top: Table, usual: RecordMode) -> RecordMode:
    """Return what a recording looks at."""
    return RecordMode(top.choice("mode", [mode.value for mode in RecordMode], usual.value))


def memory_table(table: Table, usual: MemoryOptions) -> MemoryOptions:
    """Return how to trace allocations."""
    options = MemoryOptions(
        native=table.flag("native", default=usual.native),
        pymalloc=table.flag("pymalloc", default=usual.pymalloc),
        children=table.flag("children", default=usual.children),
        retention=Retention(
            table.choice("capture", [retention.value for retention in Retention], usual.retention.value)
        ),
    )
    table.close()
    return options


def _view(table: Table, usual: ViewOptions) -> ViewOptions:
    window_s = _view_seconds(table, "window", usual.window_s)
    half_life_s = _view_seconds(table, "half_life", usual.half_life_s)
    shares = ("threshold_percent", "warn_percent", "critical_percent")
    threshold, warn, critical = (table.number(key, at_most=100.0) for key in shares)
    table.close()
    options = ViewOptions(
        window_s=window_s,
        half_life_s=half_life_s,
        threshold_percent=usual.threshold_percent if threshold is None else threshold,
        warn_percent=usual.warn_percent if warn is None else warn,
        critical_percent=usual.critical_percent if critical is None else critical,
    )
    if options.warn_percent > options.critical_percent:
        key = "warn_percent" if "warn_percent" in table else "critical_percent"
        message = f"a warning from {options.warn_percent:g} % would come after critical, {options.critical_percent:g} %"
        raise table.error(key, message, hint="warn_percent must be at most critical_percent")
    return options


def _view_seconds(table: Table, key: str, usual: float) -> float:
    seconds = table.quantity(key, Unit.SECONDS, at_most=LONGEST_VIEW_S)
    if seconds is not None and seconds < SHORTEST_VIEW_S:
        raise table.error(table.key_of(key, Unit.SECONDS), "must be at least 500 ms", hint="10 s is usual")
    return usual if seconds is None else seconds


def _alerts(table: Table, usual: AlertOptions) -> AlertOptions:
    options = AlertOptions(
        notices=table.flag("notices", default=usual.notices),
        bell=table.flag("bell", default=usual.bell),
        desktop=table.flag("desktop", default=usual.desktop),
    )
    table.close()
    return options


def _retention(table: Table, usual: RetentionOptions) -> RetentionOptions:
    days = table.number("days", at_most=MOST_DAYS)
    keep = table.whole("keep", at_most=MOST_KEPT)
    size = table.quantity("bytes", Unit.BYTES, at_most=MOST_BYTES)
    table.close()
    return RetentionOptions(
        usual.days if days is None else days,
        usual.keep if keep is None else keep,
        usual.bytes if size is None else size,
    )


def _renames(compare: Table) -> dict[str, str]:
    table = compare.table("renames")
    compare.close()
    renames: dict[str, str] = {}
    for old in table.names():
        new = table.text(old)
        for written in (old, new):
            if not written.strip(":") or not written.isprintable() or ("\\" in written):
                raise table.error(old, f'"{shown(written)}" is no file or function', hint=_RENAMES_HINT)
        if (":" in old) is not (":" in new):
            raise table.error(old, "a function must become a function, and a file a file", hint=_RENAMES_HINT)
        renames[old] = new
    return renames


def _theme(top: Table) -> str:
    theme = top.text("theme")
    if "theme" in top and not theme.strip():
        raise top.error("theme", "is empty", hint='"perftui-dark" and "perftui-light" are there')
    return theme


def _path(top: Table, key: str) -> Path | None:
    written = top.text(key)
    if key in top and not written:
        raise top.error(key, "is empty", hint="leave the key out for the usual place")
    return top.file.absolute().parent / expanded(written) if written else None

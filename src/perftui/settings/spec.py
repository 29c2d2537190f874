"""What workload profiles and settings say: frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from perftui.model.scrape import Scrape
from perftui.model.workload import BenchmarkResult, MemoryOptions, RecordMode, SamplingOptions, Workload


@dataclass(frozen=True, slots=True)
class WorkloadProfile:
    """How to launch a workload, and how to observe it."""

    name: str
    path: Path
    workload: Workload
    description: str = ""
    stdin: Path | None = None
    """File that the workload reads from its standard input; nothing where it is None."""
    terminal: bool = False
    """Whether the workload gets a terminal of its own, so that it prints line by line."""
    sampling: SamplingOptions = field(default_factory=SamplingOptions)
    mode: RecordMode = RecordMode.CPU
    memory: MemoryOptions = field(default_factory=MemoryOptions)
    two_pass: bool = False
    """Run the workload twice, once for CPU and once for memory; its mode is then BOTH."""
    duration_s: float | None = None
    """End the run after this time."""
    repeat: int = 1
    """Record so many runs as one group."""
    warmup: int = 0
    """Before them, so many runs whose recordings are thrown away."""
    keep_target: bool = False
    """Leave the workload running when the recording stops."""
    keep_sources: bool = False
    """Keep the text of the project's own source files in the session."""
    scrapes: tuple[Scrape, ...] = ()
    """Endpoints of metrics that are read meanwhile."""
    lines: bool = False
    """Take lines of the output that begin with `perftui:` for metrics and marks."""
    ingest: BenchmarkResult | None = None
    """What a benchmark tool in the workload leaves, to be read when the run has ended."""
    budget: Path | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ProfileEntry:
    """A workload profile in a list; a broken one is listed with what is wrong, and hides no other."""

    name: str
    path: Path
    origin: str
    """Where it was found: `project`, `user` or `bundled`."""
    profile: WorkloadProfile | None
    error: str = ""

    @property
    def description(self) -> str:
        """What it says of itself."""
        return self.profile.description if self.profile else ""


@dataclass(frozen=True, slots=True)
class ViewOptions:
    """How a live view chooses and colours what it shows."""

    window_s: float = 10.0
    """Length of a view of the last seconds."""
    half_life_s: float = 5.0
    """After this time a sample counts half in a fading view."""
    threshold_percent: float = 0.0
    """Share of the whole below which frames and rows may be left out; zero leaves out nothing."""
    warn_percent: float = 20.0
    """Share of the whole from which a figure is drawn as a warning."""
    critical_percent: float = 50.0
    """Share of the whole from which a figure is drawn as critical."""


class Motion(Enum):
    """How much on the screen may move by itself."""

    FULL = "full"
    REDUCED = "reduced"
    """Nothing slides, fades or blinks, and a live view is drawn once a second."""


@dataclass(frozen=True, slots=True)
class AlertOptions:
    """How a person is told of what happens while they look elsewhere."""

    notices: bool = True
    """A notice on the screen."""
    bell: bool = False
    """The terminal's bell."""
    desktop: bool = False
    """A notification of the desktop, asked for by an escape sequence (OSC 9)."""


@dataclass(frozen=True, slots=True)
class RetentionOptions:
    """Which sessions go by themselves when a recording has ended; 0 is no limit, and none holds unless it is set."""

    days: float = 0.0
    """Older ones go."""
    keep: int = 0
    """Of each workload so many stay, the newest."""
    bytes: float = 0.0
    """The oldest go until all sessions with their captures take no more."""


PALETTES = (
    "perftui-dark",
    "perftui-light",
    "perftui-safe-dark",
    "perftui-safe-light",
    "perftui-contrast-dark",
    "perftui-contrast-light",
    "mono",
)
"""The themes that are made for perftui; those of Textual may be named too."""
MONO = PALETTES[-1]
"""The theme without colours."""
_CALM_HZ = 1.0
_REMOTE_SHARE = 0.5
"""Over SSH each frame is bytes on a line that may be slow."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What holds where the command line and a workload profile say nothing else."""

    theme: str = "perftui-dark"
    refresh_hz: float = 4.0
    """How often a live view is drawn, in a terminal of this machine."""
    motion: Motion = Motion.FULL
    editor: str = ""
    """Command that opens a source file; empty for `$VISUAL`, then `$EDITOR`."""
    confirm: bool = True
    """Ask before a workload is ended."""
    sessions_dir: Path | None = None
    """None is the usual place."""
    budget_file: Path | None = None
    """The budget of a run that names none."""
    keep_sources: bool = False
    """Keep the text of the project's own source files in each session."""
    sampling: SamplingOptions = field(default_factory=SamplingOptions)
    mode: RecordMode = RecordMode.CPU
    memory: MemoryOptions = field(default_factory=MemoryOptions)
    view: ViewOptions = field(default_factory=ViewOptions)
    alerts: AlertOptions = field(default_factory=AlertOptions)
    retention: RetentionOptions = field(default_factory=RetentionOptions)
    renames: Mapping[str, str] = field(default_factory=dict)
    """Functions or files of a baseline to what they are called now, for comparisons: `file.py:name` or `file.py`."""
    remote: bool = False
    """The terminal is reached over SSH."""
    origins: Mapping[str, str] = field(default_factory=dict)
    """Key to where its value comes from; a key that is not there has its default."""

    @property
    def why_slower(self) -> str:
        """Why a live view is drawn less often than `refresh_hz`; empty where it is not."""
        reasons = [
            "half as often over SSH" if self.remote else "",
            "once a second with reduced motion" if self.motion is Motion.REDUCED else "",
        ]
        return ", ".join(filter(None, reasons)) if self.drawn_hz != self.refresh_hz else ""

    @property
    def drawn_hz(self) -> float:
        """How often a live view is drawn here: half as often over SSH, once a second with reduced motion."""
        here = self.refresh_hz * (_REMOTE_SHARE if self.remote else 1.0)
        return min(_CALM_HZ, here) if self.motion is Motion.REDUCED else here

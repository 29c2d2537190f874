"""What workload profiles and settings say: frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from perftui.model.workload import MemoryOptions, RecordMode, SamplingOptions, Workload


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
    keep_target: bool = False
    """Leave the workload running when the recording stops."""
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


@dataclass(frozen=True, slots=True)
class Settings:
    """What holds where the command line and a workload profile say nothing else."""

    theme: str = "perftui-dark"
    refresh_hz: float = 4.0
    """How often a live view is drawn."""
    sessions_dir: Path | None = None
    """None is the usual place."""
    budget_file: Path | None = None
    """The budget of a run that names none."""
    sampling: SamplingOptions = field(default_factory=SamplingOptions)
    mode: RecordMode = RecordMode.CPU
    memory: MemoryOptions = field(default_factory=MemoryOptions)
    view: ViewOptions = field(default_factory=ViewOptions)
    origins: Mapping[str, str] = field(default_factory=dict)
    """Key to where its value comes from; a key that is not there has its default."""

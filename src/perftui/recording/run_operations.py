"""What a benchmark tool inside of a workload has measured, read when the run has ended."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from perftui.errors import NoDataError, OperationFormatError
from perftui.formats.operations.base import ToolReport
from perftui.formats.operations.files import is_directory
from perftui.formats.operations.registry import OperationFormat, format_named, read_data, read_path
from perftui.model.session import OutputChunk
from perftui.model.workload import PLACED_TOOLS, BenchmarkResult, Workload
from perftui.recording.operation_import import without_secrets
from perftui.text import printable

MOST_OUTPUT_BYTES = 32 << 20
"""Of what the workload prints, so much is looked through for results."""
_SLACK_S = 0.05
"""File systems stamp files with a clock that is a little behind."""
_CARGO_TARGET = "CARGO_TARGET_DIR"


class RunOperations:
    """Collects what is needed of a run to read the result of its benchmark tool."""

    def __init__(self, result: BenchmarkResult, workload: Workload) -> None:
        self.result = result
        self._workload = workload
        self._output = bytearray()
        self._left_out = 0

    def hear(self, chunk: OutputChunk) -> None:
        """Take what the workload printed, where the result stands in it."""
        if not self.result.is_printed:
            return
        kept = chunk.data[: max(0, MOST_OUTPUT_BYTES - len(self._output))]
        self._output += kept
        self._left_out += len(chunk.data) - len(kept)

    def read(self, began_epoch_s: float) -> ToolReport:
        """Return what the tool has measured in this run, which began at a time of day.

        Raises:
            OperationFormatError: The result is not what it should be.
            NoDataError: There is none of this run.
        """
        report = self._read(began_epoch_s)
        return replace(report, operations=without_secrets(report.operations))

    def _read(self, began_epoch_s: float) -> ToolReport:
        wanted = format_named(self.result.tool)
        if self.result.is_printed:
            if self._left_out:
                raise NoDataError(
                    f"the workload printed more than {MOST_OUTPUT_BYTES >> 20} MiB, too much to look for results in",
                    hint=f"write the result to a file: --ingest {self.result.tool}:FILE",
                )
            return self._read_output(wanted)
        return read_path(self._place(), wanted, newer_than_s=began_epoch_s - _SLACK_S)

    def _read_output(self, wanted: OperationFormat) -> ToolReport:
        try:
            return read_data(bytes(self._output), wanted, called="the workload's output")
        except OperationFormatError as error:
            hint = f"what stands in a file is read with --ingest {self.result.tool}:FILE"
            raise OperationFormatError(error.message, hint=hint) from None

    def _place(self) -> Path:
        """Return where the tool leaves its result: as was said, or where it usually does, here or further up."""
        cwd = (self._workload.cwd or Path.cwd()).absolute()
        if self.result.path:
            return cwd / Path(self.result.path).expanduser()
        usual = PLACED_TOOLS[self.result.tool]
        if self.result.tool == "criterion":
            target = self._workload.env.get(_CARGO_TARGET) or os.environ.get(_CARGO_TARGET)
            if target:
                return cwd / target / "criterion"
        # Cargo writes to the workspace, pytest to its root: both may be above the directory that they run in.
        found = next((folder / usual for folder in (cwd, *cwd.parents) if is_directory(folder / usual)), None)
        if found is None:
            raise NoDataError(
                f"there is no {usual} in {printable(str(cwd))}",
                hint=f"did the benchmarks run? Say where they write: --ingest {self.result.tool}:PATH",
            )
        return found

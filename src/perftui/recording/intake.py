"""Where everything that is observed comes in: a thread for each source and for the workload's output, one queue."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass

from perftui.errors import ObserveError
from perftui.model.session import OutputChunk
from perftui.recording.output_reader import OutputReader
from perftui.sources.base import Source, SourceEvent, SourceState, SourceStatus

POLL_S = 0.1
_OVER = (SourceState.ENDED, SourceState.FAILED)


@dataclass(frozen=True, slots=True)
class _SourceEnded:
    name: str


@dataclass(frozen=True, slots=True)
class _OutputEnded:
    pass


Observed = SourceEvent | OutputChunk


class Intake:
    """Runs sources and takes what they see, in the order in which it comes; used by one thread."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._queue: queue.SimpleQueue[Observed | _SourceEnded | _OutputEnded] = queue.SimpleQueue()
        self._stop_sources = threading.Event()
        self._stop_output = threading.Event()
        self.running: set[str] = set()
        """Names of the sources that have not ended."""
        self.output_open = False
        """Whether the workload may still print."""

    def put(self, observed: Observed) -> None:
        """Add something as if a source had seen it."""
        self._queue.put(observed)

    def run(self, source: Source) -> None:
        """Run a source in a thread of its own until it ends or `stop_sources` asks for it."""
        self.running.add(source.name)
        stop = self._stop_sources
        self._begin(f"source {source.name}", lambda: self._drive(source, stop))

    def read(self, descriptor: int) -> None:
        """Read the workload's output until its end, or until shortly after `stop_output` asks for it."""
        self.output_open = True
        self._begin("workload output", lambda: self._read(descriptor))

    def stop_sources(self) -> None:
        """Ask all sources to end; their last events still come. Sources that run from now on are not meant."""
        self._stop_sources.set()
        self._stop_sources = threading.Event()

    def stop_output(self) -> None:
        """Ask for no more output than is on the way."""
        self._stop_output.set()

    def take(self, timeout_s: float) -> Observed | None:
        """Return what came next, or None where nothing came in time, or only an end."""
        try:
            event = self._queue.get(timeout=timeout_s) if timeout_s else self._queue.get_nowait()
        except queue.Empty:
            return None
        match event:
            case _SourceEnded():
                self.running.discard(event.name)
            case _OutputEnded():
                self.output_open = False
            case _:
                return event
        return None

    def is_empty(self) -> bool:
        """Say whether nothing waits."""
        return self._queue.empty()

    def _begin(self, name: str, work: Callable[[], None]) -> None:
        threading.Thread(target=work, name=name, daemon=True).start()

    def _drive(self, source: Source, stop: threading.Event) -> None:
        try:
            source.start()
            while not stop.is_set():
                for event in source.poll(POLL_S):
                    self._queue.put(event)
                    if isinstance(event, SourceStatus) and event.state in _OVER:
                        return
        except ObserveError as error:
            self._queue.put(SourceStatus(source.name, SourceState.FAILED, error.message, error.hint))
        except Exception as error:  # noqa: BLE001 (a worker's edge: whatever it is, the person is told)
            self._queue.put(SourceStatus(source.name, SourceState.FAILED, f"internal error: {error!r}"))
        finally:
            for event in source.stop():
                self._queue.put(event)
            self._queue.put(_SourceEnded(source.name))

    def _read(self, descriptor: int) -> None:
        try:
            OutputReader(descriptor, clock=self._clock, stop=self._stop_output, hand_over=self._queue.put).run()
        finally:
            self._queue.put(_OutputEnded())

"""What a session is advised, on its screen: worked out in steps while its pane is seen, and followed to its lines."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from functools import partial

from perftui.analysis.advice import HOLDERS
from perftui.analysis.bottlenecks import TIMES_FASTER
from perftui.analysis.call_tree import FunctionKey, function_key
from perftui.model.frame import Frame
from perftui.recording.advising import Advice, Adviser, SteadyAdvice, why_no_finding
from perftui.recording.update import Phase
from perftui.ui.in_steps import PAUSE_S, InSteps
from perftui.ui.later import later
from perftui.ui.lens import CPU, Lens
from perftui.ui.screens.range_screen import RangeScreen
from perftui.ui.screens.source_screen import SourceScreen
from perftui.ui.widgets.advice_pane import AdvicePane
from perftui.ui.widgets.source_pane import SourcePane

_AGAIN_S = 5.0
"""While a recording runs, advice is worked out anew so often."""
_SPEEDS = (1.5, 2.0, 3.0, 5.0, 10.0, 100.0)
"""How many times faster a bottleneck can be imagined to become."""
_ROWS = 20
_WORKING = "working it out…"
_NO_PLACE = "no line of your own code is known for this"
_NOT_SEEN = "no sample of this function is in what is looked at (U looks at everything); this is its source"


class AdviceScreen(RangeScreen, SourceScreen):
    """A session with advice about all of it, whatever part of it is looked at."""

    _adviser: Adviser | None = None
    _advice: Advice | None = None
    _advised_at_s = 0.0
    _advised_of: object = None
    """What the session was when advice was worked out last."""
    _speed = TIMES_FASTER
    _steady_advice: SteadyAdvice | None = None
    _advising: InSteps | None = None

    @abstractmethod
    def action_pane(self, pane: str) -> None:
        """Bring a pane to the front, and give it the keys."""

    # Drawing.

    def _draw_advice(self) -> None:
        """Draw advice where its pane is in front, and see to it that it is worked out where it is not of now."""
        pane = self.query_one(AdvicePane)
        if not pane.display:
            return
        model, steps = self._model, self._advising
        state = (model.phase is Phase.DONE, model.aggregate.samples, model.measures.reading_count, model.waits.looks)
        known_s = model.elapsed_s - self._advised_at_s
        due = self._advice is None or model.phase is Phase.DONE or known_s >= _AGAIN_S
        if due and state != self._advised_of and (steps is None or not steps.busy):
            self._advised_of, self._advised_at_s = state, model.elapsed_s
            if steps is None:
                steps = self._advising = InSteps(partial(later, self, PAUSE_S))
            steps.begin(self._advise_in_steps(), long=True)
        self._show_advice()

    def _show_advice(self) -> None:
        advice = self._advice
        empty = _WORKING if advice is None else why_no_finding(self._model)
        self.query_one(AdvicePane).show(advice, empty=empty, cwd=self._view.cwd)

    def _advise_in_steps(self) -> Iterator[None]:
        model = self._model
        adviser = self._adviser = self._adviser or Adviser(model)
        steady = self._steady_advice = self._steady_advice or SteadyAdvice()
        found = yield from adviser.steps(top=_ROWS, times=self._speed)
        ended = model.phase is Phase.DONE
        self._advice = found.at(self._speed) if ended else steady.update(found, model.elapsed_s).at(self._speed)
        self._show_advice()

    # What a person does.

    def on_advice_pane_faster(self, message: AdvicePane.Faster) -> None:
        """Imagine bottlenecks to become more or fewer times faster."""
        at, last = _SPEEDS.index(self._speed), len(_SPEEDS) - 1
        wanted = at + message.step if message.step else (at + 1) % len(_SPEEDS)
        self._speed = _SPEEDS[max(0, min(wanted, last))]
        if self._advice is not None:
            self._advice = self._advice.at(self._speed)
        self._show_advice()

    def on_advice_pane_chosen(self, message: AdvicePane.Chosen) -> None:
        """Open the source at a line, and select its function in the flames."""
        frame = message.frame
        if frame is None:
            self.notify(_NO_PLACE, markup=False)
        else:
            found = self._find_function(function_key(frame), of_memory=message.of_memory)
            self._unsampled = None if found else (self._view.selected, function_key(frame))
            if not found:
                self.notify(_NOT_SEEN, timeout=4, markup=False)
            self._open_source_at(frame)

    def _find_function(self, function: FunctionKey, *, of_memory: bool) -> bool:
        """Select a function, through another lens where that is the one that speaks of it; say whether it is there."""
        wanted: tuple[Lens, ...] = HOLDERS if of_memory else (CPU,)
        lens = next((each for each in wanted if each in self._lenses), self._view.lens)
        if self._view.lens not in wanted:
            self._look_through(lens)
        node = self._node_of(function)
        if node is not None:
            self._select_node(node)
        return node is not None

    def _open_source_at(self, frame: Frame) -> None:
        self.action_pane("source")
        if frame.line:
            self.query_one(SourcePane).go_to(frame.line)

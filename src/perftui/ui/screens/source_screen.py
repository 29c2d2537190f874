"""The source of what is selected: shown in a pane, opened in an editor, and copied where it is."""

from __future__ import annotations

import os
from abc import abstractmethod
from collections.abc import Callable, Mapping

from textual import work
from textual.app import SuspendNotSupported
from textual.worker import get_current_worker

from perftui.analysis.aggregate import Aggregate
from perftui.analysis.call_tree import FunctionKey
from perftui.analysis.code_origin import place
from perftui.analysis.line_heat import LineHeat, LineWeight
from perftui.model.frame import Frame
from perftui.model.source_file import SourceFile
from perftui.recording.source_text import SourceText, read_source, standing_of, text_that_ran, why_no_file
from perftui.sources.side_process import run_on_terminal
from perftui.text import printable
from perftui.ui.screens.editor import editor_command
from perftui.ui.screens.flame_screen import FlameScreen
from perftui.ui.screens.looked_at import LookedAt
from perftui.ui.view_state import Path, ViewState
from perftui.ui.widgets.source_code import SourceCode, is_python
from perftui.ui.widgets.source_pane import SourceFacts, SourcePane, hottest_line
from perftui.ui.widgets.source_view import SourceView
from perftui.units import Unit, format_value

_MOST_SOURCES = 16
"""Files that are kept, so that walking up and down a stack reads each of them once."""
_TOLD_LINES = 4
_LOOK_AGAIN_S = 2.0
"""While a recording runs, its source may be edited: it is looked at again so often."""
_SELECT_FIRST = "select a frame first"


class SourceScreen(FlameScreen):
    """A screen with flames and a source pane."""

    def __init__(self, view: ViewState) -> None:
        super().__init__(view)
        self.read_file: Callable[..., SourceText] = read_source
        self._sources: dict[str, SourceCode] = {}
        self._asked = ""
        """File that was read last, or is being read."""
        self._asked_at_s = 0.0
        self._heat: LineHeat | None = None
        self._lines = _FunctionLines()
        self._unsampled: tuple[Path, FunctionKey] | None = None
        """A function that no frame stands for, whose source was asked for, and what was selected then."""
        self._copied: tuple[Path, int] = ((), 0)
        """What was copied from last, and which of the texts about it comes next."""

    @property
    @abstractmethod
    def _shown(self) -> LookedAt:
        """The session through what is looked at."""

    # The pane.

    def _draw_source(self, *, anew: bool = False) -> None:
        """Draw the source where its pane is in front; `anew` looks whether the file is still the same."""
        if self.query_one(SourceView).display:
            if anew:
                self._asked = ""
            self.query_one(SourcePane).show(self._source_facts())

    @property
    def _source_function(self) -> FunctionKey | None:
        """The selected function, or the one that was asked for since it was selected."""
        asked = self._unsampled
        return asked[1] if asked is not None and asked[0] == self._view.selected else self._view.function

    def _source_facts(self) -> SourceFacts:
        function, view = self._source_function, self._view
        if function is None:
            return SourceFacts()
        file, name = function
        shown = SourceFacts((view.lens, function), name, place(file, view.cwd), sentence=self._why_no_source(function))
        if shown.sentence:
            return shown
        code = self._source_of(file)
        heat, unit = self._heat_of(file), self._shown.scoped.aggregate.tree.unit
        lines = self._lines.of(self._shown.scoped.aggregate, function) or set(heat)
        shown = shown._replace(heat=heat, function_lines=lines, unit=unit)
        if code is None:
            return shown._replace(sentence="reading…")
        if code.text.trouble:
            return shown._replace(sentence=f"{code.text.trouble} {_hot_lines(heat, lines, unit)}".strip())
        model = self._shown.model
        standing = standing_of(code.text, model.meta, last_line=max(heat, default=0), ran=model.sources.get(file))
        return shown._replace(code=code, badge=standing.words, sure=standing.sure)

    def _why_no_source(self, function: FunctionKey) -> str:
        if self._shown.is_branch(function):
            return "This is no function: select a frame below it."
        file, name = function
        return why_no_file(Frame(name, file))

    def _heat_of(self, file: str) -> Mapping[int, LineWeight]:
        profile = self._shown.scoped.profile
        if self._heat is None or self._heat.profile is not profile or self._heat.file != file:
            self._heat = LineHeat(profile, file)
        else:
            self._heat.update()
        return self._heat.lines

    # Reading.

    def _source_of(self, file: str) -> SourceCode | None:
        """Return what is known of a file, and see to it that it is read where it was not just now."""
        known, now_s = self._sources.get(file), self._shown.model.elapsed_s
        if file != self._asked or now_s - self._asked_at_s >= _LOOK_AGAIN_S:
            self._asked, self._asked_at_s = file, now_s
            self._read(file, known, self._shown.model.sources.get(file))
        return known

    @work(thread=True, exclusive=True, exit_on_error=False, group="source")
    def _read(self, file: str, known: SourceCode | None, ran: SourceFile | None) -> None:
        """Read a file beside the screen: it may lie on a disk that takes its time."""
        before = known.text if known is not None else None
        text = text_that_ran(self.read_file(file, cwd=self._view.cwd, known=before), ran, known=before)
        if known is not None and text is known.text:
            return
        code = SourceCode(text, python=is_python(file))
        if not get_current_worker().is_cancelled:
            self.app.call_from_thread(self._take_source, file, code)

    def _take_source(self, file: str, code: SourceCode) -> None:
        self._sources.pop(file, None)
        if len(self._sources) >= _MOST_SOURCES:
            del self._sources[next(iter(self._sources))]
        self._sources[file] = code
        if self.is_mounted:
            self._draw_source()

    # What a person does.

    def action_edit(self) -> None:
        """Open the source of the selected function in the person's editor; the recording goes on."""
        # After what was typed before it has been told to the screen.
        self.call_later(self._open_editor)

    def _open_editor(self) -> None:
        function = self._source_function
        trouble = _SELECT_FIRST if function is None else self._why_no_source(function)
        if function is None or trouble:
            self.notify(trouble, markup=False)
            return
        text = self.read_file(function[0], cwd=self._view.cwd)
        command = editor_command(self._editor_environment, text.path, self._line_of(function))
        if text.trouble:
            self.notify(printable(text.trouble), severity="warning", markup=False)
        elif command is None:
            self.notify(
                "There is no such editor: set it in the settings (,) or in $EDITOR.", severity="warning", markup=False
            )
        else:
            self._edit(command)
            self._draw_source(anew=True)

    @property
    def _editor_environment(self) -> Mapping[str, str]:
        chosen = self.settings.editor
        return {**os.environ, "VISUAL": chosen} if chosen else os.environ

    def _edit(self, command: list[str]) -> None:
        trouble = ""
        try:
            with self.app.suspend():
                # Nothing may be raised in here: the terminal would not be taken back.
                try:
                    code = run_on_terminal(command)
                    trouble = f"The editor ended with status {code}." if code else ""
                except OSError as error:
                    trouble = f"The editor could not be started: {error.strerror}."
        except SuspendNotSupported:
            trouble = "An editor cannot have this terminal."
        if trouble:
            self.notify(trouble, severity="warning", markup=False)

    def _line_of(self, function: FunctionKey) -> int:
        """Return the line with the cursor of the pane, where that shows the function; otherwise its hottest line."""
        pane = self.query_one(SourcePane)
        if self.query_one(SourceView).display and pane.cursor:
            return pane.cursor
        lines = self._lines.of(self._shown.scoped.aggregate, function)
        return hottest_line(self._heat_of(function[0]), lines) or max(1, min(lines, default=1))

    def action_copy(self) -> None:
        """Copy where the selected frame is; asked again, its stack; asked once more, its name."""
        selected, function = self._view.selected, self._view.function
        if function is None:
            self.notify(_SELECT_FIRST, markup=False)
            return
        before, turn = self._copied
        texts = self._copies(function)
        turn = turn % len(texts) if before == selected else 0
        self._copied = selected, turn + 1
        what, text = texts[turn]
        self.app.copy_to_clipboard(text)
        following = texts[(turn + 1) % len(texts)][0]
        self.notify(f"copied its {what}; Y again copies its {following}", timeout=2, markup=False)

    def _copies(self, function: FunctionKey) -> list[tuple[str, str]]:
        """Return what can be copied of a frame, each text with what it is; what is pasted must not act either."""
        path = self._view.selected
        stack = "\n".join(_told(each) for each in (reversed(path) if self._view.inverted else path))
        file, name = function
        where = f"{printable(file)}:{self._line_of(function)}" if not self._why_no_source(function) else _told(function)
        return [("place", where), ("stack", stack), ("name", printable(name))]


class _FunctionLines:
    """Lines of one function that were seen running, kept up to date."""

    def __init__(self) -> None:
        self._aggregate: Aggregate | None = None
        self._function: FunctionKey = ("", "")
        self._seen = 0
        self._lines: set[int] = set()

    def of(self, aggregate: Aggregate, function: FunctionKey) -> set[int]:
        """Return the lines of a function; only frames that are new are looked at."""
        if aggregate is not self._aggregate or function != self._function:
            self._aggregate, self._function, self._seen, self._lines = aggregate, function, 0, set()
        frames = aggregate.frames
        new = (frames[i] for i in range(self._seen, len(frames)))
        self._lines.update(frame.line for frame in new if (frame.file, frame.function) == function)
        self._seen = len(frames)
        return self._lines


def _hot_lines(heat: Mapping[int, LineWeight], lines: set[int], unit: Unit) -> str:
    """Return the hottest lines of a function in words, for one whose source cannot be shown."""
    hot = sorted((line for line in lines if line in heat), key=lambda line: (-heat[line].self_weight, line))
    told = [f"{line} ({format_value(heat[line].self_weight, unit)})" for line in hot if heat[line].self_weight > 0]
    return f"Its hottest lines: {', '.join(told[:_TOLD_LINES])}." if told else ""


def _told(function: FunctionKey) -> str:
    file, name = function
    return printable(f"{name} ({file})" if file else name)

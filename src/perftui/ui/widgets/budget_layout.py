"""How many cells each part of a rule has in the budget panel, by how wide it is and what its rules are called."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from perftui.model.verdict import RuleVerdict
from perftui.ui.widgets.cells import clean, fit
from perftui.ui.widgets.verdict_text import word_of

WORD_CELLS = 10
"""A sign and the longest of the usual words; a longer word is written out only where there is room."""
_WIDE = 96
"""Cells from which a rule and the reason of its verdict stand on one line."""
_ROOMY = 64
_FIGURES_CELLS = 24
_BAR_CELLS = 10
_BAR_FROM = 50
"""Cells from which a bar leaves the name of the rule enough room to be told from the others."""


@dataclass(frozen=True, slots=True)
class BudgetLayout:
    """How many cells each part of a rule has; none where it has no room."""

    word: int
    subject: int
    bar: int
    figures: int
    story: int
    """Beside the rule; otherwise the story stands below it."""
    ends: bool = False
    """Names show their ends, because they begin alike."""

    @classmethod
    def of(cls, verdicts: Sequence[RuleVerdict], width: int) -> BudgetLayout:
        """Return the layout for rules in so many cells."""
        subjects = {clean(verdict.subject) for verdict in verdicts}
        if width >= _WIDE:
            word = max([WORD_CELLS, *(len(word_of(verdict.verdict)) + 3 for verdict in verdicts)])
            left = width - word - _FIGURES_CELLS - _BAR_CELLS - 2
            subject = max(6, min(34, left))
            return cls(word, subject, _BAR_CELLS, _FIGURES_CELLS, left - subject, _are_alike(subjects, subject - 1))
        bar = _BAR_CELLS if width >= _ROOMY else 6 if width >= _BAR_FROM else 0
        figures = _FIGURES_CELLS if width >= _ROOMY else 19
        left = width - WORD_CELLS - figures
        if width >= _ROOMY or not _are_alike(subjects, left - 1):
            if bar and not (width < _ROOMY and _are_alike(subjects, left - bar - 3)):
                left -= bar + 2
            else:
                bar = 0
            return cls(WORD_CELLS, max(6, left), bar, figures, 0, _are_alike(subjects, left - 1))
        # Names that would be taken for each other have the line for themselves.
        alone = width - WORD_CELLS
        return cls(WORD_CELLS, max(6, alone), 0, 0, 0, _are_alike(subjects, alone - 1))


def _are_alike(subjects: Collection[str], cells: int) -> bool:
    """Say whether rules would be taken for each other if their names had so many cells."""
    return len({fit(subject, max(6, cells)) for subject in subjects}) < len(subjects)

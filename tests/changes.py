"""Changes of functions, as a comparison finds them."""

from __future__ import annotations

from perftui.model.change import Certainty, ChangeVerdict, FunctionChange, MatchKind
from perftui.model.frame import Frame


def change(
    name: str,
    verdict: ChangeVerdict = ChangeVerdict.WITHIN_NOISE,
    *,
    weights: tuple[float, float] = (1.0, 1.0),
    shares: tuple[float, float] = (0.1, 0.1),
    counts: tuple[int, int] = (100, 100),
    certainty: Certainty | None = None,
    match: MatchKind = MatchKind.SAME,
    was: Frame | None = None,
    reason: str = "",
) -> FunctionChange:
    """A function of app.py on both sides."""
    return FunctionChange(
        frame=Frame(name, "app.py"),
        verdict=verdict,
        baseline=weights[0],
        current=weights[1],
        baseline_total=weights[0],
        current_total=weights[1],
        baseline_share=shares[0],
        current_share=shares[1],
        baseline_count=counts[0],
        current_count=counts[1],
        certainty=certainty or Certainty(),
        match=match,
        was=was,
        reason=reason,
    )

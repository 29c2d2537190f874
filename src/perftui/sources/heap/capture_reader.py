"""Captures read to their end: the exact figures of a run, each as soon as it is known."""

from __future__ import annotations

from perftui.sources.heap.captures import captures_of

__all__ = ["captures_of"]

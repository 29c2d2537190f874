"""The text front end: one verb a module, one writer of stdout and one of stderr, one door for errors."""

from perftui.cli.door import main

__all__ = ["main"]

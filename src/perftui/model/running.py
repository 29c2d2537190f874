"""A process that runs, and whether it may be observed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RunningProcess:
    """A Python process as a person chooses it; what is not known is empty or None."""

    pid: int
    parent: int
    """The nearest ancestor that is Python too; 0 for none."""
    user: str
    command: tuple[str, ...]
    cwd: str
    version: str
    """Of its Python: `3.11`."""
    venv: str
    """Name of its virtual environment, with the project's where the name alone says nothing: `shop/.venv`."""
    cpu_percent: float | None
    """Of one core, since the look before."""
    rss_bytes: float | None
    age_s: float
    refusal: str = ""
    """Why it may not be observed, as words that follow its name; empty where nothing speaks against it."""
    why: str = ""
    """The same as a sentence."""
    remedy: str = ""
    """What would help."""
    remark: str = ""
    """What is to be known before it is observed."""

    @property
    def what(self) -> str:
        """What it runs: script or module first, without the interpreter and its options."""
        return " ".join(without_interpreter(self.command))


_OPTIONS_WITH_VALUE = ("-X", "-W", "--check-hash-based-pycs")
"""Options of the interpreter whose value is a word of its own."""


def without_interpreter(command: tuple[str, ...]) -> tuple[str, ...]:
    """Return a command from its script, module or code on; one that names none stays as it is."""
    program, *words = command or ("",)
    if not program.rpartition("/")[2].startswith(("python", "pypy")):
        return (program.rpartition("/")[2], *words) if command else ()
    at = 0
    while at < len(words):
        word = words[at]
        if word in ("-m", "-c"):
            return tuple(words[at + (word == "-m") :])
        if not word.startswith("-") or word == "-":
            return (word.rpartition("/")[2] or word, *words[at + 1 :])
        at += 2 if word in _OPTIONS_WITH_VALUE else 1
    return (program.rpartition("/")[2], *words)

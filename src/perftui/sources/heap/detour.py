# ruff: noqa: PTH100, PTH108, PTH110, PTH118, PTH119, PTH120, PTH121, PTH123, RUF005, UP031
# mypy: ignore-errors
"""The detour: the first interpreter of a command starts itself again, with the boot of the tracker before its program.

Run by the gate, inside the workload, on any Python from 2.7 on; it imports nothing that is not loaded yet. A tracker
that is entered in `sitecustomize` itself would know no stack of the main thread.
"""

import os
import sys

BOOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "boot.py")
# Older interpreters run no memray whose captures ours could read.
OLDEST = (3, 9)
SCRIPT, MODULE, COMMAND, INPUT = "script", "module", "command", "input"
# As in the interpreter's own table of options: those that take a value, and those that name the program.
WITH_VALUE, PROGRAM = "WX", {"c": COMMAND, "m": MODULE}
LONG_WITH_VALUE = "--check-hash-based-pycs"


class UntraceableError(Exception):
    """This interpreter cannot be traced; its argument is a sentence for a person, without quotes and backslashes."""


def command_line():
    """Return the words that this interpreter was started with; empty where they are not known."""
    if hasattr(sys, "orig_argv"):
        return list(sys.orig_argv)
    try:
        with open("/proc/self/cmdline", "rb") as file:
            return [os.fsdecode(word) for word in file.read().split(b"\0")[:-1]]
    except OSError:
        return []


def program_of(words):
    """Return the interpreter's options, the kind of program, and where the program's name stands.

    That is the index of a word and the offset inside it: `-mhttp.server` holds both the option and its value.
    """
    options = []
    index = 1
    while index < len(words):
        word = words[index]
        if word == "--":
            index += 1
            break
        if word == "-" or not word.startswith("-"):
            break
        if word.startswith("--"):
            if word != LONG_WITH_VALUE:
                raise UntraceableError("This way of starting Python is not known")
            options += words[index : index + 2]
            index += 2
            continue
        kept, kind, further = cluster(word)
        if kind:
            options += [kept] if len(kept) > 1 else []
            return (options, kind, index, further) if further < len(word) else (options, kind, index + 1, 0)
        options += words[index : index + 1 + further]
        index += 1 + further
    # An option at the end may lack its value.
    index = min(index, len(words))
    return options, SCRIPT if index < len(words) and words[index] != "-" else INPUT, index, 0


def cluster(word):
    """Read a word like `-uBm`: what of it are mere options, then the kind of program and the offset of its name.

    Without a program: None, and the number of words that follow as the last option's value.
    """
    for offset, letter in enumerate(word[1:], 1):
        if letter in "ix":
            raise UntraceableError("Python is not traced with its option -%s" % letter)
        if letter in PROGRAM:
            return word[:offset], PROGRAM[letter], offset + 1
        if letter in WITH_VALUE:
            return word, None, 1 if offset + 1 == len(word) else 0
    return word, None, 0


def check(words, kind, index):
    """Raise `UntraceableError` for what cannot be started again."""
    name = os.path.basename(os.path.realpath(sys.executable or ""))
    if not name.lower().startswith("python"):
        raise UntraceableError("This Python lives inside another program")
    if os.path.exists("/proc/self/exe") and not os.path.samefile(sys.executable, "/proc/self/exe"):
        raise UntraceableError("This Python cannot be started again: it does not know its own file")
    if kind == INPUT and os.isatty(0):
        raise UntraceableError("An interactive Python is not traced")
    if kind != INPUT and index >= len(words):
        raise UntraceableError("The program is missing")


def claim(capture):
    """Tell whether this is the first interpreter of the command, and make it so."""
    if os.path.exists(capture + ".boot"):
        return False
    try:
        os.close(os.open(capture, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except OSError:
        return False
    return True


def decline(capture, sentence):
    """Say in the boot's own words why there will be no capture."""
    version = ".".join([str(part) for part in sys.version_info[:3]])
    report = '{"pid": %d, "state": "refused", "message": "%s.", "hint": "", "memray": "", "python": "%s"}\n'
    with open(capture + ".boot", "w") as file:
        file.write(report % (os.getpid(), sentence, version))
    os.unlink(capture)


def take(capture, options):
    """Become the same interpreter with the boot before its program; returns where that cannot be."""
    declined = None
    try:
        if sys.version_info < OLDEST:
            raise UntraceableError("memray needs Python %d.%d or newer" % OLDEST)
        words = command_line()
        if not words:
            raise UntraceableError("This Python does not tell how it was started")
        flags, kind, index, offset = program_of(words)
        # What is not there is reported by Python itself.
        if kind == SCRIPT and not os.access(words[index], os.R_OK):
            return
        check(words, kind, index)
    except UntraceableError as error:
        declined = str(error)
    if not claim(capture):
        return
    if declined is None:
        try:
            place = "%s:%d:%d" % (kind, index, offset)
            os.execv(sys.executable, [sys.executable] + flags + [BOOT, capture, options, place] + words)
        except (OSError, ValueError) as error:
            declined = "Python could not be started again (error %s)" % getattr(error, "errno", "of a name")
    decline(capture, declined)

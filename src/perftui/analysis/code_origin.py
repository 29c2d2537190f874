"""Whose code a file is, and the shortest name that still says which file is meant."""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache

from perftui.analysis.normalise import is_installed, normal_file

STDLIB_PREFIX = "<stdlib>/"
SITE_PREFIX = "<site-packages>/"
"""Before the name of an installed package that is looked at as one."""

# Samplers name machine code after the source that it was compiled from, or after the library or program it lies in.
_NATIVE = re.compile(
    r"\.(?:so(?:\.[\d.]+)?|dylib|dll|pyd|exe|c|cc|cpp|cxx|h|hh|hpp|rs|go|S|asm|f|f90|cu|cuh)$"
    r"|(?:^|/)(?:python(?:\d(?:\.\d+)?)?t?|Python|\[vdso\])$"
    # Names in the sources of Cython are relative to where a wheel was built.
    r"|^[^/<].*\.(?:pyx|pxd|pxi)$"
)
_NATIVE_NAMES = ("<built-in", "<method ", "<slot wrapper ", "<unknown", "<native", "<internal")
_PACKAGE_NAMES = (
    SITE_PREFIX,
    "<attrs generated",
    "<__array_function__",
    "<decorator-gen-",
    "<makefun-gen-",
    "<lambdifygenerated-",
    "<eval_with_key>",
)
"""What packages call the code that they write at run time."""
# What installers make so that a package can be started by its name.
_SCRIPT = re.compile(
    r"^(?:/usr(?:/local)?/s?bin|/opt/homebrew/bin|.*/\.local/bin"
    r"|.*/(?:\.?v?env|[^/]*conda\d?|[^/]*forge\d?|(?:envs|\.virtualenvs|\.tox|\.nox)/[^/]+)/(?:bin|Scripts))/[^/]+$"
)


class Origin(Enum):
    """Whose code it is."""

    OWN = "own"
    """The person's own: neither installed nor part of Python; packages installed to be edited are."""
    PACKAGE = "package"
    """An installed package, the script that starts it, and what it writes at run time."""
    STDLIB = "stdlib"
    """The standard library with its frozen modules."""
    NATIVE = "native"
    """Machine code, builtins, and frames without a file."""


@lru_cache(maxsize=65_536)
def origin(file: str) -> Origin:
    """Say whose code a file is."""
    name = file.replace("\\", "/")
    if name.startswith("<"):
        return _origin_of_named(name)
    # `~` is what cProfile writes for builtins.
    if name in ("", "~") or _NATIVE.search(name):
        return Origin.NATIVE
    if is_installed(name) or _SCRIPT.match(name):
        return Origin.PACKAGE
    return Origin.STDLIB if normal_file(name).startswith(STDLIB_PREFIX) else Origin.OWN


def _origin_of_named(name: str) -> Origin:
    """Say whose code something is that lies in no file: what is left is typed by the person, as in `<string>`."""
    if name.startswith(("<frozen ", STDLIB_PREFIX)):
        return Origin.STDLIB
    if name.startswith(_NATIVE_NAMES):
        return Origin.NATIVE
    return Origin.PACKAGE if name.startswith(_PACKAGE_NAMES) else Origin.OWN


@lru_cache(maxsize=65_536)
def place(file: str, root: str = "") -> str:
    """Return a file's name relative to `root`, its package or the standard library, without a marker before it."""
    return normal_file(file, root).removeprefix(STDLIB_PREFIX).removeprefix(SITE_PREFIX)


def tail(name: str, parts: int = 2) -> str:
    """Return the last components of a file name: `services/batch.py`."""
    return "/".join(name.replace("\\", "/").rsplit("/", parts)[-parts:])

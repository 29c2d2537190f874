"""Which words of a Python's command line are its options, and which name the program."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

# Written for any Python, so without types.
detour: Any = import_module("perftui.sources.heap.detour")


@pytest.mark.parametrize(
    ("line", "options", "kind", "name"),
    [
        ("app.py a -m b", "", "script", "app.py"),
        ("-u app.py", "-u", "script", "app.py"),
        ("-u -- app.py", "-u", "script", "app.py"),
        ("-W error -Xdev -X importtime app.py -c", "-W error -Xdev -X importtime", "script", "app.py"),
        ("--check-hash-based-pycs never app.py", "--check-hash-based-pycs never", "script", "app.py"),
        ("-m http.server 80", "", "module", "http.server"),
        ("-mhttp.server 80", "", "module", "http.server"),
        ("-uBm mod -c x", "-uB", "module", "mod"),
        ("-uWignore -Bmmod", "-uWignore -B", "module", "mod"),
        ("-BW ignore -c pass", "-BW ignore", "command", "pass"),
        ("-cpass -m x", "", "command", "pass"),
        ("- a b", "", "input", "-"),
        ("-u", "-u", "input", ""),
        ("", "", "input", ""),
    ],
)
def test_the_program_is_told_from_the_options(line: str, options: str, kind: str, name: str) -> None:
    words = ["python", *line.split()]
    found_options, found_kind, index, offset = detour.program_of(words)
    assert (found_options, found_kind) == (options.split(), kind)
    assert "".join(words[index : index + 1])[offset:] == name


@pytest.mark.parametrize("line", ["-i app.py", "-x app.py", "-uxB app.py", "--help-all", "--unheard-of x"])
def test_what_cannot_be_started_again_alike_is_declined(line: str) -> None:
    with pytest.raises(detour.UntraceableError):
        detour.program_of(["python", *line.split()])


@example(["-W"])
@given(st.lists(st.text("-uBmcWXix= ap", max_size=5), max_size=6))
def test_no_command_line_is_too_odd_to_be_read(words: list[str]) -> None:
    line = ["python", *words]
    try:
        options, kind, index, offset = detour.program_of(line)
    except detour.UntraceableError:
        return
    assert kind in {"script", "module", "command", "input"}
    assert all(option.startswith("-") or option in words for option in options)
    # What follows the program is its own, word by word; a name that is missing lies just beyond the end.
    assert 1 <= index <= len(line)
    assert offset == 0 or offset < len(line[index])

"""Runs a script and writes down which Python function called which: tracer.py OUTPUT SCRIPT ARGUMENT..."""

from __future__ import annotations

import json
import runpy
import sys
import threading
from pathlib import Path
from types import CodeType, FrameType

pairs: set[tuple[CodeType, CodeType]] = set()


def note(frame: FrameType, event: str, _: object) -> None:
    """Remember who entered whom; a generator that is resumed counts as called by the one that resumes it."""
    if event == "call" and frame.f_back is not None:
        pairs.add((frame.f_back.f_code, frame.f_code))


def function(code: CodeType) -> tuple[str, str]:
    """Return what tells one function from the other in a profile."""
    return code.co_filename, code.co_qualname


def main() -> None:
    """Trace the script from its first line, then write the pairs."""
    output, script, *arguments = sys.argv[1:]
    sys.argv = [script, *arguments]
    sys.path[0] = str(Path(script).parent)
    threading.setprofile(note)
    sys.setprofile(note)
    try:
        runpy.run_path(script, run_name="__main__")
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
    named = {(function(caller), function(callee)) for caller, callee in pairs}
    Path(output).write_text(json.dumps(sorted(named)), encoding="utf-8")


if __name__ == "__main__":
    main()

"""What py-spy prints, made to order."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

SAMPLING = b"py-spy> Sampling process 100 times a second for 20 seconds. Press Control-C to exit.\n\n"
PROCESS_EXITED = b"\npy-spy> Stopped sampling because process exited\n"


def document(
    profiles: Mapping[str, Sequence[str]], *, places: Mapping[str, tuple[str, int]] | None = None
) -> dict[str, object]:
    """A speedscope document: for each thread's name its samples, as collapsed stacks of functions."""
    names: dict[str, int] = {}
    made = []
    for name, samples in profiles.items():
        numbered = [[names.setdefault(part, len(names)) for part in text.split(";") if part] for text in samples]
        made.append({"type": "sampled", "name": name, "unit": "seconds", "samples": numbered, "weights": []})
    known = places or {}
    frames = []
    for name in names:
        file, line = known.get(name, ("" if name.startswith("process ") else "/app.py", 1))
        frames.append({"name": name, "file": file, "line": line})
    return {
        "$schema": "https://www.speedscope.app/file-format-schema.json",
        "profiles": made,
        "shared": {"frames": frames},
    }


def output(
    profiles: Mapping[str, Sequence[str]],
    *,
    failed: int = 0,
    before: bytes = b"",
    places: Mapping[str, tuple[str, int]] | None = None,
) -> bytes:
    """All that a recorder writes on stdout after its first line."""
    body = json.dumps(document(profiles, places=places), separators=(",", ":")).encode()
    count = sum(len(samples) for samples in profiles.values())
    last = f"\npy-spy> Wrote speedscope file to '/dev/stdout'. Samples: {count} Errors: {failed}\n".encode()
    return before + body + last + b"py-spy> Visit https://www.speedscope.app/ to view\n"


def main_thread(*samples: str, pid: int = 100) -> dict[str, Sequence[str]]:
    """The profile of a process with one thread."""
    return {f'Thread {pid} "MainThread"': samples}

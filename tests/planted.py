"""Sessions full of what must not be told to strangers, and what to look for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from perftui.model.session import SessionKind
from perftui.recording.exchange import import_profile
from perftui.storage.editing import edit_meta
from perftui.units import Unit

SECRETS = (
    "customer-4711",  # an argument
    "--quietly-please",
    "/home/alice",  # somebody's home, and her
    "alice",
    "build-farm-07",  # the host
    "0123abcd4567ef89",  # what stands for it
    "hidden-place",  # paths outside the project
    "neighbour.py",
    "PYTHONHASHSEED=4242",  # the environment
    "4242",
    "TOPSECRETSOURCE",  # a line of source, as output and as a note
    "feature/quiet-deal",  # a branch
)
PROJECT = "/home/alice/shop"
_STACKS = """\
main ({project}/app.py:3);work ({project}/lib/work.py:{line});leaf (/opt/hidden-place/neighbour.py:7) {weight}
main ({project}/app.py:3);leaf (/srv/hidden-place/neighbour.py:9) {weight}
main ({project}/app.py:3);dumps (/usr/lib/python3.11/json/__init__.py:9) 30
main ({project}/app.py:3);get ({project}/.venv/lib/python3.11/site-packages/requests/api.py:9) 40
"""


def planted_session(folder: Path, *, weight: int = 50, kind: SessionKind = SessionKind.LAUNCHED) -> Path:
    """Make a session of stacks as of a program of alice's, with everything in it that names her."""
    file = folder / f"stacks-{weight}.txt"
    file.write_text(_STACKS.format(project=PROJECT, line=5, weight=weight), encoding="utf-8")
    path, _, _ = import_profile(file, folder, unit=Unit.SECONDS)
    return edit_meta(
        path,
        lambda meta: replace(
            meta,
            kind=kind,
            name="shop of alice on build-farm-07",
            command=("/home/alice/shop/.venv/bin/python", "app.py", "customer-4711", "--quietly-please"),
            cwd=PROJECT,
            tags=("for-alice",),
            note="TOPSECRETSOURCE",
            trouble="cannot read /opt/hidden-place/neighbour.py for customer-4711",
            budget="/home/alice/hidden-place/budget.toml",
            environment={
                "host": "0123abcd4567ef89",
                "python": "3.11.7",
                "workload_python": "3.11.7",
                "PYTHONHASHSEED": "4242",
                "git_commit": "fedcba9876",
                "git_branch": "feature/quiet-deal",
                "git_project": PROJECT,
                "git_root": PROJECT,
            },
        ),
    )


def told_secrets(text: str) -> list[str]:
    """Return which secrets a text tells."""
    return [secret for secret in SECRETS if secret.lower() in text.lower()]

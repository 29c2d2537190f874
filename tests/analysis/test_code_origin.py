"""Whose code a file is."""

from __future__ import annotations

import pytest

from perftui.analysis.code_origin import Origin, origin, place, tail


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("/home/me/app/main.py", Origin.OWN),
        ("app/main.py", Origin.OWN),
        ("<string>", Origin.OWN),
        ("<stdin>", Origin.OWN),
        ("/home/me/app/.venv/lib/python3.12/site-packages/jinja2/runtime.py", Origin.PACKAGE),
        ("/usr/lib/python3/dist-packages/yaml/__init__.py", Origin.PACKAGE),
        ("/usr/lib/python3.12/json/encoder.py", Origin.STDLIB),
        ("<frozen importlib._bootstrap>", Origin.STDLIB),
        ("<stdlib>/json/decoder.py", Origin.STDLIB),
        ("", Origin.STDLIB),
    ],
)
def test_a_file_belongs_to_its_origin(file: str, expected: Origin) -> None:
    assert origin(file) is expected


def test_a_place_is_relative_to_what_owns_the_file() -> None:
    assert place("/home/me/app/svc/batch.py", "/home/me/app") == "svc/batch.py"
    assert place("/v/lib/python3.12/site-packages/jinja2/runtime.py") == "jinja2/runtime.py"
    assert place("/usr/lib/python3.12/json/encoder.py") == "json/encoder.py"


def test_the_tail_of_a_name_is_its_last_components() -> None:
    assert tail("/a/b/c/d.py") == "c/d.py"
    assert tail("d.py") == "d.py"
    assert tail("<string>") == "<string>"

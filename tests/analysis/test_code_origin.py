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
        # Linux, one distribution and another, and what is built by hand.
        ("/usr/lib/python3.8/threading.py", Origin.STDLIB),
        ("/usr/local/lib/python3.9/json/decoder.py", Origin.STDLIB),
        ("/usr/lib64/python3.10/site-packages/yaml/__init__.py", Origin.PACKAGE),
        ("/usr/lib64/python3.10/os.py", Origin.STDLIB),
        ("/usr/local/lib/python3.13t/queue.py", Origin.STDLIB),
        ("/usr/lib/python311.zip/json/decoder.py", Origin.STDLIB),
        ("/home/me/.pyenv/versions/3.13.0/lib/python3.13/json/encoder.py", Origin.STDLIB),
        ("/home/me/.local/share/uv/python/cpython-3.12.1-linux-x86_64-gnu/lib/python3.12/ast.py", Origin.STDLIB),
        ("/home/me/.local/lib/python3.11/site-packages/six.py", Origin.PACKAGE),
        # macOS.
        ("/Library/Frameworks/Python.framework/Versions/3.12/lib/python3.12/os.py", Origin.STDLIB),
        ("/opt/homebrew/lib/python3.12/site-packages/rich/text.py", Origin.PACKAGE),
        ("/Users/me/Library/Python/3.9/lib/python/site-packages/six.py", Origin.PACKAGE),
        ("/Library/Frameworks/Python.framework/Versions/3.12/Python", Origin.NATIVE),
        ("/usr/lib/libSystem.B.dylib", Origin.NATIVE),
        ("/Users/me/lib/tools/run.py", Origin.OWN),
        # conda.
        ("/opt/conda/lib/python3.11/random.py", Origin.STDLIB),
        ("/opt/conda/envs/ml/lib/python3.11/site-packages/torch/nn/functional.py", Origin.PACKAGE),
        ("/home/me/miniconda3/bin/jupyter", Origin.PACKAGE),
        # Windows, in files from elsewhere.
        ("C:\\Python312\\Lib\\json\\decoder.py", Origin.STDLIB),
        ("C:\\proj\\.venv\\Lib\\site-packages\\six.py", Origin.PACKAGE),
        # Environments inside the project, other ways to install, and packages installed to be edited.
        ("/srv/app/venv/lib64/python3.8/site-packages/flask/app.py", Origin.PACKAGE),
        ("/srv/app/.venv/bin/pytest", Origin.PACKAGE),
        ("/srv/app/.tox/py312/bin/pytest", Origin.PACKAGE),
        ("/srv/app/bin/serve", Origin.OWN),
        ("/srv/app/__pypackages__/3.12/lib/flask/app.py", Origin.PACKAGE),
        ("/srv/eggs/zope.event-5.0-py3.12.egg/zope/event/__init__.py", Origin.PACKAGE),
        ("/home/me/.pex/unzipped_pexes/1f/.deps/requests-2.31.0-py3-none-any.whl/requests/api.py", Origin.PACKAGE),
        ("/home/me/libs/greeter/src/greeter/core.py", Origin.OWN),
        ("/v/lib/python3.12/site-packages/__editable___greeter_finder.py", Origin.PACKAGE),
        # Archives that run.
        ("/srv/app.pyz/__main__.py", Origin.OWN),
        ("/srv/app.zip/shop/cart.py", Origin.OWN),
        ("/home/me/.shiv/app_3b/site-packages/click/core.py", Origin.PACKAGE),
        # What lies in no file, or was written at run time.
        ("<frozen runpy>", Origin.STDLIB),
        ("<frozen zipimport>", Origin.STDLIB),
        ("<ipython-input-3-abcdef>", Origin.OWN),
        ("/tmp/ipykernel_99/1234.py", Origin.OWN),
        ("<doctest shop.cart[0]>", Origin.OWN),
        ("<attrs generated init shop.cart.Item>", Origin.PACKAGE),
        ("<__array_function__ internals>", Origin.PACKAGE),
        ("<site-packages>/numpy", Origin.PACKAGE),
        # Machine code and builtins.
        ("", Origin.NATIVE),
        ("~", Origin.NATIVE),
        ("<built-in>", Origin.NATIVE),
        ("libc.so.6", Origin.NATIVE),
        ("/usr/bin/python3.11", Origin.NATIVE),
        ("/build/python3.11-3.11.2/Objects/longobject.c", Origin.NATIVE),
        ("/v/lib/python3.12/site-packages/numpy/core/_umath.cpython-312-x86_64-linux-gnu.so", Origin.NATIVE),
        ("numpy/random/mtrand.pyx", Origin.NATIVE),
        ("/srv/app/fast/inner.pyx", Origin.OWN),
    ],
)
def test_a_file_belongs_to_its_origin(file: str, expected: Origin) -> None:
    assert origin(file) is expected


def test_a_place_is_relative_to_what_owns_the_file() -> None:
    assert place("/home/me/app/svc/batch.py", "/home/me/app") == "svc/batch.py"
    assert place("/v/lib/python3.12/site-packages/jinja2/runtime.py") == "jinja2/runtime.py"
    assert place("/usr/lib/python3.12/json/encoder.py") == "json/encoder.py"
    assert place("<site-packages>/numpy") == "numpy"


def test_the_tail_of_a_name_is_its_last_components() -> None:
    assert tail("/a/b/c/d.py") == "c/d.py"
    assert tail("d.py") == "d.py"
    assert tail("<string>") == "<string>"

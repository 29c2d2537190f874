"""What tells the bodies of functions apart, whatever the functions are called and wherever they stand."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet

from perftui.analysis.call_tree import FunctionKey

SHORTEST = 150
"""Letters of a body's outline: shorter ones, such as what only returns an attribute, are alike without being one."""
_ITSELF = "<itself>"

Definitions = Mapping[str, Mapping[str, str]]
"""Files to the functions that they define, by qualified name, with what tells their bodies apart."""


def bodies_of(source: str) -> dict[str, str]:
    """Return what tells the body of each function of a source apart, by qualified name; empty for a short one.

    Name, docstring and place do not count, nor does it how a function calls itself. Raises `ValueError` where the text
    is no Python.
    """
    try:
        module = ast.parse(source)
        outlines: dict[str, str] = {}
        for name, function in _functions(module, ""):
            # A property and its setter have one name.
            outlines[name] = outlines.get(name, "") + _outline(function)
    except (SyntaxError, RecursionError, MemoryError) as error:
        raise ValueError(f"no Python: {error}") from None
    return {name: _digest(outline) if len(outline) >= SHORTEST else "" for name, outline in outlines.items()}


def renamed_bodies(
    before: Definitions,
    after: Definitions,
    left_over: tuple[AbstractSet[FunctionKey], AbstractSet[FunctionKey]],
) -> tuple[dict[FunctionKey, str], dict[FunctionKey, str]]:
    """Return the bodies of functions that only one side has, and that the sources of the other do not define either."""
    return _missing(left_over[0], before, after), _missing(left_over[1], after, before)


def _missing(keys: AbstractSet[FunctionKey], own: Definitions, other: Definitions) -> dict[FunctionKey, str]:
    found = {}
    for file, name in keys:
        body = own.get(file, {}).get(name, "")
        if body and name not in other.get(file, {}):
            found[file, name] = body
    return found


def _functions(node: ast.AST, prefix: str) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Yield every function below a node with its qualified name."""
    for child in ast.iter_child_nodes(node):
        match child:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield prefix + name, child
                yield from _functions(child, f"{prefix}{name}.<locals>.")
            case ast.ClassDef(name=name):
                yield from _functions(child, f"{prefix}{name}.")
            case ast.stmt() | ast.excepthandler() | ast.match_case():
                yield from _functions(child, prefix)


def _outline(function: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    body = function.body
    match body[0]:
        case ast.Expr(value=ast.Constant(value=str())):
            body = body[1:]
    parts = [ast.dump(part, annotate_fields=False) for part in (function.args, *body)]
    # A call of itself looks the same under either name.
    return (
        "\n".join(parts)
        .replace(f"Name('{function.name}', ", f"Name('{_ITSELF}', ")
        .replace(f", '{function.name}', Load())", f", '{_ITSELF}', Load())")
    )


def _digest(outline: str) -> str:
    return hashlib.blake2b(outline.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()

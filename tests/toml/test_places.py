"""Where keys stand in a TOML text."""

import pytest
import tomli
from hypothesis import given
from hypothesis import strategies as st

from perftui.toml.places import Places

TEXT = """\
# a comment with = and [brackets]
top = 1
[a]
one = "text with # and = and [x]"
two.three = 2
"quoted key" = 3
'lite.ral' = 4
[a."b.c".d]
list = [
  1, # a comment, with a comma
  { deep = 1,
    deeper = { deepest = 2 } },
]
inline = { x = 1, y = "}", "z z" = [1, 2], w = { v = 1 } }
text = \"\"\"
[not.a.table]
not_a_key = 1
\"\"\"
after = '''
x = 1''' # done
last = 1979-05-27T07:32:00Z
[[array]]
item = 1
[[array]]
item = 2
[ spaced . out ]
"\\u0061bc" = 1
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("top",), 2),
        (("a",), 3),
        (("a", "one"), 4),
        (("a", "two"), 5),
        (("a", "two", "three"), 5),
        (("a", "quoted key"), 6),
        (("a", "lite.ral"), 7),
        (("a", "b.c"), 8),
        (("a", "b.c", "d"), 8),
        (("a", "b.c", "d", "list"), 9),
        (("a", "b.c", "d", "list", "deep"), 11),
        (("a", "b.c", "d", "list", "deeper", "deepest"), 12),
        (("a", "b.c", "d", "inline", "x"), 14),
        (("a", "b.c", "d", "inline", "z z"), 14),
        (("a", "b.c", "d", "inline", "w", "v"), 14),
        (("a", "b.c", "d", "text"), 15),
        (("a", "b.c", "d", "after"), 19),
        (("a", "b.c", "d", "last"), 21),
        (("array",), 22),
        (("array", "item"), 23),
        (("spaced", "out"), 26),
        (("spaced", "out", "abc"), 27),
    ],
)
def test_every_way_to_write_a_key_has_its_line(path: tuple[str, ...], line: int) -> None:
    assert Places(TEXT).lines[path] == line


def test_what_stands_in_a_string_is_no_key() -> None:
    assert not any("not" in part for path in Places(TEXT).lines for part in path)


def test_a_key_that_is_not_there_has_the_line_of_the_table_around_it() -> None:
    places = Places(TEXT)
    assert places.line(("a", "missing", "too")) == 3
    assert places.line(("nowhere",)) is None


_KEYS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)
_VALUES = st.recursive(
    st.integers(0, 9) | _KEYS | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=3),
    max_leaves=8,
)


def _key(name: str) -> str:
    return '"' + "".join(f"\\U{ord(character):08X}" for character in name) + '"'


def _value(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str():
            return _key(value)
        case list():
            return "[" + ", ".join(map(_value, value)) + "]"
        case dict():
            return "{" + ", ".join(f"{_key(name)} = {_value(inner)}" for name, inner in value.items()) + "}"
        case _:
            return str(value)


def _paths(value: object, path: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
    match value:
        case dict():
            return {(*path, name) for name in value}.union(*(_paths(v, (*path, name)) for name, v in value.items()))
        case list():
            return set().union(*(_paths(item, path) for item in value))
        case _:
            return set()


@given(st.dictionaries(_KEYS, _VALUES, max_size=5))
def test_the_keys_that_are_found_are_those_that_the_parser_finds(values: dict[str, object]) -> None:
    text = "".join(f"{_key(name)} = {_value(value)}\n" for name, value in values.items())
    parsed = tomli.loads(text)
    assert set(Places(text).lines) == _paths(parsed)
    assert [Places(text).lines[name,] for name in parsed] == list(range(1, len(parsed) + 1))


@given(st.text("[]{}\"'=.,\\#\n ab1", max_size=80))
def test_no_text_makes_it_raise(text: str) -> None:
    Places(text)


@pytest.mark.parametrize(
    "text", ["a." * 100 + "b = 1", "[" + "a." * 100 + "b]", "a = " + "[" * 100, "a = " + "{b=" * 100]
)
def test_what_goes_deeper_than_people_write_is_marked(text: str) -> None:
    assert Places("\n\n" + text).excess_line == 3


@pytest.mark.parametrize("piece", ["[", "{a=", '"\\"', "a.", '"""', "'''", '"', "'", "a=1\n", "\\", "[a]\n", ",", "="])
def test_a_quarter_megabyte_of_anything_is_read_over(piece: str) -> None:
    # Quadratic work would take minutes: the suite's own time limit is the measure.
    Places("a = " + piece * (256 * 1024 // len(piece)))

"""Texts that were good once: bytes changed, pieces cut, doubled and moved, words swapped for hostile ones."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

# Words that a parser or a person might stumble over, one a line.
_HOSTILE = [
    *(word.encode() for word in ("nan", "-inf", "1e999", "true", "0x", "1_", "-1", "0", "1979-05-27", "07:32:00")),
    *(word.encode() for word in ("inf_s", "_mb", "[[", "]]", "{", "}", "#", "=", ".", '"5 apples"', '"5ms"', "{}")),
    *(word.encode() for word in ("\n", "\r", "\0", "\x1b[2J", "\u202e", "\ufeff", "\\u0000", "\\ud800", '"')),
    *(word.encode() for word in ("'''", '"""', "9" * 4_400, "a." * 50, "[" * 60, "{a=" * 60)),
    *(b"\xff\xfe", b"\xc3", "\ud800".encode("utf-8", "surrogatepass")),
]


def mutations(originals: Sequence[bytes], count: int, *, seed: int) -> Iterator[bytes]:
    """Yield so many mutated files, always the same ones."""
    source = random.Random(seed)
    for _ in range(count):
        data = bytearray(source.choice(originals))
        for _ in range(source.randint(1, 4)):
            _mutate(data, source)
        yield bytes(data)


def _mutate(data: bytearray, source: random.Random) -> None:
    start = source.randrange(len(data) + 1)
    end = min(len(data), start + source.randint(0, 30))
    match source.randrange(6):
        case 0:
            data[start:end] = b""
        case 1:
            data[start:start] = source.choice(_HOSTILE)
        case 2:
            data[start:end] = source.choice(_HOSTILE)
        case 3:
            data[start:start] = data[start:end] * source.randint(1, 5)
        case 4:
            data[start:end] = source.randbytes(source.randint(1, 4))
        case 5:
            lines = data.split(b"\n")
            source.shuffle(lines)
            data[:] = b"\n".join(lines)

"""Searching: a query is parsed by recursive descent, evaluated over its tree, and what it finds is ranked."""

from __future__ import annotations

import heapq
import math
import random
from dataclasses import dataclass

from perftui.bundled.demo.catalogue import ADJECTIVES, NOUNS
from perftui.bundled.demo.index import SearchIndex


@dataclass
class Term:
    """A word of a query."""

    stem: str

    def evaluate(self, index: SearchIndex) -> set[int]:
        """Return the products that hold the word."""
        return index.matching(self.stem)


@dataclass
class Either:
    """Two parts of a query of which one has to match."""

    left: Query
    right: Query

    def evaluate(self, index: SearchIndex) -> set[int]:
        """Return the products that match one side."""
        return self.left.evaluate(index) | self.right.evaluate(index)


@dataclass
class Both:
    """Two parts of a query that both have to match."""

    left: Query
    right: Query

    def evaluate(self, index: SearchIndex) -> set[int]:
        """Return the products that match both sides, or the left one where that leaves nothing."""
        left = self.left.evaluate(index)
        return left & self.right.evaluate(index) or left


Query = Term | Either | Both


class QueryParser:
    """Reads queries such as `(red AND (chair OR boot)) OR lamp`."""

    def __init__(self, index: SearchIndex, text: str) -> None:
        self._index = index
        self._words = text.replace("(", " ( ").replace(")", " ) ").split()

    def parse(self) -> Query:
        """Return the tree of the query."""
        return self.parse_either()

    def parse_either(self) -> Query:
        """Read parts joined by OR."""
        left = self.parse_both()
        while self._take("OR"):
            left = Either(left, self.parse_both())
        return left

    def parse_both(self) -> Query:
        """Read parts joined by AND."""
        left = self.parse_part()
        while self._take("AND"):
            left = Both(left, self.parse_part())
        return left

    def parse_part(self) -> Query:
        """Read a word, or a query in parentheses."""
        if self._take("("):
            inner = self.parse_either()
            self._take(")")
            return inner
        return Term(self._index.tokenizer.stem(self._words.pop(0).lower()))

    def _take(self, word: str) -> bool:
        if self._words and self._words[0] == word:
            del self._words[0]
            return True
        return False


class Ranker:
    """Scores what a query found."""

    def __init__(self, index: SearchIndex) -> None:
        self._index = index
        self._mean_length = index.mean_length

    def best(self, query: Query, text: str, *, top: int = 10) -> list[tuple[float, int]]:
        """Return the best products, the best first."""
        found = query.evaluate(self._index)
        stems = [stem for stem in self._index.tokenizer.stems(text) if stem not in ("and", "or")]
        candidates = sorted(found)[:400]
        return heapq.nlargest(top, ((self.score(number, stems), number) for number in candidates))

    def score(self, number: int, stems: list[str]) -> float:
        """Return how well a product fits."""
        length = self._index.lengths[number] / self._mean_length
        return sum(self.weight(stem) * self.saturation(stem, number, length) for stem in stems)

    def weight(self, stem: str) -> float:
        """Return how much a stem says: seldom ones say more."""
        holding = len(self._index.postings.get(stem, ()))
        return math.log(1 + (len(self._index.lengths) - holding + 0.5) / (holding + 0.5))

    def saturation(self, stem: str, number: int, length: float) -> float:
        """Return the weight of a stem's frequency: the second time counts less than the first."""
        count = self._index.postings.get(stem, {}).get(number, 0)
        return count * 2.2 / (count + 1.2 * (0.25 + 0.75 * length))


class Speller:
    """Finds the word that was meant, by trying edits."""

    def distance(self, left: str, right: str, most: int) -> int:
        """Return the number of edits between two words, or more than `most`."""
        if not left or not right:
            return len(left) + len(right)
        if left[0] == right[0]:
            return self.distance(left[1:], right[1:], most)
        if most == 0:
            return 1
        shorter = self.distance(left[1:], right, most - 1)
        longer = self.distance(left, right[1:], most - 1)
        return 1 + min(shorter, longer, self.distance(left[1:], right[1:], most - 1))

    def closest(self, word: str) -> str:
        """Return the known word that is the fewest edits away."""
        return min((*ADJECTIVES, *NOUNS), key=lambda known: self.distance(word, known, 3))


def random_query(source: random.Random, depth: int = 4) -> str:
    """Return a query whose parentheses are nested up to `depth` deep."""
    if depth == 0 or source.random() < 0.2:
        return source.choice((*ADJECTIVES, *NOUNS))
    joint = source.choice(("AND", "OR"))
    return f"({random_query(source, depth - 1)} {joint} {random_query(source, depth - 1)})"

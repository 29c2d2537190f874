"""The search index: titles become words, words become stems, stems become lists of product numbers."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from perftui.bundled.demo.catalogue import Product

_ENDINGS = ("ings", "ing", "ers", "er", "en", "ed", "s", "e", "y")


class Tokenizer:
    """Cuts text into stems."""

    def stems(self, text: str) -> Iterator[str]:
        """Yield the stems of a text."""
        for word in self.words(text):
            yield self.stem(word)

    def words(self, text: str) -> list[str]:
        """Return the words of a text."""
        return [word for word in "".join(c if c.isalnum() else " " for c in text.lower()).split() if word]

    def stem(self, word: str) -> str:
        """Strip endings one after the other."""
        for ending in _ENDINGS:
            if len(word) - len(ending) >= 3 and word.endswith(ending):
                return self.stem(word.removesuffix(ending))
        return word


class SearchIndex:
    """Which products hold which stems, and how often."""

    def __init__(self) -> None:
        self.tokenizer = Tokenizer()
        self.postings: dict[str, dict[int, int]] = defaultdict(dict)
        self.lengths: dict[int, int] = {}
        self.titles: dict[int, str] = {}

    def add(self, product: Product) -> None:
        """Add one product."""
        counts = self.count(product)
        for stem, count in counts.items():
            self.postings[stem][product.number] = count
        self.lengths[product.number] = counts.total()
        self.titles[product.number] = product.title

    def count(self, product: Product) -> Counter[str]:
        """Return the stems of a product's title and of its categories."""
        counts = Counter(self.tokenizer.stems(product.title))
        for name in product.category:
            counts.update(self.tokenizer.stems(name))
        return counts

    def matching(self, stem: str) -> set[int]:
        """Return the products that hold a stem."""
        return set(self.postings.get(stem, ()))

    @property
    def mean_length(self) -> float:
        """The mean number of stems of a product."""
        return sum(self.lengths.values()) / max(1, len(self.lengths))

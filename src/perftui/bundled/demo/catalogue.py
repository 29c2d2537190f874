"""The shop's goods: lines of text become products, products become a tree of categories."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Iterator
from dataclasses import dataclass, field

ADJECTIVES = (
    "red",
    "blue",
    "green",
    "light",
    "heavy",
    "warm",
    "quiet",
    "narrow",
    "folding",
    "wooden",
    "steel",
    "woollen",
    "little",
    "garden",
    "winter",
)
NOUNS = (
    "chair",
    "lamp",
    "kettle",
    "boot",
    "jacket",
    "tent",
    "table",
    "basket",
    "blanket",
    "bicycle",
    "ladder",
    "mirror",
    "shelf",
    "bottle",
    "clock",
)
AREAS = ("home", "outdoor", "travel", "kitchen", "office")


@dataclass
class Product:
    """One thing that is sold."""

    number: int
    title: str
    price_cents: int
    category: tuple[str, ...]


@dataclass
class Category:
    """A node of the category tree."""

    name: str
    children: dict[str, Category] = field(default_factory=dict)
    products: list[Product] = field(default_factory=list)
    turnover_cents: int = 0


class Supplier:
    """Sends price lists as text, always the same ones."""

    def __init__(self, seed: int = 7) -> None:
        self._random = random.Random(seed)
        self._sent = 0

    def price_list(self, rows: int) -> str:
        """Return the next rows of the price list."""
        choice, lines = self._random.choice, []
        for _ in range(rows):
            self._sent += 1
            title = f"{choice(ADJECTIVES)} {choice(ADJECTIVES)} {choice(NOUNS)}"
            path = "/".join([choice(AREAS), *(choice(NOUNS) for _ in range(self._random.randint(3, 7)))])
            lines.append(
                f'{self._sent},"{title}","{self._random.randint(5, 900)}.{self._random.randint(10, 99)}",{path}'
            )
        return "\n".join(lines)


class CatalogueParser:
    """Reads price lists."""

    def parse(self, text: str) -> Iterator[Product]:
        """Yield the products of a price list."""
        for row in csv.reader(io.StringIO(text)):
            yield self.parse_row(row)

    def parse_row(self, row: list[str]) -> Product:
        """Return the product of one row."""
        number, title, price, path = row
        return Product(int(number), self.clean(title), self.parse_price(price), self.parse_path(path))

    def clean(self, title: str) -> str:
        """Return a title in the form that the shop shows."""
        return " ".join(word.capitalize() for word in title.replace("-", " ").split())

    def parse_price(self, text: str) -> int:
        """Return a price in cents."""
        whole, _, cents = text.partition(".")
        return int(whole) * 100 + int(cents or 0)

    def parse_path(self, text: str) -> tuple[str, ...]:
        """Return the names of the categories from the outermost."""
        return tuple(part.strip().lower() for part in text.split("/"))


class CategoryTree:
    """Categories within categories, up to eight deep."""

    def __init__(self) -> None:
        self.root = Category("shop")
        self.size = 1

    def insert(self, product: Product) -> None:
        """Put a product into its category."""
        self._insert(self.root, product, 0)

    def _insert(self, category: Category, product: Product, depth: int) -> None:
        if depth == len(product.category):
            category.products.append(product)
            return
        name = product.category[depth]
        child = category.children.get(name)
        if child is None:
            child = category.children[name] = Category(name)
            self.size += 1
        self._insert(child, product, depth + 1)

    def roll_up(self, category: Category | None = None) -> int:
        """Add up the turnover from the leaves to the root."""
        category = category or self.root
        category.turnover_cents = sum(self.roll_up(child) for child in category.children.values())
        category.turnover_cents += self.turnover(category.products)
        return category.turnover_cents

    def turnover(self, products: list[Product]) -> int:
        """Return what a list of products brought in."""
        return sum(product.price_cents * (product.number % 11) for product in products)

    def walk(self, category: Category | None = None) -> Iterator[Category]:
        """Yield every category, parents first."""
        category = category or self.root
        yield category
        for child in category.children.values():
            yield from self.walk(child)

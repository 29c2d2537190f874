"""A mail archive that needs memory: peaks while it reads mailboxes, garbage while it searches, a cache that leaks."""

from __future__ import annotations

import argparse
import random
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

WORDS = ("parcel", "invoice", "meeting", "holiday", "server", "budget", "garden", "ticket", "recipe", "piano")
MAILS_OF_A_BOX = 6_000
NEWEST_KEPT = 4_000


@dataclass(frozen=True, slots=True)
class Mail:
    """One message of a mailbox."""

    sender: str
    subject: str
    body: str


class Archive:
    """The newest mails, which two threads share: one adds, one searches."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._mails: list[Mail] = []

    def add(self, mails: list[Mail]) -> None:
        """Add mails, and let the oldest ones go."""
        with self._lock:
            self._mails = [*self._mails, *mails][-NEWEST_KEPT:]

    def newest(self, count: int) -> list[Mail]:
        """Return the newest mails."""
        with self._lock:
            return self._mails[-count:]


class Importer:
    """Reads mailboxes: each is in memory as a whole, as lines and as mails, before most of it is let go."""

    def __init__(self, archive: Archive, until: float) -> None:
        self.archive = archive
        self.until = until

    def run(self) -> None:
        """Read one mailbox after the other, with pauses."""
        number = 0
        while time.monotonic() < self.until:
            self.read(number)
            print(f"mailbox {number} is in", flush=True)
            number += 1
            time.sleep(min(2.5, max(0.0, self.until - time.monotonic())))

    def read(self, number: int) -> None:
        """Read one mailbox."""
        text = written_mailbox(number)
        self.archive.add(self.parse(text.split("\n\n")))

    def parse(self, blocks: list[str]) -> list[Mail]:
        """Return the mails of a mailbox."""
        return [self.parse_one(block) for block in blocks if block]

    def parse_one(self, block: str) -> Mail:
        """Return one mail."""
        sender, subject, body = block.split("\n", 2)
        return Mail(sender, subject, body.replace("\n", " "))


def written_mailbox(number: int) -> str:
    """Return the text of a mailbox, always the same one for a number."""
    return "\n\n".join(written_mails(random.Random(number)))


def written_mails(source: random.Random) -> Iterator[str]:
    """Yield mails as they are written in a mailbox."""
    for number in range(MAILS_OF_A_BOX):
        lines = [" ".join(source.choices(WORDS, k=12)) for _ in range(20)]
        yield f"sender-{number % 97}@example.org\nabout the {source.choice(WORDS)}\n" + "\n".join(lines)


class Searcher:
    """Asks for words all the time; what it finds is put into a cache that is never emptied."""

    cache: ClassVar[dict[tuple[str, int], str]] = {}

    def __init__(self, archive: Archive, until: float) -> None:
        self.archive = archive
        self.until = until

    def run(self) -> None:
        """Search until the time is over."""
        asked = 0
        while time.monotonic() < self.until:
            self.remember(WORDS[asked % len(WORDS)], asked)
            asked += 1
            time.sleep(0.02)
        print(f"{asked} searches, {len(self.cache)} answers in the cache")

    def remember(self, word: str, asked: int) -> None:
        """Search, and keep the answer under a key that nobody will ask for again."""
        found = self.search(word)
        self.cache[word, asked] = self.page(found[:12])

    def search(self, word: str) -> list[Mail]:
        """Return the mails in which a word stands at least twice."""
        return [mail for mail in self.archive.newest(400) if self.folded(mail).count(word) > 1]

    def folded(self, mail: Mail) -> str:
        """Return what is searched: a copy that is thrown away at once."""
        return f"{mail.subject} {mail.body}".casefold()

    def page(self, mails: list[Mail]) -> str:
        """Return an answer as it is shown."""
        return "\n".join(f"{mail.sender}: {mail.subject}\n{mail.body}" for mail in mails)


def main() -> None:
    """Read and search side by side."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=30.0)
    until = time.monotonic() + parser.parse_args().seconds
    archive = Archive()
    importer, searcher = Importer(archive, until), Searcher(archive, until)
    threads = [
        threading.Thread(target=importer.run, name="importer"),
        threading.Thread(target=searcher.run, name="searcher"),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()

"""Fixed work in calls of some ten microseconds each: short_calls.py ROUNDS HEAVIER.

HEAVIER is how often `discount` (about 9 % of the time) does its work, as a factor: 1 or 1.5.
"""

import sys

WORDS = [f"word{number % 97}" for number in range(60)]
DISCOUNT_STEPS = 100


def parse(line: str) -> list[int]:
    """Turn a line of figures into numbers."""
    return [int(part) for part in line.split(",")]


def total_of(numbers: list[int]) -> int:
    """Add numbers up, one after the other."""
    total = 0
    for number in numbers:
        total += number * 3 % 7
    return total


def discount(steps: int) -> float:
    """Take a little off, again and again."""
    price = 100.0
    for step in range(steps):
        price -= price * 0.001 * (step & 3)
    return price


def ranked(numbers: list[int]) -> list[int]:
    """Sort by a key that is a function."""
    return sorted(numbers, key=lambda number: -number % 13)


def counted(words: list[str]) -> dict[str, int]:
    """Count words."""
    counts: dict[str, int] = {}
    for word in words:
        counts[word] = counts.get(word, 0) + 1
    return counts


def joined(words: list[str]) -> str:
    """Build a text piece by piece."""
    text = ""
    for word in words:
        text = text + word[:3] + ";"
    return text


def primes(limit: int) -> int:
    """Count the primes below a limit in the plainest way."""
    found = 0
    for number in range(2, limit):
        for divisor in range(2, number):
            if number % divisor == 0:
                break
        else:
            found += 1
    return found


def folded(numbers: list[int]) -> int:
    """Mix numbers into one."""
    value = 17
    for number in numbers:
        value = (value * 31 + number) & 0xFFFF
    return value


def one_round(line: str, steps: int) -> float:
    """Call everything once or a few times."""
    numbers = parse(line)
    result = float(total_of(numbers)) + discount(steps)
    result += sum(ranked(numbers)[:2]) + len(counted(WORDS)) + len(joined(WORDS))
    result += primes(36) + folded(numbers) + folded(numbers[::-1])
    return result


def main(rounds: int, heavier: float) -> None:
    """Do all rounds."""
    line = ",".join(str(number * 37 % 101) for number in range(80))
    steps = round(DISCOUNT_STEPS * heavier)
    checked = 0.0
    for _ in range(rounds):
        checked += one_round(line, steps)
    print(round(checked))


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))

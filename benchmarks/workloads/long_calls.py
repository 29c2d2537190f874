"""Fixed work in calls of a tenth of a second and more: long_calls.py ROUNDS HEAVIER.

HEAVIER is how often `smooth` (about 7 % of the time) does its work, as a factor: 1 or 1.5.
"""

import sys

SMOOTH_STEPS = 1_500_000


def load(rows: int) -> list[tuple[int, str]]:
    """Make rows."""
    return [(row * 7919 % 10_007, f"row {row}") for row in range(rows)]


def smooth(steps: int) -> float:
    """Let one figure follow another."""
    level = 0.0
    for step in range(steps):
        level += ((step & 255) - level) * 0.125
    return level


def histogram(rows: list[tuple[int, str]], times: int) -> list[int]:
    """Sort rows into a hundred bins, several times."""
    bins = [0] * 101
    for _ in range(times):
        for key, _text in rows:
            bins[key // 100] += 1
    return bins


def matrix(size: int) -> int:
    """Multiply two square matrices."""
    left = [[(row * column) % 11 for column in range(size)] for row in range(size)]
    product = 0
    for row in left:
        for column in range(size):
            cell = 0
            for index in range(size):
                cell += row[index] * left[index][column]
            product ^= cell
    return product


def sieve(limit: int) -> int:
    """Count primes."""
    flags = [True] * limit
    for number in range(2, limit):
        if flags[number]:
            for multiple in range(number * 2, limit, number):
                flags[multiple] = False
    return sum(flags)


def collatz(most: int) -> int:
    """Find the longest way down to one."""
    longest = 0
    for start in range(1, most):
        number, steps = start, 0
        while number != 1:
            number = number // 2 if number % 2 == 0 else 3 * number + 1
            steps += 1
        longest = max(longest, steps)
    return longest


def texts(rows: list[tuple[int, str]]) -> int:
    """Take texts apart and put them together again."""
    length = 0
    for key, text in rows:
        parts = text.split(" ")
        length += len("-".join(reversed(parts))) + len(str(key))
    return length


def main(rounds: int, heavier: float) -> None:
    """Do all rounds."""
    steps = round(SMOOTH_STEPS * heavier)
    checked = 0.0
    for _ in range(rounds):
        rows = load(600_000)
        checked += smooth(steps) + sum(histogram(rows, 8)) + matrix(140) + sieve(1_600_000) + collatz(32_000)
        checked += texts(rows)
    print(round(checked))


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))

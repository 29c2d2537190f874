"""Allocate so often below so many stacks: many_allocations.py ALLOCATIONS STACKS.

A twentieth of the blocks is held to the end, the rest is let go a little later.
"""

import sys

from live_stacks import BLOCK_BYTES, DIGITS, VISITS, visitor

# Blocks of one stack that are made together.
EACH = 10
HELD_OF = 20

HELD: list[list[bytes]] = []


def main(allocations: int, stacks: int) -> None:
    """Go round the stacks until there were so many allocations."""
    VISITS.extend(visitor(f"visit_{digit}") for digit in range(DIGITS))
    depth = len(str(stacks - 1))
    ring: list[list[bytes]] = [[]] * 100
    for turn in range(allocations // EACH):
        number = turn % stacks
        made = VISITS[number % DIGITS](number // DIGITS, depth - 1, EACH)
        if turn % HELD_OF:
            ring[turn % 100] = made
        else:
            HELD.append(made)
    print(f"{len(HELD) * EACH * BLOCK_BYTES} bytes held")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))

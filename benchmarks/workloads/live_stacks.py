"""Hold allocations below many distinct stacks: live_stacks.py STACKS EACH SECONDS [CHURN].

Each stack holds EACH blocks. For so many seconds it then replaces the blocks of CHURN stacks a second (10,000 where
nothing is said), in turn, so that all stacks stay alive while blocks come and go.
"""

import sys
import time
from collections.abc import Callable

# Larger than what Python serves from its arenas, so that each block is an allocation of its own.
BLOCK_BYTES = 552
DIGITS = 10
# Frames above the first choice, as a real program has them.
ROOT_FRAMES = 12
# Stacks that are renewed between two looks at the clock.
TURN = 100

Visit = Callable[[int, int, int], list[bytes]]
VISITS: list[Visit] = []


def visitor(name: str) -> Visit:
    """Return a function of that name which goes on with the next digit of a number, and allocates after the last."""
    namespace: dict[str, Visit] = {}
    body = (
        f"def {name}(number, depth, each):\n"
        "    if depth:\n"
        f"        return VISITS[number % {DIGITS}](number // {DIGITS}, depth - 1, each)\n"
        "    return [bytes(SIZE) for _ in range(each)]\n"
    )
    exec(compile(body, __file__, "exec"), {"VISITS": VISITS, "SIZE": BLOCK_BYTES}, namespace)
    return namespace[name]


def descend(frames: int, number: int, depth: int, each: int) -> list[bytes]:
    """Put so many frames on the stack, then choose by the digits of the number."""
    if frames:
        return descend(frames - 1, number, depth, each)
    return VISITS[number % DIGITS](number // DIGITS, depth - 1, each)


def main(stacks: int, each: int, seconds: float, churn: float) -> None:
    """Build everything up, then replace it bit by bit; both in one place, so that the stacks stay the same."""
    VISITS.extend(visitor(f"visit_{digit}") for digit in range(DIGITS))
    depth = len(str(stacks - 1))
    held: list[list[bytes]] = [[]] * stacks
    renewed, built_s = 0, 0.0
    while not built_s or (passed_s := time.monotonic() - built_s) < seconds:
        if built_s and renewed - stacks > churn * passed_s:
            time.sleep(0.005)
            continue
        for number in range(renewed, renewed + TURN):
            held[number % stacks] = descend(ROOT_FRAMES, number % stacks, depth, each)
        renewed += TURN
        if not built_s and renewed >= stacks:
            print("built", flush=True)
            built_s = time.monotonic()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4]) if len(sys.argv) > 4 else 10_000)

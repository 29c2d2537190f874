"""A numeric job without libraries: planets that pull at one another, and the heat that spreads in a plate."""

from __future__ import annotations

import argparse
import time


class Planets:
    """Bodies in a plane that attract each other."""

    def __init__(self, bodies: int) -> None:
        self.places = [[float(i * 37 % 101), float(i * 53 % 103)] for i in range(bodies)]
        self.speeds = [[0.0, 0.0] for _ in range(bodies)]

    def step(self, step_s: float) -> None:
        """Move everything on by a short time."""
        for here, speed in zip(self.places, self.speeds, strict=True):
            pull_x, pull_y = self.pull_at(here)
            speed[0] += pull_x * step_s
            speed[1] += pull_y * step_s
        for here, speed in zip(self.places, self.speeds, strict=True):
            here[0] += speed[0] * step_s
            here[1] += speed[1] * step_s

    def pull_at(self, here: list[float]) -> tuple[float, float]:
        """Return the pull of all bodies at a place."""
        pull_x = pull_y = 0.0
        for x, y in self.places:
            away_x, away_y = x - here[0], y - here[1]
            distance = away_x * away_x + away_y * away_y + 1.0
            pull_x += away_x / distance
            pull_y += away_y / distance
        return pull_x, pull_y


def spread_heat(plate: list[list[float]]) -> list[list[float]]:
    """Return the plate a moment later: every point takes the mean of its neighbours."""
    inner = [
        [left[0], *(mean_of(above, row, below, x) for x in range(1, len(row) - 1)), left[-1]]
        for above, row, below, left in zip(plate, plate[1:], plate[2:], plate[1:], strict=False)
    ]
    return [plate[0], *inner, plate[-1]]


def mean_of(above: list[float], row: list[float], below: list[float], x: int) -> float:
    """Return the mean of the four neighbours of a point."""
    return (above[x] + below[x] + row[x - 1] + row[x + 1]) / 4


def main() -> None:
    """Compute for a while and say how far it came."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0)
    until = time.monotonic() + parser.parse_args().seconds
    planets = Planets(bodies=60)
    plate = [[100.0] * 120, *([0.0] * 120 for _ in range(79))]
    steps = 0
    while time.monotonic() < until:
        planets.step(0.01)
        plate = spread_heat(plate)
        steps += 1
        if steps % 100 == 0:
            print(f"step {steps}: {sum(map(sum, plate)) / 9_600:.3f} degrees on the mean", flush=True)
    print(f"{steps} steps")


if __name__ == "__main__":
    main()

"""Starts as many Python children as the first argument says, each burning CPU for the seconds of the second."""

import subprocess
import sys
from pathlib import Path

SPIN = str(Path(__file__).with_name("spin.py"))
children = [subprocess.Popen([sys.executable, SPIN, sys.argv[2]]) for _ in range(int(sys.argv[1]))]
for child in children:
    child.wait()

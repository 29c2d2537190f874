"""Burns CPU for the seconds of the first argument, then replaces itself by a program that does the same."""

import os
import sys
import time
from pathlib import Path

end = time.monotonic() + float(sys.argv[1])
while time.monotonic() < end:
    sum(range(2_000))
os.execv(sys.executable, [sys.executable, str(Path(__file__).with_name("spin.py")), sys.argv[1]])

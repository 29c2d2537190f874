"""`python -m perftui` is the `perftui` command."""

import sys

from perftui.cli import main

if __name__ == "__main__":
    sys.exit(main())

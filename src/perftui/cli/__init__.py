"""The text front end: one verb a module, one writer of stdout, one of stderr, one door for errors."""


def main() -> int:
    """Run the command line and return its exit code."""
    return 0

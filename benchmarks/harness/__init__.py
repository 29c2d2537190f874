"""What the measurements share: the command line under test, a terminal of our own, the process list, the table."""

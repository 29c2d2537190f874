"""A person who presses anything: random steps, the sessions they are done to, and what must hold after each."""

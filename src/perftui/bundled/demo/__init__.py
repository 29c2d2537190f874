"""A little shop that is worth watching: phases, threads, recursion, files and sockets, memory that comes and goes.

Run it with `python -m perftui.bundled.demo [--seconds N]`. It uses the standard library only.
"""

"""The heap on memray: what boots the workload under its tracker, and what reads the capture, live and afterwards.

Everything that imports memray runs in a process of its own: a damaged capture can end its reader, never perftui.
"""

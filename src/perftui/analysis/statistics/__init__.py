"""The statistics that comparisons rest on, in plain Python: each function names where its method comes from.

Nothing in here knows of profiles. The tests hold every figure against scipy, which is not needed to run.
"""

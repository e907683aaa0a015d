"""A seeded simulator: the real desk, journal, lanes, poster and listeners on a virtual clock, and a world that fails.

`make simulate SEEDS=1000 FIRST_SEED=1` runs it; a failing seed prints itself, its trace and the command to replay it.
"""

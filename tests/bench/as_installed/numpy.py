"""Stands before numpy on a measured process's path: `make install` brings none, and sqlite-utils imports any."""

raise ImportError("not in requirements.lock")

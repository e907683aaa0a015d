"""Stands before numpy on a measured process's path: `make install` brings none, and sqlite-utils imports one it finds."""

raise ImportError("not in requirements.lock")

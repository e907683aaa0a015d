"""What a check found: one line each, for `transferdesk check` and for the start of `transferdesk run`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One thing looked at. `fix` says what to do and is empty when all is well; no text holds a secret."""

    ok: bool
    subject: str
    detail: str
    fix: str = ""

    def __str__(self) -> str:
        return f"{'ok  ' if self.ok else 'FAIL'} {self.subject}: {self.detail}" + (
            f"  → {self.fix}" if self.fix else ""
        )

"""What a check found: one line each, for `transferdesk check` and for the start of `transferdesk run`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One thing looked at. `fix` says what to do and is empty when all is well; no text holds a secret.

    Attributes:
        warning: all is well enough to start, but somebody should look.
    """

    ok: bool
    subject: str
    detail: str
    fix: str = ""
    warning: bool = False

    @property
    def level(self) -> str:
        """`ok`, `warn` or `FAIL`; only the last keeps a desk from starting."""
        if not self.ok:
            return "FAIL"
        return "warn" if self.warning else "ok"

    def __str__(self) -> str:
        return f"{self.level:4} {self.subject}: {self.detail}" + (f"  → {self.fix}" if self.fix else "")

"""Text for Slack's mrkdwn: inert whatever people and exchanges wrote, and moments in each reader's own time zone."""

from __future__ import annotations

from datetime import datetime

TEXT_MAX = 2900  # a section's text may have 3000 characters


def escape(text: str) -> str:
    """Make text inert in mrkdwn: no mention, link or channel can be written through it."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def inert(text: str, length_max: int = TEXT_MAX) -> str:
    """Escape foreign text and put it on one line. What does not fit ends in `…`; no entity is cut in half."""
    kept, room = "", max(length_max, 0)
    for char in " ".join(text.split()):
        piece = escape(char)
        if len(kept) + len(piece) > room:
            return f"{kept}…"
        kept += piece
    return kept


def moment(at: datetime) -> str:
    """Write a moment so that each reader sees it in their own time zone."""
    fallback = at.strftime("%Y-%m-%d %H:%M:%S UTC")
    return f"<!date^{int(at.timestamp())}^{{date_short_pretty}} {{time_secs}}|{fallback}>"

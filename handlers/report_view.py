"""A report as a message in the channel. Pure."""

from __future__ import annotations

from bot import words
from bot.config import Config
from bot.report import Report
from bot.report_text import FLOW_HEADS, Table, period, sentences, tables
from handlers.cards import Block, Message
from handlers.markup import escape, inert

# Slack takes 3000 characters in a section, and of all blocks together about 13,000 (`msg_blocks_too_long`).
TABLE_MAX = 1900
FLOWS_MAX = 4  # currencies with a table of their own


def report_message(report: Report, asker: str, config: Config, note: str = "") -> Message:
    """Render a report: the sentences, then each table in a font of one width. What does not fit is counted.

    Args:
        asker: the Slack user id of whoever typed the command; they are named, not called.
        note: a last sentence.
    """
    said = sentences(report)
    heading = words.REPORT_HEAD.format(period=period(report), person=escape(config.name_of(asker)))
    found = tables(report, config.user_names, config.account_names)
    flows = [table for table in found if table.heads == FLOW_HEADS]
    people = [table for table in found if table.heads != FLOW_HEADS]
    notes = [
        words.MORE_CURRENCIES.format(count=len(flows) - FLOWS_MAX) if len(flows) > FLOWS_MAX else "",
        note,
    ]
    blocks = [_section("\n".join([heading, *map(inert, said)]))]
    blocks += [_section(_in_one_width(table)) for table in (*flows[:FLOWS_MAX], *people)]
    blocks += [{"type": "context", "elements": [_mrkdwn(text)]} for text in notes if text]
    moved = [words.REPORT_SECTION.format(title=table.title) for table in flows[:FLOWS_MAX]]
    return {
        "text": escape(" ".join([words.REPORT_ALOUD.format(period=period(report)), *said, *moved])),
        "blocks": blocks,
    }


def _in_one_width(table: Table) -> str:
    return f"*{escape(table.title)}*\n```\n{escape(str(table.within(TABLE_MAX)))}\n```"


def _section(text: str) -> Block:
    return {"type": "section", "text": _mrkdwn(text)}


def _mrkdwn(text: str) -> Block:
    return {"type": "mrkdwn", "text": text, "verbatim": True}

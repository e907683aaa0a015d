"""What every table of the journal is for, and every column: for people who read it with other tools.

`KEPT` is the record: nothing of it is ever deleted, which triggers see to. The rest is what the desk works with; it is
rebuilt or forgotten as the desk goes on, and whatever of it matters later is in an event as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Described:
    """A table: what a row of it is, and its columns."""

    about: str
    columns: Mapping[str, str]


_VOTE = {
    "transfer_id": "The transfer it is about: T12 is 12.",
    "version": "The version it is about; it counts for no other.",
    "approver": "Slack user id of who decided.",
    "seal": "What they were shown, as a short hash.",
    "at": "When, UTC.",
}

KEPT: Mapping[str, Described] = {
    "events": Described(
        "Everything that happened, in order. Each row's hash covers its content and the hash before it.",
        {
            "seq": "Number of the event, from 1 without a gap.",
            "at": "When, UTC.",
            "transfer_id": "The transfer it is about, if any: T12 is 12.",
            "kind": "What happened. A transfer's steps are named as its states.",
            "actor": "Slack user id of who did it; `desk` when nobody pressed anything.",
            "data": "What an auditor needs, as JSON. It holds no secret.",
            "previous_hash": "The hash of the event before; 64 zeros for the first.",
            "hash": "sha256 of previous_hash and the other columns, in hex.",
        },
    ),
    "transfers": Described(
        "One row a transfer, as it stands now; how it came there is in events.",
        {
            "id": "People write it as T and this number.",
            "version": "Grows when what people were shown changes.",
            "state": "Where it stands.",
            "exchange": "The connection's name in desk.toml.",
            "source": "Where the money leaves.",
            "destination": "Where it arrives.",
            "currency": "Upper case.",
            "amount": "Exact decimal text; add it up with exact_sum, not sum.",
            "margin_account": "HTX's margin account, where the route has one.",
            "connection": "Which exchange key, as a fingerprint; not the key.",
            "requester": "Slack user id of who asked for it.",
            "team": "Slack workspace id.",
            "channel": "Slack channel id of its card.",
            "card_ts": "Slack's id of the card.",
            "rule": "The rule of desk.toml that decided.",
            "rule_hash": "What that rule said, as a hash.",
            "policy_hash": "The desk.toml of that moment; its text is in policies.",
            "seal": "Hash of what people were shown and agreed to.",
            "approvals_needed": "How many people besides the requester.",
            "deadline": "When the present state ends by itself; empty once sent or ended.",
            "created_at": "When it was asked for, UTC.",
            "reserved_at": "When it became approved, and began to count against limits.",
            "sent_at": "When the request left for the exchange.",
            "settled_at": "When it ended.",
            "exchange_reference": "The exchange's own number of it.",
            "outcome": "What people are told about how it stands or ended.",
            "follows": "The transfer that had to be done first, on a route of two steps.",
            "retry_of": "The transfer this one tries again.",
            "reason": "Why, in the requester's words.",
            "share": "How the amount was typed when it was a share: all, half, 25%.",
        },
    ),
    "approvals": Described("Who approved or denied which version.", _VOTE | {"decision": "approved or denied."}),
    "resolutions": Described(
        "What admins said became of a transfer without an answer.", _VOTE | {"decision": "executed or not_executed."}
    ),
    "policies": Described(
        "Every desk.toml that was ever in force.",
        {"hash": "sha256 of the text, in hex.", "text": "The whole file.", "at": "When it was first in force, UTC."},
    ),
    "journal": Described(
        "The names of this journal. A restored one has several; the last is the present one.",
        {"uuid": "32 hex digits.", "begun_at": "Since when, UTC."},
    ),
    "deliveries": Described(
        "What Slack delivered and how it was answered, so that a repeat does nothing and is answered alike.",
        {"key": "Hash of Slack's id of the delivery.", "answer": "What was answered.", "at": "When, UTC."},
    ),
}

WORKING: Mapping[str, Described] = {
    "outbox": Described(
        "What is to be told in Slack, and what was.",
        {
            "id": "Number of the row.",
            "kind": "card, thread, audit or private.",
            "transfer_id": "The transfer it is about, if any.",
            "event_seq": "The event it tells of, if any.",
            "generation": "Grows each time a card is to be drawn anew.",
            "state": "pending, done, or parked when Slack will not take it.",
            "due_at": "When it is tried next, UTC.",
            "attempts": "How often it was tried.",
            "problem": "Why it failed last.",
            "created_at": "When, UTC.",
            "tried_at": "Since when nobody knows whether a try arrived.",
            "tried_in": "The channel of that try.",
        },
    ),
    "freezes": Described(
        "What is frozen now. Freezing and unfreezing are events.",
        {
            "exchange": "A connection's name; empty for everything.",
            "actor": "Who froze it.",
            "reason": "Why, in their words.",
            "at": "When, UTC.",
        },
    ),
    "looks": Described(
        "When the exchange's records are looked at next. Each look is an event.",
        {
            "transfer_id": "The transfer looked for.",
            "exchange": "Where.",
            "watched": "1 for one that did not happen and is watched in case it did.",
            "step": "How many looks were taken.",
            "due_at": "When, UTC.",
        },
    ),
    "balances": Described(
        "The last reading of what can leave an account.",
        {
            "account": "The account.",
            "currency": "Upper case.",
            "available": "Exact decimal text; empty where it could not be read.",
            "problem": "Why it could not be read.",
            "at": "When it was read, UTC.",
            "wanted_at": "Since when somebody waits for a newer one.",
        },
    ),
    "wishes": Described(
        "Transfers asked for as a share, until the balance is read. What becomes of one is an event.",
        {
            "id": "Number of the row.",
            "team": "Slack workspace id.",
            "person": "Slack user id.",
            "channel": "Slack channel id.",
            "text": "What was typed.",
            "source": "Where the money would leave.",
            "destination": "Where it would arrive.",
            "currency": "Upper case.",
            "percent": "How much of it.",
            "reason": "Why, in their words.",
            "at": "When, UTC.",
        },
    ),
    "homes": Described(
        "Whose Home tab is kept up to date.",
        {"person": "Slack user id.", "shown": "Hash of what it shows.", "at": "When it was opened, UTC."},
    ),
    "standings": Described(
        "What Slack last said of people and channels.",
        {"subject": "Slack id.", "standing": "What is against them; empty for nothing.", "at": "When, UTC."},
    ),
    "codes": Described(
        "Tries of one-time codes. Never a code.",
        {
            "person": "Slack user id.",
            "step": "The time step of a right code; empty for a wrong one.",
            "at": "When, UTC.",
        },
    ),
}

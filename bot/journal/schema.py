"""The tables, made by hand: STRICT, amounts as decimal text, times as UTC ISO 8601 text with milliseconds."""

from __future__ import annotations

from sqlite_utils import Database, Migrations

migrations = Migrations("transferdesk")

# Every migration below, by name: a database that knows another one was made by a newer transferdesk.
KNOWN = frozenset(
    {"first_tables", "identity_and_tries", "agreement", "touch", "filters", "replies", "kept", "found_by_end"}
)


@migrations()
def first_tables(db: Database) -> None:
    """Create everything the desk keeps, and the triggers that make `events` append-only."""
    for statement in _TABLES:
        db.execute(statement)


@migrations()
def identity_and_tries(db: Database) -> None:
    """Give the journal a name of its own, and each outbox row the moment a post of it was begun."""
    db.execute("CREATE TABLE journal (uuid TEXT PRIMARY KEY, begun_at TEXT NOT NULL) STRICT")
    db.execute("INSERT INTO journal VALUES (lower(hex(randomblob(16))), strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))")
    # Set before a message is posted, cleared once Slack said what became of it: in between nobody knows.
    db.execute("ALTER TABLE outbox ADD COLUMN tried_at TEXT")
    # Equal sends: what the exchange's records are held against, and what people are told on the card.
    db.execute("CREATE INDEX transfers_by_amount ON transfers(exchange, currency, amount, sent_at)")
    db.execute("DROP INDEX transfers_by_route")
    db.execute(
        "CREATE INDEX transfers_by_route "
        "ON transfers(exchange, source, destination, currency, amount, coalesce(settled_at, 'open'))"
    )
    db.execute(
        "CREATE TABLE looks (transfer_id INTEGER PRIMARY KEY REFERENCES transfers(id), exchange TEXT NOT NULL, "
        "watched INTEGER NOT NULL, step INTEGER NOT NULL, due_at TEXT NOT NULL) STRICT"
    )
    db.execute("CREATE INDEX looks_due ON looks(exchange, watched, due_at)")


@migrations()
def agreement(db: Database) -> None:
    """Make room for what a policy asks for: reasons, approvals apart from resolutions, who is still there, a freeze."""
    for statement in _AGREEMENT:
        db.execute(statement)


@migrations()
def touch(db: Database) -> None:
    """Make room for what people see and touch: balances, amounts as a share of one, Home tabs, private lines."""
    for statement in _TOUCH:
        db.execute(statement)


@migrations()
def filters(db: Database) -> None:
    """Let lists of transfers be read in the order of their ids, whatever they are filtered by."""
    for statement in _FILTERS:
        db.execute(statement)


@migrations()
def replies(db: Database) -> None:
    """Let what waits under a card be found without reading all that was ever told."""
    db.execute("CREATE INDEX outbox_by_transfer ON outbox(transfer_id) WHERE state <> 'done'")


@migrations()
def kept(db: Database) -> None:
    """Let nothing of the record be removed, and nothing be changed that no desk ever changes."""
    for table in _NEVER_REMOVED:
        db.execute(_guard(table, "removed", "DELETE"))
    for table in _NEVER_CHANGED:
        db.execute(_guard(table, "changed", "UPDATE"))


@migrations()
def found_by_end(db: Database) -> None:
    """Let what is rare be found as soon in a long past as in a short one."""
    for statement in _FOUND_BY_END:
        db.execute(statement)


def _guard(table: str, what: str, act: str) -> str:
    return (
        f"CREATE TRIGGER {table}_are_never_{what} BEFORE {act} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are never {what}'); END"
    )


# A transfer moves on, and whoever approved may still deny; both are in events, too.
_NEVER_REMOVED = ("transfers", "approvals", "resolutions", "policies", "journal", "deliveries")
_NEVER_CHANGED = ("policies", "journal", "deliveries")

# Words of a filter, alone and together, in the order of ids. None of these columns ever changes.
_ALONE = ("requester", "exchange", "currency")
_TOGETHER = ("requester, exchange", "requester, currency", "exchange, currency", "requester, exchange, currency")
_LOOKED_FOR = ("turned_away", "tries", "daily_head")
_ENDED = "settled_at IS NOT NULL"
_FAILED = f"{_ENDED} AND state IN ('refused', 'not_sent', 'unknown', 'not_executed', 'blocked')"


def _by_words(name: str, words: str, condition: str) -> str:
    return f"CREATE INDEX {name}_by_{words.replace(', ', '_')} ON transfers({words}) WHERE {condition}"


# A person waits for the ack while a proposal is written: what it will be found by is left to its end, where it can be.
# And each condition begins with what is soon known: SQLite builds a table for every list of states it has to look into.
_FOUND_BY_END = (
    *(f"DROP INDEX transfers_by_{word}" for word in _ALONE),
    "DROP INDEX transfers_failed",
    f"CREATE INDEX transfers_failed ON transfers(team) WHERE {_FAILED}",
    *(_by_words("transfers", words, _ENDED) for words in (*_ALONE, *_TOGETHER)),
    "CREATE INDEX transfers_open ON transfers(team) WHERE settled_at IS NULL",
    *(_by_words("transfers_failed", words, _FAILED) for words in (*_ALONE, *_TOGETHER)),
    # What may count against limits: not what is only proposed, nor what came to nothing.
    "DROP INDEX transfers_by_end",
    "CREATE INDEX transfers_counted ON transfers(currency, coalesce(settled_at, 'open')) "
    "WHERE state <> 'proposed' AND state IN ('approved', 'sending', 'unknown', 'succeeded', 'not_executed', 'waiting')",
    # Equal sends.
    "DROP INDEX transfers_by_amount",
    "CREATE INDEX transfers_by_amount ON transfers(exchange, currency, amount, sent_at) WHERE sent_at IS NOT NULL",
    # What is looked for by who did it.
    "DROP INDEX events_by_actor",
    *(f"CREATE INDEX events_{kind} ON events(actor, seq) WHERE kind = '{kind}'" for kind in _LOOKED_FOR),
    "DROP INDEX outbox_by_transfer",
    "CREATE INDEX outbox_replies ON outbox(transfer_id) WHERE kind = 'thread' AND state <> 'done'",
    # The latest one-time code of somebody who used thousands.
    "CREATE INDEX codes_by_step ON codes(person, step)",
)

_FILTERS = (
    "CREATE INDEX transfers_by_requester ON transfers(requester)",
    "CREATE INDEX transfers_by_exchange ON transfers(exchange)",
    "CREATE INDEX transfers_by_currency ON transfers(currency)",
    "CREATE INDEX transfers_by_age ON transfers(created_at)",
    # The condition is that of the query to the letter, or SQLite does not use it.
    "CREATE INDEX transfers_failed ON transfers(team) "
    "WHERE state IN ('refused', 'not_sent', 'unknown', 'not_executed', 'blocked')",
)

_AGREEMENT = (
    "ALTER TABLE transfers ADD COLUMN reason TEXT NOT NULL DEFAULT ''",
    # Usage: what is open, or ended in the last 24 hours.
    "CREATE INDEX transfers_by_end ON transfers(currency, coalesce(settled_at, 'open'))",
    # An admin may both approve a transfer and, when its answer is lost, settle it.
    """
    CREATE TABLE resolutions (
        transfer_id INTEGER NOT NULL REFERENCES transfers(id),
        version INTEGER NOT NULL,
        approver TEXT NOT NULL,
        decision TEXT NOT NULL,
        seal TEXT NOT NULL,
        at TEXT NOT NULL,
        PRIMARY KEY (transfer_id, version, approver)
    ) STRICT
    """,
    "INSERT INTO resolutions SELECT * FROM approvals",
    "DELETE FROM approvals",
    # What Slack last said of a person or a channel; no words: found well.
    "CREATE TABLE standings (subject TEXT PRIMARY KEY, standing TEXT NOT NULL, at TEXT NOT NULL) STRICT",
    # Nothing leaves an exchange named here; '' names them all.
    "CREATE TABLE freezes "
    "(exchange TEXT PRIMARY KEY, actor TEXT NOT NULL, reason TEXT NOT NULL, at TEXT NOT NULL) STRICT",
    # Tries of one-time codes; the time step of a right one, nothing for a wrong one. Never the code.
    "CREATE TABLE codes (person TEXT NOT NULL, step INTEGER, at TEXT NOT NULL) STRICT",
    "CREATE INDEX codes_by_person ON codes(person, at)",
    "CREATE INDEX events_by_actor ON events(actor, kind, seq)",
    # An audit line may be about no transfer: a freeze, a new policy, somebody's tries.
    "ALTER TABLE outbox RENAME TO outbox_before",
    "DROP INDEX outbox_one_card",
    "DROP INDEX outbox_pending",
    """
    CREATE TABLE outbox (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        kind TEXT NOT NULL CHECK (kind IN ('card', 'thread', 'audit')),
        transfer_id INTEGER REFERENCES transfers(id),
        event_seq INTEGER REFERENCES events(seq),
        generation INTEGER NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('pending', 'done', 'parked')),
        due_at TEXT NOT NULL,
        attempts INTEGER NOT NULL,
        problem TEXT,
        created_at TEXT NOT NULL,
        tried_at TEXT,
        tried_in TEXT,
        CHECK (transfer_id IS NOT NULL OR kind = 'audit')
    ) STRICT
    """,
    "INSERT INTO outbox SELECT id, kind, transfer_id, event_seq, generation, state, due_at, attempts, problem, "
    "created_at, tried_at, NULL FROM outbox_before",
    # Row ids that were given are never given again.
    "DELETE FROM sqlite_sequence WHERE name = 'outbox'",
    "INSERT INTO sqlite_sequence SELECT 'outbox', seq FROM sqlite_sequence WHERE name = 'outbox_before'",
    "DROP TABLE outbox_before",
    "CREATE UNIQUE INDEX outbox_one_card ON outbox(transfer_id) WHERE kind = 'card'",
    "CREATE INDEX outbox_pending ON outbox(due_at, id) WHERE state = 'pending'",
)

_TOUCH = (
    # How the amount was typed when it was a share of what was available: `all`, `half`, `25%`.
    "ALTER TABLE transfers ADD COLUMN share TEXT NOT NULL DEFAULT ''",
    # The steps of a route, and what tries a transfer again.
    "CREATE INDEX transfers_by_follows ON transfers(follows) WHERE follows IS NOT NULL",
    "CREATE INDEX transfers_by_retry ON transfers(retry_of) WHERE retry_of IS NOT NULL",
    # The last reading of what can leave an account; no amount: it could not be read, `problem` says why.
    # wanted_at: somebody waits for a newer one.
    """
    CREATE TABLE balances (
        account TEXT NOT NULL,
        currency TEXT NOT NULL,
        available TEXT,
        problem TEXT NOT NULL DEFAULT '',
        at TEXT,
        wanted_at TEXT,
        PRIMARY KEY (account, currency)
    ) STRICT
    """,
    "CREATE INDEX balances_wanted ON balances(wanted_at) WHERE wanted_at IS NOT NULL",
    # Transfers asked for as a share, until the balance is read; then they are proposed, or refused.
    """
    CREATE TABLE wishes (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        team TEXT NOT NULL,
        person TEXT NOT NULL,
        channel TEXT NOT NULL,
        text TEXT NOT NULL,
        source TEXT NOT NULL,
        destination TEXT NOT NULL,
        currency TEXT NOT NULL,
        percent TEXT NOT NULL,
        reason TEXT NOT NULL,
        at TEXT NOT NULL
    ) STRICT
    """,
    "CREATE INDEX wishes_by_source ON wishes(source, currency)",
    # Whose Home tab Slack shows, since when, and a digest of what it shows.
    "CREATE TABLE homes (person TEXT PRIMARY KEY, shown TEXT NOT NULL, at TEXT NOT NULL) STRICT",
    # A line for one person alone may be about no transfer as well.
    "ALTER TABLE outbox RENAME TO outbox_before",
    "DROP INDEX outbox_one_card",
    "DROP INDEX outbox_pending",
    """
    CREATE TABLE outbox (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        kind TEXT NOT NULL CHECK (kind IN ('card', 'thread', 'audit', 'private')),
        transfer_id INTEGER REFERENCES transfers(id),
        event_seq INTEGER REFERENCES events(seq),
        generation INTEGER NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('pending', 'done', 'parked')),
        due_at TEXT NOT NULL,
        attempts INTEGER NOT NULL,
        problem TEXT,
        created_at TEXT NOT NULL,
        tried_at TEXT,
        tried_in TEXT,
        CHECK (transfer_id IS NOT NULL OR kind IN ('audit', 'private'))
    ) STRICT
    """,
    "INSERT INTO outbox SELECT * FROM outbox_before",
    # Row ids that were given are never given again.
    "DELETE FROM sqlite_sequence WHERE name = 'outbox'",
    "INSERT INTO sqlite_sequence SELECT 'outbox', seq FROM sqlite_sequence WHERE name = 'outbox_before'",
    "DROP TABLE outbox_before",
    "CREATE UNIQUE INDEX outbox_one_card ON outbox(transfer_id) WHERE kind = 'card'",
    "CREATE INDEX outbox_pending ON outbox(due_at, id) WHERE state = 'pending'",
)

_TABLES = (
    """
    CREATE TABLE policies (
        hash TEXT PRIMARY KEY,
        text TEXT NOT NULL,
        at TEXT NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE transfers (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        version INTEGER NOT NULL,
        state TEXT NOT NULL,
        exchange TEXT NOT NULL,
        source TEXT NOT NULL,
        destination TEXT NOT NULL,
        currency TEXT NOT NULL,
        amount TEXT NOT NULL,
        margin_account TEXT NOT NULL,
        connection TEXT NOT NULL,
        requester TEXT NOT NULL,
        team TEXT NOT NULL,
        channel TEXT NOT NULL,
        card_ts TEXT,
        rule TEXT NOT NULL,
        rule_hash TEXT NOT NULL,
        policy_hash TEXT NOT NULL REFERENCES policies(hash),
        seal TEXT NOT NULL,
        approvals_needed INTEGER NOT NULL,
        deadline TEXT,
        created_at TEXT NOT NULL,
        reserved_at TEXT,
        sent_at TEXT,
        settled_at TEXT,
        exchange_reference TEXT,
        outcome TEXT,
        follows INTEGER REFERENCES transfers(id),
        retry_of INTEGER REFERENCES transfers(id)
    ) STRICT
    """,
    "CREATE INDEX transfers_by_state ON transfers(state, deadline)",
    "CREATE INDEX transfers_by_route ON transfers(exchange, source, destination, currency, id)",
    # A decision holds for one version: what was approved is what was shown.
    """
    CREATE TABLE approvals (
        transfer_id INTEGER NOT NULL REFERENCES transfers(id),
        version INTEGER NOT NULL,
        approver TEXT NOT NULL,
        decision TEXT NOT NULL,
        seal TEXT NOT NULL,
        at TEXT NOT NULL,
        PRIMARY KEY (transfer_id, version, approver)
    ) STRICT
    """,
    """
    CREATE TABLE deliveries (
        key TEXT PRIMARY KEY,
        answer TEXT NOT NULL,
        at TEXT NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE events (
        seq INTEGER PRIMARY KEY,
        at TEXT NOT NULL,
        transfer_id INTEGER REFERENCES transfers(id),
        kind TEXT NOT NULL,
        actor TEXT NOT NULL,
        data TEXT NOT NULL,
        previous_hash TEXT NOT NULL,
        hash TEXT NOT NULL
    ) STRICT
    """,
    "CREATE INDEX events_by_transfer ON events(transfer_id, seq)",
    """
    CREATE TRIGGER events_are_never_changed BEFORE UPDATE ON events
    BEGIN SELECT RAISE(ABORT, 'events are append-only'); END
    """,
    """
    CREATE TRIGGER events_are_never_removed BEFORE DELETE ON events
    BEGIN SELECT RAISE(ABORT, 'events are append-only'); END
    """,
    # kind: card (one row a transfer, coalesced by generation), thread and audit (one row an event).
    # state: pending → done, or parked when Slack will never take it.
    """
    CREATE TABLE outbox (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        kind TEXT NOT NULL CHECK (kind IN ('card', 'thread', 'audit')),
        transfer_id INTEGER NOT NULL REFERENCES transfers(id),
        event_seq INTEGER REFERENCES events(seq),
        generation INTEGER NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('pending', 'done', 'parked')),
        due_at TEXT NOT NULL,
        attempts INTEGER NOT NULL,
        problem TEXT,
        created_at TEXT NOT NULL
    ) STRICT
    """,
    "CREATE UNIQUE INDEX outbox_one_card ON outbox(transfer_id) WHERE kind = 'card'",
    "CREATE INDEX outbox_pending ON outbox(due_at, id) WHERE state = 'pending'",
)

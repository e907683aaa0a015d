"""Every exception of ours, with what the desk does when it happens.

    TransferdeskError
    ├── UserError             a person typed or pressed something that cannot be done; told privately, nothing changes
    │   ├── GrammarError      the text is no command; the answer names what was understood and a corrected example
    │   └── NotAllowed        the person, place or policy forbids it; an event is written, nothing is posted publicly
    ├── StartError            the desk does not start; the text names the file, variable or process and the fix
    │   ├── ConfigError       desk.toml is wrong: file, key, what is expected
    │   ├── SettingsError     the environment is wrong: variable, what is expected
    │   └── JournalLocked     another desk owns this database
    ├── JournalError          the database refused; the transaction is rolled back and nothing is acknowledged
    └── ExchangeUnreadable    a read from the exchange failed; the transfer waits, nothing is sent
        └── BalanceHidden     the exchange shows this balance to no key; people are told so, and it is not asked again

The outcomes of a send are values (`bot.transfers.Outcome`), not exceptions: an exception must never look like an
exchange's refusal. No text of any of these may hold a secret, a URL or a foreign exception's text.
"""

from __future__ import annotations


class TransferdeskError(Exception):
    """The base of every error the desk raises on purpose. The text is written for the person who reads it."""


class UserError(TransferdeskError):
    """A person asked for something that cannot be done. Told to that person alone; nothing changes."""


class GrammarError(UserError):
    """The text is not a command. Says what was understood and shows a corrected example; nothing is guessed."""


class NotAllowed(UserError):
    """The person, the place or the policy forbids it. Recorded as an event, answered privately."""


class StartError(TransferdeskError):
    """The desk refuses to start. The text names what is wrong and how to mend it."""


class ConfigError(StartError):
    """desk.toml cannot be used. One line per problem: file, key, what is expected."""


class SettingsError(StartError):
    """The environment cannot be used. Names the variable, never its value."""


class JournalLocked(StartError):
    """Another running desk owns this database. Two writers would mean two senders."""


class JournalError(TransferdeskError):
    """The database refused a transaction. It was rolled back; whoever asked must not acknowledge anything."""


class ExchangeUnreadable(TransferdeskError):
    """A read from the exchange did not give a usable answer. Without a snapshot nothing is sent."""


class BalanceHidden(ExchangeUnreadable):
    """The exchange's API does not say what can leave this account. Nothing depends on it; asking again is no use."""

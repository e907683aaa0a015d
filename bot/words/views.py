"""What stands in forms, on the Home tab, in lists, in help and around a report."""

from __future__ import annotations

# Buttons of every form

CLOSE = "Close"
BACK = "Back"

# The form for a transfer

MOVE_MONEY = "Move money"
PROPOSE = "Propose"
FORM_PROMISE = "Nothing leaves before you have checked the card and pressed Confirm there."
EXCHANGE_FIELD = "Exchange"
SOURCE_FIELD = "From"
DESTINATION_FIELD = "To"
MARGIN_FIELD = "Margin account"
CURRENCY_FIELD = "Currency"
AMOUNT_FIELD = "Amount"
REASON_FIELD = "Reason"
CHANNEL_FIELD = "Where the card is posted"
CHOOSE_ONE = "Choose"
GROUP = "{number} of {count}"
NOT_ALL_LISTED = "{count} more are not listed; type them after /transfer."
AMOUNT_HINT = "A figure, like 1250.50 or 1.5k, or a share: all, half, 25%"
AVAILABLE_HIDDEN = "What is available on {account} is {problem}."
AVAILABLE_AWAITED = "What is available on {account} is being read."
AVAILABLE_UNREAD = "What is available on {account} {problem}, tried {moment}."
AVAILABLE = "Available on {account}: *{amount}*, read {moment}."
AVAILABLE_AGAIN = "Available on {account}: *{amount}*, read {moment}; it is being read again."

# What is wrong in it

CHOOSE = "Please choose {what}."
CHOOSE_AGAIN = "That cannot be chosen any more; please choose {what}."
THE_EXCHANGE = "the exchange"
THE_SOURCE = "where the money leaves"
THE_DESTINATION = "where the money goes"
THE_MARGIN_ACCOUNT = "the margin account"
THE_CURRENCY = "the currency"
THE_CHANNEL = "where the card is posted"
AMOUNT_MISSING = "Please write an amount."
AMOUNT_ALONE = "{wrong} Write the figure alone, like {example}."

# The form for a one-time code

APPROVE_TITLE = "Approve {transfer}"
APPROVE_SUBMIT = "Approve"
APPROVING = (
    "You are approving {transfer}: *{money}* from `{source}` to `{destination}`, asked by {person}, seal `{seal}`."
)
CODE_FIELD = "The six digits in your authenticator app"
CODE_MISSING = "Please type the six digits your authenticator app shows."

# The form that settles

SETTLE_TITLE = "Settle {transfer}"
SETTLE_SUBMIT = "Settle"
SETTLING = (
    "You are saying that {transfer} (*{money}* from `{source}` to `{destination}`) *was {decision}*. "
    "Look at the exchange's own records first; this cannot be taken back."
)
SEEN_FIELD = "What did you see, and where?"
SEEN_MISSING = "Please say what you saw, for the record."

# The Home tab

STRANGER_AT_HOME = "This desk moves money for the people on its allowlist, and you are not on it."
NEW_TRANSFER = "New transfer"
WAITING_FOR_YOU = "Waiting for you"
CONFIRM_IT = "Confirm it"
APPROVE_IT = "Approve or deny it"
SETTLE_IT = "Settle it"
MOVE_IT = "Move it on or back"
SHOW_CARD = "Show card"
SHOW_CARD_ALOUD = "Show the card of {transfer}"
CARD_TITLE = "Transfer {transfer}"
NO_CARD_TITLE = "Transfer"
CARD_IS_IN = "The card is in {channel}. Its buttons count there and nowhere else."
NOTHING_WAITS = "Nothing waits for you."
OPEN_TRANSFERS = "Open"
NOTHING_ELSE_OPEN = "Nothing else is open."
ENDED_LATELY = "Ended lately"
NOTHING_ENDED = "Nothing yet."
CONFIRMED_WAITS = "🧊 *{frozen}* What is confirmed waits."
MORE_TRANSFERS = "… and {count} more; `/transfer history` lists them."
YOUR_LIMITS = "Left of your limits"
MORE_LIMITS = "… and {count} more; `/transfer limits` shows more of them."
NO_LIMITS = "No rule lets you move money."
EXCHANGES = "Exchanges"
ANSWERED = "*{exchange}*: last answered {moment}."
NOT_ASKED = "*{exchange}*: not asked lately."
UNREAD = "⚠️ {account} {problem}, tried {moment}."
UNANSWERED = "⚠️ {transfer} has no answer; what takes the same way waits until it is settled."
UNDER_WAY = "{transfer} is being sent."
HELD = "⏳ {transfer} is confirmed and has not left. {why}"

# Lists and files

TRANSFERS = "Transfers{about}"
NO_TRANSFERS = "No transfers{about}.{hint}"
NO_TRANSFERS_YET = "No transfers yet."
ABOUT_PERSON = "by {person}"
ABOUT_EXCHANGE = "on {exchange}"
ABOUT_CURRENCY = "in {currency}"
ABOUT_FAILED = "that failed"
ABOUT_SINCE = "of the last {span}"
ABOUT_RANGE = "from {first} to {last}"
NEWER = "Newer"
OLDER = "Older"
NEWER_ALOUD = "Newer transfers"
OLDER_ALOUD = "Older transfers"
FILE_TITLE = "Transfers"
FILE_WHOLE = "{count} transfer{s}. Times are UTC."
FILE_LATEST = "The latest {count} transfers. `{rest}` asks for those before them. Times are UTC."

# Balances

BALANCES = "*What can leave each account*"
MORE_ACCOUNTS = "and {count} more accounts"
MORE_BALANCES = "and {count} more currencies"
BALANCE = "*{amount}*, read {moment}"
BALANCE_AGAIN = "*{amount}*, read {moment}, being read"
BALANCE_AWAITED = "{currency} being read"
BALANCE_HIDDEN = "{currency} {problem}"
BALANCE_UNREAD = "{currency} {problem}, tried {moment}"
BALANCE_UNREAD_AGAIN = "{currency} {problem}, tried {moment}, being read"
HIDDEN = "not readable through the API"
UNREADABLE = "could not be read: {why}"
UNEXPECTED = "the answer is not as expected"

# Help

HELP = "Move money between accounts of one exchange. Nothing leaves before you press Confirm on the card."
HELP_STRANGER = "Transferdesk moves money between exchange accounts, for people it knows. {why}"
HELP_EXAMPLE = "• `/transfer {example}`"
HELP_REASON = "reason month-end collateral"
HELP_LOOKING_ONLY = "No rule lets you move money; you can look."
HELP_AMOUNT = (
    "• An amount is written in full, `1250.50` or `1,250.50`, or as `1.5k` or `2m`; `all`, `half` and `25%` are of "
    "what is there"
)
HELP_FORM = (
    "• `/transfer` alone opens a form, `/transfer again T12` proposes T12 once more, `/transfer cancel T12` takes your "
    "own back"
)
HELP_LIMITS = "• `/transfer limits` says what is left of your limits, `/transfer balances` what is in the accounts"
HELP_WHY = "• `/transfer why` before a transfer says what the policy makes of it"
HELP_LOOK = "• `/transfer show T12`, `/transfer mine` and `/transfer history` look, `/transfer report 30d` sums up"
HELP_FREEZE = "• In an emergency `/transfer freeze` and the reason: nothing leaves any more"
HELP_FILTER = "• A list can be narrowed, in any order: `/transfer history {filter}`"
HELP_SETTLE = (
    "• As an admin you settle other people's transfers whose answer was lost, on their cards, and `/transfer unfreeze` "
    "what others froze"
)
HELP_EXPORT = "• `/transfer export` sends you the transfers as a file, narrowed like a list"

# A report

REPORT_HEAD = "*Report, {period}*, asked by {person}"
REPORT_ALOUD = "Report, {period}."
REPORT_SECTION = "{title}."
MORE_CURRENCIES = "{count} more currencies are in `transferdesk report`."
PICTURE_TITLE = "Net flow, {period}"

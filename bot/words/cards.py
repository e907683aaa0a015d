"""What stands on a transfer's card, beneath it and in the audit channel: how it stands, why it waits, how it ended."""

from __future__ import annotations

from bot.transfers import State

# How a transfer stands: at the head of its card, and in the middle of a sentence

HEAD = {
    State.PROPOSED: "Please check and confirm",
    State.AWAITING_APPROVAL: "Waiting for approval",
    State.WAITING: "Waiting for the step before it",
    State.APPROVED: "Confirmed, about to be sent",
    State.SENDING: "Being sent",
    State.SUCCEEDED: "Done",
    State.REFUSED: "Refused, nothing moved",
    State.NOT_SENT: "Not sent, nothing moved",
    State.UNKNOWN: "Sent, no answer; do not repeat it",
    State.NOT_EXECUTED: "Settled as not executed",
    State.DENIED: "Denied",
    State.CANCELLED: "Cancelled",
    State.EXPIRED: "Expired",
    State.BLOCKED: "Blocked",
}
IN_WORDS = {
    State.PROPOSED: "not confirmed yet",
    State.AWAITING_APPROVAL: "waiting for approval",
    State.WAITING: "waiting for the step before it",
    State.APPROVED: "confirmed and about to be sent",
    State.SENDING: "being sent",
    State.SUCCEEDED: "done",
    State.REFUSED: "refused by the exchange; nothing moved",
    State.NOT_SENT: "not sent; nothing moved",
    State.UNKNOWN: "without an answer: it was sent and may have happened; do not repeat it",
    State.NOT_EXECUTED: "settled as not executed",
    State.DENIED: "denied",
    State.CANCELLED: "cancelled",
    State.EXPIRED: "expired",
    State.BLOCKED: "blocked",
}
ALARM = "It may have happened after all"
# What is told of a transfer that is no state of it, by the kind of its event.
NEWS = {"asked_again": "Asked again", "late_answer": "Late answer", "surplus": ALARM}

# A card, and one line about a transfer

CARD_ALOUD = "{transfer}: {money} from {source} to {destination}. {standing}."
SECOND_ALOUD = "The second step, {transfer}: {standing}"
SHARE_OF = "{share} of {available} available"
REASON = "Reason: {reason}"
ALARMED = "🚨 *{alarm}:* {why}"
STEP = "{number}. {transfer}: `{source}` → `{destination}`, {standing}"
ONE_LINE = "*{transfer}* {money} `{source}` → `{destination}`, {standing}, asked by {person}, {moment}"
UNTIL = "until {moment}"
OUTDATED_COPY = "This is an outdated copy of {transfer}; the card posted after it is the one that counts."
NO_CARD = (
    "The card of {transfer} cannot be shown here (Slack says {problem}), so it cannot be confirmed either. "
    "Please ask for the desk's app to be invited to this channel."
)
AND_MORE = "{names} and {count} more"

# The facts at the foot of a card, and in a line of the audit channel

ASKED_BY = "asked by {person}"
BY = "by {person}"
EXACTLY = "exactly `{route}`"
MARGIN_ACCOUNT = "margin account {account}"
CROSS = "{account} (cross)"
ISOLATED = "{account} (isolated)"
AGAIN_AFTER = "again after {transfer}"
RULE = "rule {rule}"
SEAL = "seal `{seal}`"
REFERENCE = "reference `{reference}`"
CHAIN = "chain #{seq} `{hash}`"

# What both sides have

NOT_ENOUGH = "*Not enough:* `{account}` has {available}, this takes {amount}."
LESS = "less {currency}"
SIDE = "`{account}` {before} → {after} {currency}, read {moment}"
SIDE_AWAITED = "`{account}` is being read"
SIDE_UNREAD = "`{account}` {problem}"
SIDE_UNREAD_AT = "`{account}` {problem}, tried {moment}"

# What can be done about it, by whom and until when

EQUAL_TRANSFER = "⚠️ *Equal transfer:* {transfer} by {person} is {state}."
CONFIRM_UNTIL = "Only {person} can confirm, until {moment}."
APPROVAL_THEN = "Then it takes the approval of {tier}: {people}."
CONFIRM_WITHHELD = "Confirm is withheld until {transfers} is settled."
APPROVAL_UNTIL = "It takes the approval of {tier}. Asked: {people}. Any of them can deny it, until {moment}."
NOBODY_LEFT = "nobody is left"
SENT_BEFORE = "It is sent before {moment}, or not at all."
ENDED = "Ended {moment}."
FOLLOWS = "{second} follows by itself when {first} is done in time."
DECIDED = "{person} {decision} it, {moment}."
MONEY_IS_ON = "*The money is on `{account}`.*"
SENDS_BACK = "{transfer} sends it back: {state}."
TRIES_AGAIN = "{transfer} tries this step again: {state}."

# The buttons of a card

CONFIRM_BUTTON = "Confirm {money}"
APPROVE_BUTTON = "Approve {money}"
DENY_BUTTON = "Deny"
CANCEL_BUTTON = "Cancel"
EXECUTED_BUTTON = "It was executed …"
NOT_EXECUTED_BUTTON = "It was not executed …"
TRY_AGAIN_BUTTON = "Try the second step again"
SEND_BACK_BUTTON = "Send it back"

# Sent, without an answer

SENT_AT = "Sent {moment}."
MAY_HAVE_HAPPENED = "It may or may not have happened; no other transfer leaves on this route until it is settled."
SETTLE_FOUND = "Settle it {place} as executed: one of {people}; or as not executed: {count} of them."
SETTLE_SEEN = "Look at the exchange, then settle it {place}: {count} of {people}."
HERE = "here"
ON_ITS_CARD = "on its card"
TOO_FEW_SETTLE = (
    "Settling it takes {count} admins other than the requester, and desk.toml names {people}; "
    "name more people under admins."
)
NOBODY = "nobody"
FOUND_IT = "{person} found it {decision}, {moment}."
FOUND_IT_FOR = "{person} found it {decision}, {moment}: {reason}"
LOST_TRACK = "The desk stopped while the request was on its way; the exchange's answer was not seen."

# What the exchange's records show of it

CHECK_COMES = "The desk is about to look for it in the exchange's records."
CHECKED = "*Checked {moment}:* {seen} {following}"
NEXT_CHECK = "Next check {moment}."
NO_MORE_CHECKS = "The desk does not check any more."
RECORDS_UNREADABLE = "The records could not be read: {why}."
RECORDS_UNEXPECTED = "The records could not be read: they are not as expected."
RECORDS_INCOMPLETE = "The records do not show all of {transfers} yet, which succeeded."
RECORDS_EXPLAINED_ONE = "The records show no more such transfers than {transfers} accounts for."
RECORDS_EXPLAINED = "The records show no more such transfers than {transfers} account for."
RECORDS_SHOW_NONE_YET = "The records show no such transfer; they may lag."
RECORDS_SHOW_NONE = "The records show no such transfer."
RECORDS_SHOW_SEVERAL = "The records show {count} such transfers that are nobody's; people must say which is which."
RECORDS_SHOW_A_RIVALS = "The records show one such transfer, which could also be {transfer}, taken as not happened."
RECORDS_UNMOVED = "The records show one such transfer, but the balance has not changed; people must look."
RECORDS_MOVED_OTHERWISE = (
    "The records show one such transfer, but the balance did not change by just that; people must look."
)
RECORDS_LATE = "The records show one such transfer, seen too long after the request to be sure whose it is."
RECORDS_SHOW_IT = "The records show the transfer."
SURPLUS = "The exchange's records show such a transfer that is no other's. Look there before repeating it."
GAP = "The records show one such transfer, but the journal was restored from a backup since; people must look."

# Why a confirmed transfer waits

WAITS_FOR_FREEZE = "It waits: {frozen}"
WAITS_FOR_EXCHANGE = "It waits: {problem}."
WAITS_FOR_KEY = "It waits for {transfer}, which was sent without an answer on the same route."
WAITS_FOR_SLACK = "It waits until Slack has confirmed that all is still well with {names}."
THIS_CHANNEL = "this channel"
WAITS_FOR_BALANCE = "It waits until what can leave its source has been read."

# What Slack says of people and channels

NOT_WELL = "Slack says of {who}: {words}."
UNKNOWN_TO_SLACK = "unknown to Slack"
DEACTIVATED = "deactivated in Slack"
FOREIGN = "of another workspace"
A_BOT = "a bot"
A_GUEST = "a guest"
ARCHIVED = "archived"
SHARED = "shared with another workspace"
NOT_A_MEMBER = "the app is not a member"

# What the exchange answered

REFERENCE_IS = "The exchange's reference is {reference}"
SAID_NO = "The exchange said no: {code} {message}"
SAID_NO_BY = "The exchange said no ({by}): {code} {message}"
SETTLED_BY_HAND = "Settled by hand as {decision}. {reasons}"
SETTLED_BY_EVIDENCE = "Settled by evidence. {seen}"

# How a transfer ended before it was sent

NOT_SENT_IN_TIME = "Writing it down took so long that it was not sent any more."
BY_THE_REQUESTER = "Cancelled by the requester."
DENIED_BY = "Denied by {person}."
UNCONFIRMED = "It was not confirmed in time."
UNAPPROVED = "It was not approved in time."
UNSENT = "It could not be sent in time."
ROW_CHANGED = "The journal's row does not match its seal; somebody changed it."
VOTES_MISSING = "It takes the approval of {tier}, and the journal does not hold it."
SHARE_CHANGED = "The journal's row holds a share that is none; somebody changed it."
CHANNEL_GONE = "The desk no longer serves this channel."
EXCHANGE_GONE = "There is no exchange {exchange} in desk.toml any more."
REQUESTER_GONE = "The requester is no longer on the allowlist."
FIRST_STEP_FAILED = "The step before it did not happen."
TOO_LITTLE_LEFT = "`{account}` has {available} by now. {why}"
NOTHING_LEFT = "`{account}` has {available} by now; {share} of that is nothing to move."

# Asked again

ASKED_AGAIN = "{why} Please look at it again and confirm if it is still wanted."
RULES_CHANGED = "The rules or the exchange key changed after this card was drawn."
VOTES_VOID = "What was approved no longer counts."
LESS_LEFT = "`{account}` has {available} by now, so {share} of it is {now}, not {before}."
CLOCK_WENT_BACK = "This machine's clock went back, so its deadline cannot be trusted."
EQUAL_UNANSWERED = "{transfer}, an equal transfer, was sent without an answer."
FIRST_STEP_LATE = "{transfer}, the step before it, was settled late."

# A backup was restored

RESTORED_UNSENT = (
    "Cancelled: restored from a backup, so it is not sent any more. Whether it was sent after the backup was made, the "
    "exchange's records tell; look there before repeating it."
)
RESTORED_SENDING = "Restored from a backup made while the request was on its way; the exchange's answer is not in it."
RESTORED_SEEN = "The audit channel has a later line about it, #{seq} of journal {journal}."
RESTORED_FROZEN = "restored from a backup; what was sent or frozen after it was made is not in it"

# Beneath a card: to the requester, and to those whose approval is wanted

TOLD = "{person} {transfer}, {what}: {told}"
STRANDED = "The money is on {account}; the card says what can be done."
CALL = "{people} {transfer}, {what}, waits for the approval of {tier}.{reason} Decide on the card above."
REMINDER = (
    "{people} {transfer}, {what}, still waits for the approval of {tier}, until {moment}.{reason} "
    "Decide on the card above."
)

# The audit channel, about no transfer

EXCHANGE_FROZEN = "🧊 *{exchange} is frozen* by {person}: {reason}"
EXCHANGE_UNFROZEN = "🟢 *{exchange} is no longer frozen*, by {person}"
POLICY_LOADED = "📜 *Policy {policy} is in force*, {count} rules; it was {before}"
POLICY_KEPT = "⚠️ *desk.toml was not loaded*, policy {policy} stays in force: {why}"
DAILY_HEAD = "🔗 *Chain head of {day}*"
TURNED_AWAY = "⚠️ *{person} was turned away {count} times.* Last: {attempt}. {why}"
OTHER_NEWS = "*{event}* by {person}"

# What somebody tried that does not count, as the audit channel and the record call it

TRIED = "{what} {transfer}"
TRIED_VERSION = "{what} {transfer} version {version}"
TRIED_CODE = "approve {transfer} version {version} with a code"
TRIED_TO_SETTLE = "settle {transfer} version {version} as {decision}"
TRIED_TO_MOVE_ON = "{what}: {transfer}"
SECOND_AGAIN = "try the second step again"
BACK_AGAIN = "send it back"
TRIED_TO_STOP = "{what} {exchange}"
TRIED_COMMAND = "/transfer {typed}"
TRIED_APPROVE_FORM = "approve form"
TRIED_SETTLE_FORM = "settle form"
TRIED_TRANSFER_FORM = "transfer form"
TRIED_SHORTCUT = "the shortcut"
TRIED_AT_HOME = "new transfer, on the Home tab"

"""What the desk says to people, in one place: short, exact about money, without jargon and without blame. Pure.

Each text is a template for `str.format`. Its fields are names, amounts and people's own words; whoever shows the text
escapes it. What is wrong with a typed line is said by the grammar (`bot.amounts`, `bot.transfer_line`, `bot.grammar`),
whose answers are put together from what was understood, and what a rule says by `bot.policy`.
"""

from __future__ import annotations

# Ends of a sentence: what did not happen

NOTHING_SENT = "Nothing was sent."
NOTHING_CHANGED = "Nothing changed."

# Who may not, and where not

NOT_LISTED = "You are not on this desk's allowlist."
ONLY_THE_REQUESTER = "Only {person}, who asked for {transfer}, can do that."
ONLY_THE_REQUESTER_CANCELS = "Only {person}, who asked for {transfer}, can cancel it."
NOT_HERE = "There is no transfer {transfer} here."
CARD_COMES = "The card of {transfer} is just being posted; please try again in a moment."
NOT_THE_CARD = "This message is not the card of {transfer}."
CARD_CHANGED = "The card of {transfer} has changed since; look at it again."

# What the requester does

CONFIRMED = "{transfer} is confirmed and goes out next. The card shows how it ends."
WAITS_FOR_APPROVAL = "{transfer} is confirmed and waits for the approval of {tier}."
NOT_CONFIRMED = "Not confirmed: {why}"
UNKNOWN_TWIN = (
    "Not confirmed: {twin} is an equal transfer that was sent without an answer, and it may have happened. "
    "{transfer} can be confirmed once {twin} is settled."
)
NOT_AS_SHOWN = "{transfer} was not {what}: it is no longer what this card showed. Look at the card."
ALREADY = "{transfer} is already {state}."
NO_TRANSFER = "There is no transfer {transfer}."
NOTHING_TO_CANCEL = "{transfer} is {state}; there is nothing to cancel."
CANCELLED = "{transfer} is cancelled."
BY_THE_REQUESTER = "Cancelled by the requester."
ALREADY_EXPIRED = "{transfer} had already expired."
EXPIRED = "{transfer} has expired. Nothing was sent; type the command again if it is still wanted."

# What approvers do

APPROVED = "You approved {transfer}, and it goes out next. The card shows how it ends."
APPROVED_SO_FAR = "You approved {transfer}. It takes {more}."
APPROVED_ALREADY = "You have approved {transfer} already; each person counts once."
NOT_APPROVED = "Not approved: {why}"
SETTLE_FIRST = "{twin} is an equal transfer that was sent without an answer. Settle it first."
HAS_EXPIRED = "{transfer} has expired."
DENIED = "{transfer} is denied."
DENIED_BY = "Denied by {person}."
OTHERS_DECIDE = "You asked for {transfer}, so others must {verb} it; you can cancel it."
ONLY_THE_TIER = "Only {tier} can {verb} {transfer}."
TOO_MANY_CODES = "There were {count} wrong codes within ten minutes; wait ten minutes."
NO_CODES = "This desk has no secret for your one-time codes; whoever runs it can enrol you."
WRONG_CODE = "That code is wrong."
USED_CODE = "That code was used already; wait for the next one."

# The emergency stop

FROZE = (
    "{person} froze {what}: {reason}. Nothing leaves until an admin other than {person} unfreezes it; "
    "what was already sent settles."
)
FROZEN_ALREADY = "{what} is frozen already, by {person}: {reason}."
FROZEN = "{what} is frozen by {person}: {reason}."
NOT_FROZEN_BY_ITSELF = "{what} is not frozen by itself; everything is, which `unfreeze all` lifts."
NOT_FROZEN = "{what} is not frozen."
NOTHING_FROZEN = "Nothing is frozen."
ADMINS_UNFREEZE = "Only admins of this desk can unfreeze."
OWN_FREEZE = "You froze {what}, so another admin must unfreeze it."
UNFROZE = "{person} unfroze {what}. {now}"
LEAVES_NOW = "What is confirmed and still in time leaves now."

# An answer was lost: settling by hand

NOTHING_TO_SETTLE = "{transfer} is {state}; there is nothing to settle."
ADMINS_SETTLE = "Only admins of this desk can settle {transfer}."
OTHERS_SETTLE = "You asked for {transfer}, so others must settle it."
STILL_POSSIBLE = (
    "The exchange could still carry out {transfer}. It can be settled as not executed in about {minutes}; "
    "please look at the exchange again then."
)
REASON_NEEDED = "A reason of 1 to {longest} characters is needed, for the record."
RECORDS_CHANGED = "What the exchange's records show has changed since you opened this form; please look again."
OPPOSED = "Noted. {people} found {transfer} executed, and while that stands it is not settled otherwise."
VOTE_NOTED = "Noted: you found {transfer} {decision}. It takes {others} to settle it."
SETTLED = "{transfer} is settled as {decision}."
SETTLED_BY_HAND = "Settled by hand as {decision}. {reasons}"
SETTLED_BY_EVIDENCE = "Settled by evidence. {seen}"
SURPLUS = "The exchange's records show such a transfer that is no other's. Look there before repeating it."
GAP = "The records show one such transfer, but the journal was restored from a backup since; people must look."
LOST_TRACK = "The desk stopped while the request was on its way; the exchange's answer was not seen."

# A backup was restored

RESTORED_UNSENT = (
    "Cancelled: restored from a backup, so it is not sent any more. Whether it was sent after the backup was made, the "
    "exchange's records tell; look there before repeating it."
)
RESTORED_SENDING = "Restored from a backup made while the request was on its way; the exchange's answer is not in it."
RESTORED_FROZEN = "restored from a backup; what was sent or frozen after it was made is not in it"

# Why a confirmed transfer waits

WAITS_FOR_FREEZE = "It waits: {frozen}"
WAITS_FOR_KEY = "It waits for {transfer}, which was sent without an answer on the same route."
WAITS_FOR_SLACK = "It waits until Slack has confirmed that all is still well with {names}."
WAITS_FOR_BALANCE = "It waits until what can leave its source was read."
NOT_WELL = "Slack says of {who}: {words}."

# A share of what is there, and what is there

READING_SHARE = "Reading what is available on `{account}`; the card follows."
SHARE_HIDDEN = (
    "Nothing happened. What can leave `{account}` is not readable through the API, so a share of it cannot be worked "
    "out; write the amount as a figure."
)
SHARES_WAIT = "Nothing happened. {count} of your shares wait to be worked out; try again in a moment."
NOT_PROPOSED = "`{asked}` was not proposed. {why}"
READ_TOO_LATE = "Reading what is there took more than a minute; type it again if it is still wanted."
WAS_DOWN = "The desk was down meanwhile; type it again if it is still wanted."
NOT_READ = "`{account}`, {problem}."
SHARE_OF_NOTHING = "`{account}` has {available} that can leave it; {share} of that is nothing to move."
SHARE_OF_TOO_MUCH = "`{account}` has {available} that can leave it; {share} of that is more than an amount can be."
LESS_LEFT = "`{account}` has {available} by now, so {share} of it is {now}, not {before}."
TOO_LITTLE_LEFT = "`{account}` has {available} by now. {why}"
NOTHING_LEFT = "`{account}` has {available} by now; {share} of that is nothing to move."
SHARE_CHANGED = "The journal's row holds a share that is none; somebody changed it."
HIDDEN = "not readable through the API"
UNREADABLE = "could not be read: {why}"
UNEXPECTED = "the answer is not as expected"
NO_ACCOUNTS = "No rule names an account{where} for you."
READING_ACCOUNTS = "Reading what can leave your accounts; the list follows."

# How a transfer ended before it was sent

UNCONFIRMED = "It was not confirmed in time."
UNAPPROVED = "It was not approved in time."
UNSENT = "It could not be sent in time."
ROW_CHANGED = "The journal's row does not match its seal; somebody changed it."
VOTES_MISSING = "It takes the approval of {tier}, and the journal does not hold it."
CHANNEL_GONE = "The desk no longer serves this channel."
EXCHANGE_GONE = "There is no exchange {exchange} in desk.toml any more."
REQUESTER_GONE = "The requester is no longer on the allowlist."
FIRST_STEP_FAILED = "The step before it did not happen."

# Asked again

ASKED_AGAIN = "{why} Please look at it again and confirm if it is still wanted."
RULES_CHANGED = "The rules or the exchange key changed after this card was drawn."
VOTES_VOID = "What was approved no longer counts."
CLOCK_WENT_BACK = "This machine's clock went back, so its deadline cannot be trusted."
EQUAL_UNANSWERED = "{transfer}, an equal transfer, was sent without an answer."
FIRST_STEP_LATE = "{transfer}, the step before it, was settled late."

# Two steps

NOTHING_LEFT_TO_DO = "{transfer} is {state}, and there is nothing left to do about it here."

# A report

REPORT_COMES = "The report follows in this channel."
REPORT_FAILED = "The report could not be posted{why}. Type the command again in a moment."
PICTURE_FAILED = "The report is posted; its picture could not be added{why}."

# Once more

PART_OF_STEPS = (
    "{transfer} belongs to the two steps that begin with {first}. `/transfer again {first}` proposes both once more; "
    "`/transfer show {first}` says where the money is now."
)
NOT_AS_IT_WAS = "{transfer} cannot be proposed again as it was. {why}"
TYPE_ANEW = "Type it anew."

# Lists and files

NOT_OUR_LIST = "This button belongs to no list of this desk."
NO_TRANSFERS = "No transfers{about}.{hint}"
NO_TRANSFERS_YET = "No transfers yet."
ADMINS_EXPORT = "Only admins of this desk can export transfers."
FILE_FOLLOWS = "The file follows in a direct message from this app."
FILE_EMPTY = "There are no such transfers, so there is no file."
FILE_FAILED = "The file could not be handed out{why}. Ask for it again."
FILE_WHOLE = "{count} transfer{s}. Times are UTC."
FILE_LATEST = "The latest {count} transfers. `{rest}` asks for those before them. Times are UTC."

# The form for a transfer

NO_RULE_NAMES_YOU = "No rule of this desk lets you move money; you can look: `/transfer history`, `/transfer limits`."
FORM_FOREIGN = "This form does not belong to this desk. Nothing changed."
FORM_CHANNEL_GONE = "This desk does not serve the channel this form was opened in any more. Nothing changed."
FORM_NOT_OPENED = "Slack did not open the form; please try again, or type the transfer as `/transfer help` shows."
FORM_PROMISE = "Nothing leaves before you have checked the card and pressed Confirm there."
CHOOSE = "Please choose {what}."
CHOOSE_AGAIN = "That cannot be chosen any more; please choose {what}."
AMOUNT_MISSING = "Please write an amount."
AMOUNT_ALONE = "{wrong} Write the figure alone, like {example}."
AMOUNT_HINT = "A figure, like 1250.50 or 1.5k, or a share: all, half, 25%"
NOT_ALL_LISTED = "{count} more are not listed; type them after /transfer."
AVAILABLE_HIDDEN = "What is available on {account} is {problem}."
AVAILABLE_AWAITED = "What is available on {account} is being read."
AVAILABLE_UNREAD = "What is available on {account} {problem}, tried {moment}."
AVAILABLE = "Available on {account}: *{amount}*, read {moment}."
AVAILABLE_AGAIN = "Available on {account}: *{amount}*, read {moment}; it is being read again."

# The Home tab

STRANGER_AT_HOME = "This desk moves money for the people on its allowlist, and you are not on it."
NO_SUCH_BUTTON = "This button belongs to no transfer. Nothing changed."
CARD_IS_IN = "The card is in {channel}. Its buttons count there and nowhere else."
NOTHING_WAITS = "Nothing waits for you."
NOTHING_ELSE_OPEN = "Nothing else is open."
NOTHING_ENDED = "Nothing yet."
CONFIRMED_WAITS = "🧊 *{frozen}* What is confirmed waits."
MORE_TRANSFERS = "… and {count} more; `/transfer history` lists them."
MORE_LIMITS = "… and {count} more; `/transfer limits` has all of them."
NO_LIMITS = "No rule lets you move money."
ANSWERED = "*{exchange}*: last answered {moment}."
NOT_ASKED = "*{exchange}*: not asked lately."
UNREAD = "⚠️ {account} {problem}, tried {moment}."
UNANSWERED = "⚠️ {transfer} has no answer; what takes the same way waits until it is settled."
UNDER_WAY = "{transfer} is being sent."
HELD = "⏳ {transfer} is confirmed and has not left. {why}"

"""What one person is told, privately unless it stops or starts the desk, on what they just typed or pressed."""

from __future__ import annotations

# Ends of a sentence: what did not happen

NOTHING_SENT = "Nothing was sent."
NOTHING_CHANGED = "Nothing changed."

# Who may not, where not, and what came too late

NO_JOURNAL = "The desk cannot write its journal just now, so nothing was done. Please tell whoever runs it."
NO_COMMAND_ID = "Slack sent this command without its id, so nothing was done; please type it again."
OTHER_WORKSPACE = "This desk serves another workspace."
ONLY_IN = "This desk takes commands in {channels} only."
HOW_TO_BE_LISTED = "Whoever keeps the desk's configuration can add you."
CLICK_LATE = (
    "By this desk's clock the click took {seconds} s to arrive; nothing changed. Press again; if it says the same, "
    "the clock is ahead and whoever runs the desk must set it."
)
NOT_OUR_BUTTON = "This button belongs to no card of this desk. Nothing changed."
NOT_OUR_FORM = "This form belongs to no card of this desk. Nothing changed."
FORM_STAYED_SHUT = "Slack did not open the form; press the button again in a moment."
SLACK_SAYS = ": Slack says {code}"
NOT_LISTED = "You are not on this desk's allowlist."
ONLY_THE_REQUESTER = "Only {person}, who asked for {transfer}, can do that."
ONLY_THE_REQUESTER_CANCELS = "Only {person}, who asked for {transfer}, can cancel it."
NOBODY_NAMED = "There is nobody {name} under [people] in desk.toml.{hint}"
NOT_HERE = "There is no transfer {transfer} here."
CARD_COMES = "The card of {transfer} is just being posted; please try again in a moment."
NOT_THE_CARD = "This message is not the card of {transfer}."
CARD_CHANGED = "The card of {transfer} has changed since; look at it again."

# What the requester does

NOT_ALLOWED = "Not allowed, and nothing happened. {why}{hint}"
NOTHING_HAPPENED = "Nothing happened. {why}"
PROPOSED = (
    "{transfer}: {money} from `{source}` to `{destination}`{how}. "
    "Nothing has moved yet; check the card in this channel and press Confirm there."
)
IN_TWO_STEPS = "in two steps, by way of `{hub}`"
NOTED_BEHIND_TWIN = (
    "{transfer} is noted but cannot be confirmed yet: {twin}, an equal transfer, was sent without an answer and may "
    "have happened. Settle {twin} first."
)
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
NO_TRANSFER_LOOK = "There is no transfer {transfer}. `/transfer history` shows the latest."
NOTHING_TO_CANCEL = "{transfer} is {state}; there is nothing to cancel."
CANCELLED = "{transfer} is cancelled."
ALREADY_EXPIRED = "{transfer} had already expired."
EXPIRED = "{transfer} has expired. Nothing was sent; type the command again if it is still wanted."

# What approvers do

APPROVED = "You approved {transfer}, and it goes out next. The card shows how it ends."
APPROVED_SO_FAR = "You approved {transfer}. It takes {more}."
ONE_MORE_PERSON = "one more person"
MORE_PEOPLE = "{count} more people"
APPROVED_ALREADY = "You have approved {transfer} already; each person counts once."
NOT_APPROVED = "Not approved: {why}"
SETTLE_FIRST = "{twin} is an equal transfer that was sent without an answer. Settle it first."
HAS_EXPIRED = "{transfer} has expired."
DENIED = "{transfer} is denied."
OTHERS_DECIDE = "You asked for {transfer}, so others must {verb} it; you can cancel it."
ONLY_THE_TIER = "Only {tier} can {verb} {transfer}."
TOO_MANY_CODES = "There were {count} wrong codes within ten minutes; wait ten minutes."
NO_CODES = "This desk has no secret for your one-time codes; whoever runs it can enrol you."
WRONG_CODE = "That code is wrong."
USED_CODE = "That code was used already; wait for the next one."

# The emergency stop

EVERYTHING = "everything"
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
    "The exchange could still carry out {transfer}. It can be settled as not executed in about {span}; "
    "please look at the exchange again then."
)
ONE_MINUTE = "1 minute"
MINUTES = "{count} minutes"
REASON_NEEDED = "A reason of 1 to {longest} characters is needed, for the record."
RECORDS_CHANGED = "What the exchange's records show has changed since you opened this form; please look again."
OPPOSED = "Noted. {people} found {transfer} executed, and while that stands it is not settled otherwise."
VOTE_NOTED = "Noted: you found {transfer} {decision}. It takes {others} to settle it."
ONE_MORE_ADMIN = "one more admin"
MORE_ADMINS = "{count} more admins"
SETTLED = "{transfer} is settled as {decision}."

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
NO_ACCOUNTS = "No rule names an account for you."
NO_ACCOUNTS_AT = "No rule names an account at {exchange} for you."
READING_ACCOUNTS = "Reading what can leave your accounts; the list follows."

# The policy

DID_YOU_MEAN_PERSON = "Did you mean `@{name}`?"
BUT_FROZEN = "But now: {frozen}"
NO_RULES = "No rule lets anybody move money."

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
ADMINS_EXPORT = "Only admins of this desk can export transfers."
FILE_FOLLOWS = "The file follows in a direct message from this app."
FILE_EMPTY = "There are no such transfers, so there is no file."
FILE_FAILED = "The file could not be handed out{why}. Ask for it again."

# The form for a transfer

NO_RULE_NAMES_YOU = "No rule of this desk lets you move money; you can look: `/transfer history`, `/transfer limits`."
FORM_FOREIGN = "This form does not belong to this desk. Nothing changed."
FORM_CHANNEL_GONE = "This desk does not serve the channel this form was opened in any more. Nothing changed."
FORM_NOT_OPENED = "Slack did not open the form; please try again, or type the transfer as `/transfer help` shows."

# The Home tab

NO_SUCH_BUTTON = "This button belongs to no transfer. Nothing changed."

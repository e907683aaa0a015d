"""What the desk says to people in Slack, in one place: short, exact about money, free of jargon and of blame. Pure.

`answers`: to one person, on what they just did. `cards`: on a card, beneath it and in the audit channel. `views`: in
forms, lists, reports and on the Home tab. All of it is here as `words.NAME`.

Each text is a template for `str.format`. Its fields are names, amounts and people's own words; whoever shows the text
escapes it. What is wrong with a typed line is said by the grammar (`bot.amounts`, `bot.transfer_line`, `bot.grammar`),
whose answers are put together from what was understood, what a rule says by `bot.policy`, and what the figures of a
report say by `bot.report_text`, for a terminal as well.
"""

from bot.words.answers import *  # noqa: F403 - one catalogue, in three files for its length
from bot.words.cards import *  # noqa: F403
from bot.words.views import *  # noqa: F403

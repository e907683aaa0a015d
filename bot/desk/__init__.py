"""The desk: every use case, each one transaction of the journal. Handlers await the futures, lanes wait for them."""

from __future__ import annotations

from bot.desk.approving import CODE_NEEDED, Asked
from bot.desk.asking import Question
from bot.desk.balances import Inquiry, Line, Preview, Side, Taken
from bot.desk.for_lanes import ForLanes, Next
from bot.desk.for_people import ForPeople
from bot.desk.for_slack import ForSlack
from bot.desk.freezing import Order
from bot.desk.homes import Home
from bot.desk.house import Ask, Click, House, Person, Refusal
from bot.desk.listing import Beside, ExportGranted, Page
from bot.desk.looking import Look, Looked
from bot.desk.reminding import REMINDED
from bot.desk.repeating import Repeat
from bot.desk.resolving import Decision, Resolution
from bot.desk.views import View
from bot.desk.wishes import ShareAsk

__all__ = [
    "CODE_NEEDED",
    "REMINDED",
    "Ask",
    "Asked",
    "Beside",
    "Click",
    "Decision",
    "Desk",
    "ExportGranted",
    "Home",
    "House",
    "Inquiry",
    "Line",
    "Look",
    "Looked",
    "Next",
    "Order",
    "Page",
    "Person",
    "Preview",
    "Question",
    "Refusal",
    "Repeat",
    "Resolution",
    "ShareAsk",
    "Side",
    "Taken",
    "View",
]


class Desk(ForPeople, ForLanes, ForSlack):
    """All use cases, bound to one journal and the rules in force."""

"""What every part of the desk is bound to: one journal, and the rules in force."""

from __future__ import annotations

from collections.abc import Callable

from bot.desk.freezing import Order
from bot.desk.house import House
from bot.journal import Journal


class Bound:
    """Use cases, each one transaction of the journal.

    Attributes:
        house: the rules in force; replaced as a whole when others are loaded.
    """

    def __init__(
        self, journal: Journal, house: House, freeze_orders: Callable[[], tuple[Order, ...]] = lambda: ()
    ) -> None:
        """Bind them.

        Args:
            freeze_orders: what a shell ordered frozen and the journal may not hold yet; asked at every claim.
        """
        self._journal = journal
        self._freeze_orders = freeze_orders
        self._closing = False
        self.house = house
        journal.policy = house.config.hash

"""What the start, the poster and Slack's edge ask of the desk, and what a shell orders."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import replace

import bot.desk.delivering as delivering
import bot.desk.freezing as freezing
import bot.desk.reloading as reloading
import bot.desk.roll as roll
import bot.desk.sending as sending
import bot.desk.wishes as wishes
from bot.config import Config
from bot.desk.bound import Bound
from bot.desk.freezing import Order
from bot.journal import DESK, Parcel, Transaction


class ForSlack(Bound):
    """The use cases of the start, the poster, the roll call and a shell."""

    # What Slack's edge and the shell do

    def roll(self) -> Future[list[str]]:
        """See `roll.call`."""
        return self._journal.run_behind(roll.call)

    def seen(self, subject: str, standing: str) -> Future[None]:
        """Note what Slack says of a user or channel id; no words mean that all is well."""
        return self._journal.run_behind(lambda tx: tx.people.seen(subject, standing))

    def obey(self, orders: tuple[Order, ...]) -> Future[None]:
        """See `freezing.obey`."""
        return self._journal.run(lambda tx: freezing.obey(tx, self.house, orders))

    def reload(self, config: Config) -> Future[None]:
        """Put another policy in force, as one transaction; see `reloading.load`."""
        house = replace(self.house, config=config)

        def adopt() -> None:
            self.house, self._journal.policy = house, config.hash

        def load(tx: Transaction) -> None:
            reloading.load(tx, house)
            tx.once_committed.append(adopt)

        return self._journal.run(load)

    def keep_policy(self, why: str) -> Future[None]:
        """See `reloading.keep`."""
        return self._journal.run(lambda tx: reloading.keep(tx, why))

    # What the start and the poster do

    def open(self, facts: Mapping[str, str]) -> Future[int]:
        """Record the start, try again what Slack would not take, and turn every abandoned send into an unknown.

        Returns how many those were.
        """

        def begin(tx: Transaction) -> int:
            tx.keep_policy(self.house.config.hash, self.house.config.text)
            tx.outbox.revive()
            tx.event("started", DESK, None, journal=tx.uuid, **facts)
            freezing.obey(tx, self.house, self._freeze_orders())
            abandoned = sending.recover(tx, self.house)
            reloading.review(tx, self.house)
            wishes.review(tx, self.house)
            return abandoned

        return self._journal.run(begin)

    def uuids(self) -> Future[tuple[str, ...]]:
        """Return every name the journal had; every message to Slack carries the present one, the last."""
        return self._journal.run_behind(lambda tx: tx.uuids)

    def parcels(self) -> Future[list[Parcel]]:
        """Return what Slack still has to be told, as `Outbox.pending` orders it."""
        return self._journal.run_behind(lambda tx: list(tx.outbox.pending()))

    def trying(self, parcel: Parcel, card_ts: str | None = None) -> Future[None]:
        """Record that a parcel is about to be posted: from now on it is looked for before it is posted again."""
        return self._journal.run_behind(lambda tx: tx.outbox.trying(parcel, card_ts))

    def untried(self, parcel: Parcel) -> Future[None]:
        """Record that Slack certainly did not take what was just tried; the parcel is due as before."""
        return self._journal.run_behind(lambda tx: tx.outbox.untried(parcel))

    def found(self, parcel: Parcel, card_ts: str) -> Future[None]:
        """See `delivering.found`."""
        return self._journal.run_behind(lambda tx: delivering.found(tx, parcel, card_ts))

    def delivered(self, parcel: Parcel, card_ts: str | None = None) -> Future[None]:
        """See `delivering.delivered`."""
        return self._journal.run_behind(lambda tx: delivering.delivered(tx, parcel, card_ts))

    def put_off(self, parcel: Parcel, seconds: float, problem: str, *, refused: bool = False) -> Future[None]:
        """See `delivering.put_off`."""
        return self._journal.run_behind(lambda tx: delivering.put_off(tx, parcel, seconds, problem, refused=refused))

    def park(self, parcel: Parcel, problem: str) -> Future[None]:
        """See `delivering.park`."""
        return self._journal.run_behind(lambda tx: delivering.park(tx, parcel, problem))

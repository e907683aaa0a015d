"""What people do with money that goes by way of the hub, and with what is left there."""

from __future__ import annotations

from simulation.steps import CONFIRM, Steps
from simulation.wires import EXECUTED_LATE, UNREACHABLE

AGAIN, BACK = "transfer_second_again", "transfer_send_back"
# Second steps that failed after their first one was done.
HALF_WAY = (
    "SELECT second.id, second.requester FROM transfers AS second JOIN transfers AS first ON first.id = second.follows "
    "WHERE second.retry_of IS NULL AND first.state = 'succeeded' AND second.state IN "
    "('refused', 'not_sent', 'not_executed', 'denied', 'cancelled', 'expired', 'blocked') ORDER BY second.id"
)


# What the first send of a route may meet that is answered late, if at all; and what the second that does not happen.
FIRST_LOST = ("hang_after", "drop_after", EXECUTED_LATE, "hang_before")
SECOND_FAILS = ("http_429", "html_403", UNREACHABLE, "drop_before", EXECUTED_LATE)


class AllSteps(Steps):
    """The steps of a simulation with those that take routes of two steps."""

    def half_way(self) -> None:
        """Send money along a route of two steps, and let the first be answered late or the second fail."""
        route, amount = self._rng.choice(self.by_the_hub), self._rng.choice(self._amounts)
        faults = self._world.send_faults[route.partition(":")[0]]
        late = self._rng.random() < 0.4
        faults.extend([self._rng.choice(FIRST_LOST)] if late else ["", self._rng.choice(SECOND_FAILS)])
        self._ask_and_confirm(f"{amount} usdt {route}")
        self._send_now()
        if late:
            self._world.pass_time(self._rng.choice((1.0, 280.0, 400.0)))
        self.work_for(self._rng.choice((5.0, 30.0)))
        if self._rng.random() < 0.7:
            self._confirm_again() if late else self.move_on()

    def move_on(self) -> None:
        """Somebody, or two at one moment, press what a card offers when the money is half way; most then confirm."""
        rows = self._world.rows(HALF_WAY)
        card = self._people.card(rows[-1][0]) if rows else None
        if not rows or not card:
            return
        user = self._person(rows[-1][1])
        presses = [self._people.pressed(user, card, self._rng.choice((AGAIN, AGAIN, BACK)))]
        if self._rng.random() < 0.4:
            other = self._rng.choice((user, self._person(user)))
            presses.append(self._people.pressed(other, card, self._rng.choice((AGAIN, BACK))))
        self._act(*(press for press in presses if press))
        self._confirm_again()

    def _confirm_again(self) -> None:
        """Whoever was asked last confirms, and the desk goes on."""
        self.post_all()
        for row in self._open("proposed")[-2:]:
            if self._rng.random() < 0.8:
                self._press(row[1], row[0], CONFIRM)
        self.agree()
        self.work_for(5.0)

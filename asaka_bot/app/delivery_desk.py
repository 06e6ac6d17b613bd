"""The outbox as 職員課 sees it."""

from collections.abc import Callable, Sequence
from dataclasses import asdict

from asaka_bot.delivery.outage import Outage
from asaka_bot.hr_console.ports import Decision, Shipment, Undecided
from asaka_bot.roles import Actor, Permission
from asaka_bot.store.outages import Outages
from asaka_bot.store.outbox import Decision as Settlement
from asaka_bot.store.outbox import OutboxStore
from asaka_bot.store.sending_hold import SendingHold


class DeliveryDesk:
    """Implements `hr_console.ports.Deliveries`."""

    def __init__(
        self, outbox: OutboxStore, hold: SendingHold, outages: Outages, wake: Callable[[], None] = lambda: None
    ) -> None:
        """`wake` tells the workers that something may leave again."""
        self._outbox, self._hold, self._outages, self._wake = outbox, hold, outages, wake

    async def recent(self, actor: Actor, limit: int) -> Sequence[Shipment]:
        """The last messages, the newest first."""
        actor.require(Permission.SEE)
        return [
            Shipment(
                message_id=each.message_id,
                title=each.message.title,
                kind=each.kind.value,
                created_at=each.created_at,
                counts=asdict(each.balance),
            )
            for each in await self._outbox.recent(limit)
        ]

    async def undecided(self, actor: Actor) -> Sequence[Undecided]:
        """All deliveries that wait for a person, the oldest first; with empty recipients where names are not to be seen."""
        actor.require(Permission.SEE)
        names = actor.may(Permission.SEE_NAMES)
        waiting = [
            Undecided(
                marker=each.marker,
                title=each.title,
                recipient=each.recipient if names else "",
                channel=each.address.channel,
                state=each.state.value,
                reason=each.reason,
                since=each.started_at,
            )
            for each in await self._outbox.held()
        ]
        return sorted(waiting, key=lambda each: each.since)

    async def decide(self, actor: Actor, marker: str, decision: Decision) -> bool:
        """Send it again, or take it as sent; False where somebody else was faster."""
        actor.require(Permission.SETTLE_DELIVERIES)
        done = await self._outbox.decide(marker, Settlement(decision), actor.person)
        self._wake()
        return done

    async def hold(self, actor: Actor) -> str | None:
        """Why nothing leaves at present, None while all is well."""
        actor.require(Permission.SEE)
        return await self._hold.reason()

    async def outages(self, actor: Actor) -> Sequence[Outage]:
        """The platforms that take nothing from the bot at present."""
        actor.require(Permission.SEE)
        return await self._outages.all()

    async def release(self, actor: Actor) -> None:
        """Let everything leave again."""
        actor.require(Permission.RELEASE_SENDING)
        await self._hold.release(actor.person)
        self._wake()

"""Features that stand empty until reminders and outbox are wired in; the server runs with them as with real ones."""

from collections.abc import Sequence
from datetime import date

from icalendar import Calendar

from asaka_bot.channels.web.inbox import InboxEntry
from asaka_bot.hr_console.ports import Decision, Pause, Planned, RuleName, Shipment, Tried, Undecided
from asaka_bot.outgoing import Address


class NoInbox:
    """Nothing has been received."""

    async def latest(self, addresses: Sequence[Address], limit: int) -> Sequence[InboxEntry]:  # noqa: ARG002
        """Nothing."""
        return ()

    async def count_after(self, addresses: Sequence[Address], last_id: int) -> int:  # noqa: ARG002
        """Nothing."""
        return 0


class NoCalendar:
    """An empty calendar."""

    async def ics(self, audience: str) -> bytes:  # noqa: ARG002
        """No event."""
        calendar = Calendar()
        calendar.add("prodid", "-//Asaka Bot//reminders//JA")
        calendar.add("version", "2.0")
        written: bytes = calendar.to_ical()
        return written


class NoReminders:
    """No rule."""

    async def preview(self, first: date, last: date) -> Sequence[Planned]:  # noqa: ARG002
        """Nothing is planned."""
        return ()

    def rules(self) -> Sequence[RuleName]:
        """None."""
        return ()

    def warnings(self) -> Sequence[str]:
        """None."""
        return ()

    async def pauses(self) -> Sequence[Pause]:
        """None."""
        return ()

    async def pause(self, rule: str | None, first: date, last: date, reason: str, person: str) -> None:
        """Nothing to pause."""

    async def resume(self, pause: int, person: str) -> bool:  # noqa: ARG002
        """Nothing to resume."""
        return False

    async def send_test(self, rule: str, person: str) -> None:
        """Nothing to send."""

    async def tried(self, limit: int) -> Sequence[Tried]:  # noqa: ARG002
        """Nothing arrived."""
        return ()


class NoDeliveries:
    """An empty outbox."""

    async def recent(self, limit: int) -> Sequence[Shipment]:  # noqa: ARG002
        """Nothing left."""
        return ()

    async def undecided(self) -> Sequence[Undecided]:
        """Nothing waits."""
        return ()

    async def decide(self, marker: str, decision: Decision, person: str) -> bool:  # noqa: ARG002
        """Nothing to decide."""
        return False

    async def hold(self) -> str | None:
        """Nothing is held."""
        return None

    async def release(self, person: str) -> None:
        """Nothing to release."""

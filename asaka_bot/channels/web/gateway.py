"""Messages that leave for the web chat: they arrive in an inbox in the bot's own database, exactly once."""

from collections.abc import Sequence
from typing import Protocol

from asaka_bot.delivery.channel import (
    Absent,
    Found,
    Letter,
    Lookup,
    Outcome,
    Refused,
    Sent,
    Traits,
    Uncertain,
    Unreadable,
)
from asaka_bot.outgoing import Address, Message, Received

# A second arrival of a marker is impossible, so that little time to settle is enough. Writers of SQLite wait for each
# other anyway; more than a few at once would only queue up.
_TRAITS = Traits(read_back=True, update=True, timeout_seconds=10.0, settle_seconds=1.0, concurrency=4)
_LOOK_AGAIN_SECONDS = 5.0
_GONE = "受信箱に見つかりませんでした。"


class InboxPort(Protocol):
    """Where the messages of the web chat stand."""

    async def deliver(self, marker: str, address: Address, message: Message) -> str:
        """Put a message in, once for each marker, however often it is asked; what the inbox calls it."""

    async def find(self, marker: str) -> str | None:
        """What the inbox calls the message with this marker; None: it never arrived."""

    async def replace(self, marker: str, message: Message) -> str | None:
        """Put another text in the place of what arrived; None: it never arrived."""

    async def latest(self, addresses: Sequence[Address], limit: int) -> Sequence[Received]:
        """What arrived at any of the addresses, the newest first."""

    async def count_after(self, addresses: Sequence[Address], last_id: int) -> int:
        """How many arrived at the addresses after the one with the id `last_id`."""


class WebChannel:
    """The channel "web"; an address is an audience (web:everyone) or a person."""

    def __init__(self, inbox: InboxPort) -> None:
        self._inbox = inbox

    @property
    def name(self) -> str:
        """The first half of its addresses."""
        return "web"

    @property
    def traits(self) -> Traits:
        """A write into the own database: it can be read back and changed, and needs no pacing."""
        return _TRAITS

    async def send(self, letter: Letter) -> Outcome:
        """Put the letter into the inbox."""
        try:
            return Sent(platform_ref=await self._inbox.deliver(letter.marker, letter.address, letter.message))
        except Exception as error:  # whether a failed commit stands, only the database can tell
            return Uncertain(reason=f"受信箱に書き込めたか確かめられません（{type(error).__name__}）。")

    async def find(self, letter: Letter) -> Lookup:
        """Whether the letter stands in the inbox."""
        try:
            ref = await self._inbox.find(letter.marker)
        except Exception as error:
            reason = f"受信箱を読めませんでした（{type(error).__name__}）。"
            return Unreadable(retry_after_seconds=_LOOK_AGAIN_SECONDS, reason=reason)
        return Absent() if ref is None else Found(platform_ref=ref)

    async def update(self, letter: Letter, platform_ref: str) -> Outcome:
        """Replace the text of what arrived."""
        try:
            ref = await self._inbox.replace(letter.marker, letter.message)
        except Exception as error:
            return Uncertain(reason=f"受信箱に書き込めたか確かめられません（{type(error).__name__}）。")
        return Sent(platform_ref=ref) if ref == platform_ref else Refused(reason=_GONE)

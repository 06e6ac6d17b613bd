"""The inbox of the web chat: what was sent to everyone and to people in charge, and how much of it is new."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from starlette.requests import Request
from starlette.responses import Response

from asaka_bot.errors import StoreError
from asaka_bot.knowledge.model import Role
from asaka_bot.outgoing import Address, Message

SEEN = "asaka-seen"  # the cookie: the number of the newest message that this browser has shown
MOST_SHOWN = 50
_MOST_COUNTED = 99
_KEPT_SECONDS = 400 * 24 * 3600  # browsers keep no cookie longer (RFC 6265bis)
_LARGEST_ID = 2**63 - 1  # of the database


class InboxEntry(Protocol):
    """One message as the inbox received it."""

    @property
    def id(self) -> int:
        """Grows with every message."""

    @property
    def address(self) -> Address:
        """The audience: web:everyone, web:managers."""

    @property
    def message(self) -> Message:
        """What to read."""

    @property
    def received_at(self) -> datetime:
        """When it arrived (aware)."""

    @property
    def marker(self) -> str:
        """The delivery that brought it."""


class InboxReader(Protocol):
    """What the web chat has received. Both methods raise `StoreError` where that can't be read."""

    async def latest(self, addresses: Sequence[Address], limit: int) -> Sequence[InboxEntry]:
        """The newest `limit` messages to any of `addresses`, the newest first."""

    async def count_after(self, addresses: Sequence[Address], last_id: int) -> int:
        """How many messages to `addresses` have a greater id than `last_id`."""


PersonOf = Callable[[Request], Awaitable[str | None]]  # the staff id of whoever is signed in


async def nobody(request: Request) -> str | None:  # noqa: ARG001 - as `PersonOf` has it
    """Nobody signs in to the web chat."""
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bell:
    """The link to the inbox in the header."""

    unread: int
    manager: bool  # also what is meant for 所属長・管理職員

    @property
    def shown(self) -> str:
        """The count as it fits into the mark."""
        return str(self.unread) if self.unread <= _MOST_COUNTED else f"{_MOST_COUNTED}+"

    @property
    def href(self) -> str:
        """Where it leads."""
        return "/inbox?role=manager" if self.manager else "/inbox"


class Inbox:
    """Reads the inbox for one browser, and for the person who is signed in there."""

    def __init__(self, reader: InboxReader, person_of: PersonOf = nobody) -> None:
        self._reader, self.person_of = reader, person_of

    async def bell(self, request: Request, *, manager: bool) -> Bell:
        """The bell of a page. Without the database it counts nothing: an answer must never fail for its bell."""
        try:
            meant = addresses(manager=manager, person=await self.person_of(request))
            unread = await self._reader.count_after(meant, last_seen(request))
        except StoreError:
            unread = 0
        return Bell(unread=unread, manager=manager)

    async def entries(self, *, manager: bool, person: str | None = None) -> Sequence[InboxEntry]:
        """The newest messages, with those to the person themselves."""
        return await self._reader.latest(addresses(manager=manager, person=person), MOST_SHOWN)


def addresses(*, manager: bool, person: str | None = None) -> tuple[Address, ...]:
    """Whose messages are shown; `person` is the staff id of whoever is signed in."""
    audiences = ["everyone", *(["managers"] if manager else []), *([f"staff-{person}"] if person else [])]
    return tuple(Address(channel="web", to=audience) for audience in audiences)


def as_manager(asked: Mapping[str, str]) -> bool:
    """Whether a form or an address asks in the role of 所属長・管理職員."""
    return asked.get("role") == Role.MANAGER.value


def last_seen(request: Request) -> int:
    """The number in the cookie; 0 where there is none or it is none of ours."""
    written = request.cookies.get(SEEN, "")
    plain = written.isascii() and written.isdigit() and len(written) <= len(str(_LARGEST_ID))
    return min(int(written), _LARGEST_ID) if plain else 0


def remember(response: Response, request: Request, newest: int) -> None:
    """Keep the number of the newest message shown, nothing else, in the browser."""
    response.set_cookie(
        SEEN,
        str(newest),
        max_age=_KEPT_SECONDS,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )

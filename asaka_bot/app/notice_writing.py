"""HR's notices as a chat writes them; implements `channels.notices.NoticeWriting`."""

from collections.abc import Sequence

from asaka_bot.app.notice_desk import NoticeDesk
from asaka_bot.app.role_desk import RoleDesk
from asaka_bot.broadcasts.notice import Content, Notice, Plan, Progress, Submitted, Template
from asaka_bot.outgoing import Message
from asaka_bot.roles import Actor
from asaka_bot.store.platforms import AddressBook


class NoticeWriter:
    """The same desk as the console's; who writes is found by the e-mail that the platform tells."""

    def __init__(self, desk: NoticeDesk, roles: RoleDesk, contacts: AddressBook) -> None:
        self._desk, self._roles, self._contacts = desk, roles, contacts

    async def actor(self, channel: str, user: str) -> Actor:
        """Who writes there; without a role where nobody has given them one, or the platform tells no e-mail."""
        point = await self._contacts.find(channel, user)
        if point is None or not point.email:
            return Actor(person=f"{channel}:{user}")
        return await self._roles.actor_of(point.email)

    def templates(self) -> Sequence[Template]:
        """What to start from."""
        return self._desk.templates()

    def topics(self) -> Sequence[tuple[str, str]]:
        """The bot's topics (id, title) to link to."""
        return self._desk.topics()

    async def create(self, actor: Actor, content: Content, plan: Plan) -> Notice:
        """Keep a draft."""
        return await self._desk.create(actor, content, plan)

    async def change(self, actor: Actor, notice: int, version: int, content: Content, plan: Plan) -> Notice:
        """Keep a draft's new text."""
        return await self._desk.change(actor, notice, version, content, plan)

    async def find(self, actor: Actor, notice: int) -> Notice | None:
        """One notice; None where there is no such notice, or none that the actor may see."""
        try:
            return await self._desk.find(actor, notice)
        except KeyError:
            return None

    async def message(self, actor: Actor, notice: int) -> Message:
        """The notice as people will read it."""
        return await self._desk.message(actor, notice)

    async def recipients(self, actor: Actor, plan: Plan) -> tuple[int, int]:
        """How many people the plan means today, and how many of them can't be reached."""
        found = await self._desk.recipients(actor, plan)
        return len(found), sum(bool(each.unreachable) for each in found)

    async def test(self, actor: Actor, notice: int) -> str:
        """Send it to the actor alone; where to, as a sentence."""
        return await self._desk.test(actor, notice)

    async def submit(self, actor: Actor, notice: int, version: int, agreed: frozenset[str]) -> Submitted:
        """Send it, plan it, or ask for approval; with questions that are not in `agreed`, nothing happens yet."""
        return await self._desk.submit(actor, notice, version, agreed)

    async def latest(self, actor: Actor, limit: int) -> Sequence[Notice]:
        """The newest notices."""
        return await self._desk.latest(actor, limit)

    async def progress(self, actor: Actor, notice: int) -> Progress:
        """How far one is."""
        return await self._desk.progress(actor, notice)

    async def cancel(self, actor: Actor, notice: int) -> int:
        """Stop what has not left; how many deliveries that were."""
        return await self._desk.cancel(actor, notice)

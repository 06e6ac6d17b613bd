"""What the channels need of notices: people respond, reply and look; HR writes. The feature checks who may."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from asaka_bot.broadcasts.notice import Content, Notice, Plan, Progress, Submitted, Template
from asaka_bot.outgoing import Message
from asaka_bot.roles import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged:
    """What came of a press: a sentence for the person, and the message as it reads for them from now on."""

    text: str
    message: Message | None = None  # None: what stands there stays


@dataclass(frozen=True, slots=True, kw_only=True)
class MyNotice:
    """A notice to one person."""

    day: date
    title: str
    wants_response: bool  # still
    marker: str


class Responses(Protocol):
    """What people do with a notice that they received. `channel` and `user` say who: slack U0123, teams AAD id."""

    async def respond(self, channel: str, user: str, marker: str, response: str) -> Acknowledged:
        """Count a press of `outgoing.Response.id` below the delivery `marker`, once, whichever copy it was."""

    async def reply(self, channel: str, user: str, marker: str, text: str) -> str:
        """Hand a text to HR, as the person agreed; the sentence that confirms it, or says why not."""

    async def marker_at(self, channel: str, address: str, platform_ref: str) -> str | None:
        """The delivery that stands at a place of a platform, None where it is no notice that takes replies."""

    async def mine(self, channel: str, user: str) -> Sequence[MyNotice]:
        """The last notices to a person, the newest first."""


class NoticeWriting(Protocol):
    """What people of HR do with notices from a chat. Errors: `NotPermittedError`, `NoticeError`, `AudienceError`."""

    async def actor(self, channel: str, user: str) -> Actor:
        """Who writes there; without a role where nobody has given them one."""

    def templates(self) -> Sequence[Template]:
        """What to start from."""

    def topics(self) -> Sequence[tuple[str, str]]:
        """The bot's topics (id, title) to link to."""

    async def create(self, actor: Actor, content: Content, plan: Plan) -> Notice:
        """Keep a draft."""

    async def change(self, actor: Actor, notice: int, version: int, content: Content, plan: Plan) -> Notice:
        """Keep a draft's new text."""

    async def find(self, actor: Actor, notice: int) -> Notice | None:
        """One notice; None where there is no such notice, or none that the actor may see."""

    async def message(self, actor: Actor, notice: int) -> Message:
        """The notice as people will read it."""

    async def recipients(self, actor: Actor, plan: Plan) -> tuple[int, int]:
        """How many people the plan means today, and how many of them can't be reached."""

    async def test(self, actor: Actor, notice: int) -> str:
        """Send it to the actor alone; where to, as a sentence."""

    async def submit(self, actor: Actor, notice: int, version: int, agreed: frozenset[str]) -> Submitted:
        """Send it, plan it, or ask for approval; with questions that are not in `agreed`, nothing happens yet."""

    async def latest(self, actor: Actor, limit: int) -> Sequence[Notice]:
        """The newest notices."""

    async def progress(self, actor: Actor, notice: int) -> Progress:
        """How far one is."""

    async def cancel(self, actor: Actor, notice: int) -> int:
        """Stop what has not left; how many deliveries that were."""

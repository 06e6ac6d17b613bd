"""Stands in for the ports of `notices` where the feature isn't there: nobody has notices, and nobody may write any."""

from collections.abc import Sequence
from typing import NoReturn

from asaka_bot.broadcasts.notice import Content, Notice, Plan, Progress, Submitted, Template
from asaka_bot.channels.notices import Acknowledged, MyNotice
from asaka_bot.errors import NotPermittedError
from asaka_bot.outgoing import Message
from asaka_bot.roles import Actor

_GONE = "このお知らせは、いまは受け付けていません。"


class WithoutResponses:
    """Implements `Responses`."""

    async def respond(self, channel: str, user: str, marker: str, response: str) -> Acknowledged:  # noqa: ARG002
        """Say that nothing was counted."""
        return Acknowledged(text=_GONE)

    async def reply(self, channel: str, user: str, marker: str, text: str) -> str:  # noqa: ARG002
        """Say that nothing was passed on."""
        return _GONE

    async def marker_at(self, channel: str, address: str, platform_ref: str) -> str | None:  # noqa: ARG002
        """No notice stands anywhere."""
        return None

    async def mine(self, channel: str, user: str) -> Sequence[MyNotice]:  # noqa: ARG002
        """No notices."""
        return ()


class WithoutWriting:
    """Implements `NoticeWriting`."""

    async def actor(self, channel: str, user: str) -> Actor:
        """Somebody without a role."""
        return Actor(person=f"{channel}:{user}")

    def templates(self) -> Sequence[Template]:
        """Nothing to start from."""
        return ()

    def topics(self) -> Sequence[tuple[str, str]]:
        """Nothing to link to."""
        return ()

    async def create(self, actor: Actor, content: Content, plan: Plan) -> Notice:  # noqa: ARG002
        """Raises `NotPermittedError`."""
        _refuse()

    async def change(self, actor: Actor, notice: int, version: int, content: Content, plan: Plan) -> Notice:  # noqa: ARG002
        """Raises `NotPermittedError`."""
        _refuse()

    async def find(self, actor: Actor, notice: int) -> Notice | None:  # noqa: ARG002
        """No notice."""
        return None

    async def message(self, actor: Actor, notice: int) -> Message:  # noqa: ARG002
        """Raises `NotPermittedError`."""
        _refuse()

    async def recipients(self, actor: Actor, plan: Plan) -> tuple[int, int]:  # noqa: ARG002
        """Raises `NotPermittedError`."""
        _refuse()

    async def test(self, actor: Actor, notice: int) -> str:  # noqa: ARG002
        """Raises `NotPermittedError`."""
        _refuse()

    async def submit(self, actor: Actor, notice: int, version: int, agreed: frozenset[str]) -> Submitted:  # noqa: ARG002
        """Raises `NotPermittedError`."""
        _refuse()

    async def latest(self, actor: Actor, limit: int) -> Sequence[Notice]:  # noqa: ARG002
        """No notices."""
        return ()

    async def progress(self, actor: Actor, notice: int) -> Progress:  # noqa: ARG002
        """Raises `NotPermittedError`."""
        _refuse()

    async def cancel(self, actor: Actor, notice: int) -> int:  # noqa: ARG002
        """Raises `NotPermittedError`."""
        _refuse()


def _refuse() -> NoReturn:
    raise NotPermittedError("お知らせは、このボットではまだ使えません")

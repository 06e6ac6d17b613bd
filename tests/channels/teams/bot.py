"""The bot for tests: Teams alone on a real server, over parts in memory."""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware

from asaka_bot.channels.answers import AnswerService
from asaka_bot.channels.teams.channel import Endpoints, TeamsChannel, make_teams
from asaka_bot.channels.teams.connector import BlockedError, Connector
from asaka_bot.channels.teams.credentials import LocalToken
from asaka_bot.channels.teams.parts import as_json
from asaka_bot.channels.teams.ports import Ports
from asaka_bot.server import BodyLimit
from asaka_bot.settings import TeamsSettings
from tests.channels.teams.contacts import Book, Log
from tests.channels.teams.playground import free_port
from tests.fakes.feedback import MemoryFeedback

LOCAL = TeamsSettings.model_validate({"ASAKA_TEAMS_LOCAL": True})


class Silent(Connector):
    """Takes everything down and sends nothing; `blocked` are the conversations that have removed the bot."""

    def __init__(self) -> None:
        super().__init__(LocalToken())
        self.posted: list[tuple[str, str]] = []  # conversation, text or card
        self.blocked: set[str] = set()

    async def post(self, service_url: str, conversation: str, said: Any) -> str:  # noqa: ARG002
        if conversation in self.blocked:
            raise BlockedError
        text = said if isinstance(said, str) else json.dumps(as_json(said.card), ensure_ascii=False)
        self.posted.append((conversation, text))
        return "1"

    async def email(self, service_url: str, conversation: str, member: str) -> str:  # noqa: ARG002
        return "Hanako@Example.jp"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bot:
    port: int
    teams: TeamsChannel
    book: Book
    feedback: MemoryFeedback
    loop: asyncio.AbstractEventLoop

    def do(self, work: Any) -> Any:
        """Run a coroutine where the bot runs."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(20)


@contextmanager
def running(
    service: AnswerService,
    settings: TeamsSettings = LOCAL,
    endpoints: Endpoints | None = None,
    connector: Connector | None = None,
    **ports: Any,
) -> Iterator[Bot]:
    """The bot on a free port of this computer."""
    book, feedback = Book(), MemoryFeedback()
    parts = Ports(events=Log(), contacts=book, feedback=feedback, **ports)
    teams = make_teams(settings, service, parts, endpoints=endpoints, connector=connector)
    loops: list[asyncio.AbstractEventLoop] = []

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> Any:
        loops.append(asyncio.get_running_loop())
        await teams.start()
        yield
        await teams.stop()

    app = Starlette(routes=list(teams.routes), middleware=[Middleware(BodyLimit)], lifespan=lifespan)
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        thread.join(0.05)
    try:
        yield Bot(port=port, teams=teams, book=book, feedback=feedback, loop=loops[0])
    finally:
        server.should_exit = True
        thread.join(10)

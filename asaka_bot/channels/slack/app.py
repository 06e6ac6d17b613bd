"""Puts the parts of the Slack channel together."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient
from starlette.routing import BaseRoute

from asaka_bot.channels.answers import AnswerService
from asaka_bot.channels.feedback import FeedbackPort
from asaka_bot.channels.notices import NoticeWriting, Responses
from asaka_bot.channels.slack import webhook
from asaka_bot.channels.slack.access import Access, WatchedClient
from asaka_bot.channels.slack.errands import Errands
from asaka_bot.channels.slack.gateway import SlackGateway
from asaka_bot.channels.slack.home import Homes
from asaka_bot.channels.slack.inbound import Inbound
from asaka_bot.channels.slack.intake import Intake, bolt_app
from asaka_bot.channels.slack.letters import Letters
from asaka_bot.channels.slack.log import SILENT
from asaka_bot.channels.slack.notice_presses import NoticePresses
from asaka_bot.channels.slack.notice_writing import NoticeDesk
from asaka_bot.channels.slack.people import People
from asaka_bot.channels.slack.ports import ContactPort, EventPort, Nothing, WeekPort
from asaka_bot.channels.slack.replying import Replies
from asaka_bot.channels.slack.socket import SocketMode
from asaka_bot.channels.slack.speaker import Speaker
from asaka_bot.channels.without_notices import WithoutResponses, WithoutWriting
from asaka_bot.delivery.outage import OutagePort
from asaka_bot.settings import Slack

_TIMEOUT_SECONDS = 10
_CONNECTIONS = 64  # answers and outbox together
_FINISH_SECONDS = 3.0  # for answers under way when the process is told to stop


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """What the Slack channel needs of other features."""

    events: EventPort
    contacts: ContactPort
    feedback: FeedbackPort
    outages: OutagePort
    week: WeekPort = field(default_factory=Nothing)
    responses: Responses = field(default_factory=WithoutResponses)
    writing: NoticeWriting = field(default_factory=WithoutWriting)
    console_url: str = ""  # where people of HR reach the console; empty: unknown


class SlackChannel:
    """Slack as the application sees it: routes, a start and a stop, and the gateway of the outbox."""

    def __init__(
        self,
        client: AsyncWebClient,
        intake: Intake,
        errands: Errands,
        socket: SocketMode | None,
        routes: list[BaseRoute],
        people: People,
        access: Access,
    ) -> None:
        self._access = access
        self._client, self._intake, self._errands, self._socket = client, intake, errands, socket
        self.routes: Sequence[BaseRoute] = routes
        self.gateway = SlackGateway(client, lost=people.lose)

    async def start(self) -> None:
        """Open the connections; to be called inside the event loop, before anything is sent."""
        self._client.session = open_session()
        self._access.start()
        self._intake.start()
        if self._socket is not None:
            self._socket.start()

    async def finish(self) -> None:
        """Take nothing more in and finish what is under way; the gateway still works."""
        if self._socket is not None:
            await self._socket.stop()
        await asyncio.gather(self._intake.stop(_FINISH_SECONDS), self._errands.finish(_FINISH_SECONDS))

    async def stop(self) -> None:
        """Finish, and close the connections; nothing may be sent afterwards."""
        await self.finish()
        await self._access.stop()
        if self._client.session is not None:
            await self._client.session.close()
            self._client.session = None


def make_client(slack: Slack) -> WatchedClient:
    """A client that never repeats a call on its own and logs nothing."""
    return WatchedClient(
        token=slack.bot_token,
        base_url=slack.api_url,
        timeout=_TIMEOUT_SECONDS,
        logger=SILENT,
        retry_handlers=[],  # after a dropped connection the default handler posts twice
    )


def open_session() -> aiohttp.ClientSession:
    """The connections of a client that lives on; to be called inside the event loop, and closed there."""
    return aiohttp.ClientSession(
        timeout=aiohttp.ClientTimeout(total=_TIMEOUT_SECONDS), connector=aiohttp.TCPConnector(limit=_CONNECTIONS)
    )


def make_slack(slack: Slack, service: AnswerService, ports: Ports) -> SlackChannel:
    """The channel as configured: HTTP with a signing secret, Socket Mode with an app token."""
    client = make_client(slack)
    errands = Errands()
    homes = Homes(client, service.knowledge, ports.week, ports.responses)
    speaker = Speaker(client)
    letters = Letters(service, ports.responses, speaker)
    people = People(client, ports.contacts)
    inbound = Inbound(
        client,
        Replies(service, ports.feedback, speaker),
        ports.events,
        people,
        homes,
        errands,
        letters,
    )
    events, presses = bolt_app(client, waits=True), bolt_app(client, waits=False)
    inbound.listen_to_events(events)
    access = Access(client, ports.outages)
    access.listen(events)
    NoticePresses(client, ports.responses, letters, speaker, ports.events, homes, errands).listen(presses)
    NoticeDesk(client, ports.writing, speaker, ports.events, errands, ports.console_url).listen(presses)
    inbound.listen_to_presses(presses)
    intake = Intake(events, presses)
    socket = SocketMode(intake, client, slack.app_token) if slack.app_token else None
    routes = webhook.routes(intake, slack.signing_secret) if slack.signing_secret else []
    return SlackChannel(client, intake, errands, socket, routes, people, access)

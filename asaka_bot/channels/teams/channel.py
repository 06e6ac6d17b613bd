"""Teams as one part of the product: its route, its start and end, its gateway."""

import asyncio
import logging
import os
import warnings
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from microsoft_teams.api.models import AdaptiveCardActionCardResponse, AdaptiveCardActionMessageResponse
from starlette.routing import BaseRoute

from asaka_bot.channels.answers import AnswerService
from asaka_bot.channels.teams.connector import Connector
from asaka_bot.channels.teams.contexts import Contexts
from asaka_bot.channels.teams.credentials import LOGIN, ClientSecret, Credentials, LocalToken
from asaka_bot.channels.teams.dialogue import Dialogue
from asaka_bot.channels.teams.gate import Gate
from asaka_bot.channels.teams.gateway import TeamsGateway
from asaka_bot.channels.teams.inbound import Heard, Pressed, heard
from asaka_bot.channels.teams.keys import METADATA, KeyRing
from asaka_bot.channels.teams.notice_dialogue import NoticeDialogue
from asaka_bot.channels.teams.notice_writing import NoticeDesk
from asaka_bot.channels.teams.parts import Shown
from asaka_bot.channels.teams.ports import Ports
from asaka_bot.channels.teams.pressed import Respond, Vote, Write, WriteBack
from asaka_bot.channels.teams.replying import Replying
from asaka_bot.channels.teams.tokens import TokenCheck
from asaka_bot.channels.teams.votes import Votes
from asaka_bot.settings import TeamsSettings
from asaka_bot.tokyo import now_in_tokyo

_MOST_UNDER_WAY = 400  # replies; what takes 30 ms each is done within the 15 seconds that Teams waits
_STOP_SECONDS = 5.0
_LOCAL_ID = "00000000-0000-0000-0000-000000000000"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """Where Microsoft's servers are; tests name their own."""

    login: str = LOGIN
    metadata: str = METADATA


class TeamsChannel:
    """Acknowledges activities at once and replies to them in the background."""

    def __init__(
        self, client_id: str, *, credentials: Credentials, keys: KeyRing | None, gate: Gate, connector: Connector,
        replying: Replying, gateway: TeamsGateway, work: "Work",
    ) -> None:  # fmt: skip
        self._client_id, self._credentials, self._keys, self._gate = client_id, credentials, keys, gate
        self._connector, self._replying, self._work = connector, replying, work
        self.gateway = gateway

    @property
    def routes(self) -> Sequence[BaseRoute]:
        """What the application serves for Teams."""
        return (self._gate.route(),)

    async def start(self) -> None:
        """Prepare the SDK and begin to fetch the keys; nobody waits for Microsoft."""
        app = _sdk(self._client_id, self._credentials, self._gate)
        app.on_message(self._heard)
        app.on_card_action(self._acted)
        app.on_installation_update(self._heard)
        app.on_conversation_update(self._heard)
        await app.initialize()
        if self._keys is not None:
            self._work.begin(self._keys.warm())

    async def finish(self) -> None:
        """Finish what is under way; the gateway still works."""
        await self._work.end()

    async def stop(self) -> None:
        """Close the connections; nothing may be sent afterwards."""
        await self.finish()
        await self._connector.close()

    async def _heard(self, context: Any) -> None:
        if (found := heard(context.activity)) is not None:
            self._begin(found)

    async def _acted(self, context: Any) -> AdaptiveCardActionMessageResponse | AdaptiveCardActionCardResponse:
        found = heard(context.activity)
        if isinstance(found, Pressed) and isinstance(found.press, Vote | Respond | WriteBack | Write):
            return _instead(await self._replying.instead(found, found.press))
        if found is not None:
            self._begin(found)
        known = "受け付けました。" if found else "このボタンは使えなくなりました。もう一度お尋ねください。"
        return AdaptiveCardActionMessageResponse(value=known)

    def _begin(self, found: Heard) -> None:
        self._work.begin(self._replying.reply(found))


def _instead(said: Shown | str) -> AdaptiveCardActionMessageResponse | AdaptiveCardActionCardResponse:
    """What Teams shows in answer to a press: a card in place of the pressed one, or a sentence below it."""
    if isinstance(said, str):
        return AdaptiveCardActionMessageResponse(value=said)
    return AdaptiveCardActionCardResponse(value=said.card)


class Work:
    """What goes on in the background after an activity has been acknowledged."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def is_full(self) -> bool:
        """Whether more would not be answered in time."""
        return len(self._tasks) >= _MOST_UNDER_WAY

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Do `work` without anybody waiting."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def end(self) -> None:
        """Give what is under way a few seconds."""
        if self._tasks:
            _done, late = await asyncio.wait(self._tasks, timeout=_STOP_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)


def make_teams(
    settings: TeamsSettings,
    service: AnswerService,
    ports: Ports,
    *,
    now: Callable[[], datetime] = now_in_tokyo,
    endpoints: Endpoints | None = None,
    connector: Connector | None = None,
) -> TeamsChannel:
    """Teams over the parts of the product that it needs; it does nothing before `start`."""
    at = endpoints or Endpoints()
    local = settings.local
    keys = None if local else KeyRing(at.metadata)
    credentials: Credentials = LocalToken() if local else _secret(settings, at)
    tenants = frozenset({settings.tenant_id})
    check = TokenCheck(client_id=settings.client_id, tenants=tenants, keys=keys) if keys else None
    carrier = connector or Connector(credentials, local=local)
    work = Work()
    client_id = settings.client_id or _LOCAL_ID
    desk = NoticeDesk(ports.writing, now, ports.console_url)
    notices = NoticeDialogue(service, ports.responses, ports.events, carrier, desk)
    dialogue = Dialogue(service, Contexts(), now, notices, Votes(service, ports.feedback, now))
    return TeamsChannel(
        client_id,
        credentials=credentials,
        keys=keys,
        gate=Gate(check, work.is_full),
        connector=carrier,
        replying=Replying(dialogue, carrier, ports.events, ports.contacts, client_id),
        gateway=TeamsGateway(carrier, ports.contacts),
        work=work,
    )


def _secret(settings: TeamsSettings, at: Endpoints) -> ClientSecret:
    secret = settings.client_secret.get_secret_value()
    return ClientSecret(client_id=settings.client_id, secret=secret, tenant=settings.tenant_id, login=at.login)


def _sdk(client_id: str, credentials: Credentials, gate: Gate) -> Any:
    """Microsoft's application, imported only now: its import reads any .env above the working directory."""
    os.environ["PYTHON_DOTENV_DISABLED"] = "1"
    logging.getLogger("microsoft_teams").setLevel(logging.CRITICAL + 1)  # its lines may quote what people wrote
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the SDK warns of its own previews while it is imported
        from microsoft_teams.apps import App

    async def token(_scope: object, _tenant: object) -> str:
        return await credentials.token()

    # The gate has proven each request more strictly than the SDK would, which fetches keys on the event loop, waiting
    # up to 30 seconds; its handler can be reached through the gate only.
    return App(
        client_id=client_id,
        token=token,
        http_server_adapter=gate,
        dangerously_allow_unauthenticated_requests=True,
        fetch_user_token=False,
        state=False,
        telemetry={"agent365": False},
    )

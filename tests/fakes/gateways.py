"""The shipped gateways, over the platforms' own libraries, connected to the fake platforms."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from asaka_bot.channels.slack.app import make_client, open_session
from asaka_bot.channels.slack.gateway import SlackGateway
from asaka_bot.channels.teams.connector import Connector
from asaka_bot.channels.teams.credentials import LocalToken
from asaka_bot.channels.teams.gateway import TeamsGateway
from asaka_bot.channels.teams.ports import Contacts
from asaka_bot.delivery.channel import Traits
from asaka_bot.settings import Slack


@asynccontextmanager
async def slack_gateway(url: str, traits: Traits) -> AsyncIterator[SlackGateway]:
    """The gateway on slack_sdk's client, as `SlackChannel` starts it."""
    client = make_client(Slack(bot_token="xoxb-fake", api_url=f"{url}/api/"))  # noqa: S106 - nobody's token
    async with open_session() as session:
        client.session = session
        yield SlackGateway(client, traits)


@asynccontextmanager
async def teams_gateway(contacts: Contacts, traits: Traits) -> AsyncIterator[TeamsGateway]:
    """The gateway on Microsoft's client; `contacts` say at which URL each conversation is served."""
    connector = Connector(LocalToken(), local=True)
    try:
        yield TeamsGateway(connector, contacts, traits)
    finally:
        await connector.close()

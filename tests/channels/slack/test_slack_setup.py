"""Settings, manifest and doctor: what a person meets before the first message."""

import asyncio
import json
import re

import pytest
import yaml
from typer.testing import CliRunner

from asaka_bot import settings as configuration
from asaka_bot.channels.slack.app import make_client
from asaka_bot.channels.slack.doctor import examine
from asaka_bot.channels.slack.inbound import COMMAND, SHORTCUT
from asaka_bot.channels.slack.manifest import OPTIONAL_SCOPES, SCOPES, as_yaml, manifest
from asaka_bot.cli import cli
from asaka_bot.errors import SettingsError
from asaka_bot.settings import Slack
from tests.fakes.slack_bot import TOKEN
from tests.fakes.slack_workspace import workspace

BOT, APP, SECRET = "xoxb-1-abc", "xapp-1-abc", "8f742231b10e8888"


@pytest.mark.parametrize(
    ("environment", "signing", "app"),
    [
        ({"SLACK_BOT_TOKEN": BOT, "SLACK_SIGNING_SECRET": SECRET}, SECRET, None),
        ({"SLACK_BOT_TOKEN": BOT, "SLACK_APP_TOKEN": APP}, None, APP),
        ({"SLACK_BOT_TOKEN": f" {BOT}\n", "SLACK_APP_TOKEN": APP, "SLACK_SIGNING_SECRET": SECRET}, SECRET, APP),
    ],
)
def test_slack_is_configured(environment, signing, app):
    """HTTP with a signing secret, Socket Mode with an app token."""
    slack = configuration.load(environment).slack
    assert slack is not None
    assert (slack.bot_token, slack.signing_secret, slack.app_token) == (BOT, signing, app)
    assert slack.api_url == "https://slack.com/api/"


def test_without_variables_there_is_no_slack():
    """Nothing set: no Slack, and no complaint."""
    assert configuration.load({}).slack is None


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("http://localhost:3100/api/", "http://localhost:3100/api/"),
        ("http://localhost:3100/api", "http://localhost:3100/api/"),
        ("http://localhost:3100", "http://localhost:3100/api/"),
        ("https://proxy.example/slack/api/", "https://proxy.example/slack/api/"),
    ],
)
def test_another_server_takes_the_place_of_slack(written, read):
    """ASAKA_SLACK_API_URL with or without its last part."""
    given = {"SLACK_BOT_TOKEN": BOT, "SLACK_APP_TOKEN": APP, "ASAKA_SLACK_API_URL": written}
    assert configuration.load(given).slack.api_url == read


@pytest.mark.parametrize(
    ("environment", "names"),
    [
        ({"SLACK_BOT_TOKEN": BOT}, ["SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET"]),
        ({"SLACK_APP_TOKEN": APP}, ["SLACK_APP_TOKEN", "SLACK_BOT_TOKEN"]),
        ({"SLACK_SIGNING_SECRET": SECRET}, ["SLACK_SIGNING_SECRET", "SLACK_BOT_TOKEN"]),
        ({"ASAKA_SLACK_API_URL": "http://localhost:1"}, ["ASAKA_SLACK_API_URL", "SLACK_BOT_TOKEN"]),
        ({"SLACK_BOT_TOKEN": APP, "SLACK_APP_TOKEN": APP}, ["SLACK_BOT_TOKEN", "xoxb-"]),
        ({"SLACK_BOT_TOKEN": BOT, "SLACK_APP_TOKEN": BOT}, ["SLACK_APP_TOKEN", "xapp-"]),
        ({"SLACK_BOT_TOKEN": BOT, "SLACK_SIGNING_SECRET": BOT}, ["SLACK_SIGNING_SECRET", "Signing Secret"]),
        ({"SLACK_BOT_TOKEN": "xoxb-全角", "SLACK_APP_TOKEN": APP}, ["SLACK_BOT_TOKEN"]),
        ({"SLACK_BOT_TOKEN": BOT, "SLACK_APP_TOKEN": APP, "ASAKA_SLACK_API_URL": "localhost"}, ["ASAKA_SLACK_API_URL"]),
    ],
)
def test_a_wrong_or_half_set_slack_stops_the_start(environment, names):
    """One line that names the variable and what to do, and repeats no secret."""
    with pytest.raises(SettingsError) as caught:
        configuration.load(environment)
    said = str(caught.value)
    assert all(name in said for name in names)
    assert "\n" not in said
    assert not any(secret in said for secret in (BOT, APP, SECRET))


def test_settings_hide_their_secrets():
    """Whoever prints the settings sees no token."""
    settings = configuration.load({"SLACK_BOT_TOKEN": BOT, "SLACK_APP_TOKEN": APP, "SLACK_SIGNING_SECRET": SECRET})
    assert not any(secret in repr(settings) + repr(settings.slack) for secret in (BOT, APP, SECRET))


@pytest.mark.parametrize("url", [None, "https://bot.example/"])
def test_the_manifest_keeps_slacks_rules(url):
    """Lengths, names and addresses as Slack's manifest reference asks."""
    made = yaml.safe_load(as_yaml(manifest(url)))
    shown, features, settings = made["display_information"], made["features"], made["settings"]
    assert len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    assert 174 <= len(shown["long_description"]) <= 4_000
    assert re.fullmatch(r"[a-z0-9._-]{1,80}", features["bot_user"]["display_name"])
    assert len(features["agent_view"]["agent_description"]) <= 300
    assert 1 <= len(features["agent_view"]["suggested_prompts"]) <= 4
    assert features["app_home"]["messages_tab_read_only_enabled"] is False
    assert features["slash_commands"][0]["command"] == COMMAND
    assert features["shortcuts"][0]["callback_id"] == SHORTCUT
    assert len(features["shortcuts"][0]["name"]) <= 24
    assert settings["socket_mode_enabled"] is (url is None)
    address = None if url is None else "https://bot.example/slack/events"
    for part in (settings["event_subscriptions"], settings["interactivity"]):
        assert part.get("request_url") == address
    assert features["slash_commands"][0].get("url") == address


def test_the_manifest_asks_for_nothing_more_than_it_explains():
    """Every scope has its reason; the bot hears the messages of channels only on request."""
    made = manifest(None)
    assert set(made["oauth_config"]["scopes"]["bot"]) == {*SCOPES, *OPTIONAL_SCOPES}
    assert all(reason for reason in (SCOPES | OPTIONAL_SCOPES).values())
    assert "message.channels" not in made["settings"]["event_subscriptions"]["bot_events"]
    more = manifest(None, follow_threads=True)
    assert "message.channels" in more["settings"]["event_subscriptions"]["bot_events"]


def test_the_command_prints_the_manifest():
    """asaka-bot slack manifest: YAML, or JSON; an address must be https; one way must be chosen."""
    runner = CliRunner()
    made = runner.invoke(cli, ["slack", "manifest", "--socket"])
    assert made.exit_code == 0
    assert yaml.safe_load(made.stdout)["settings"]["socket_mode_enabled"] is True
    asked = runner.invoke(cli, ["slack", "manifest", "--url", "https://bot.example", "--json"])
    assert json.loads(asked.stdout)["settings"]["socket_mode_enabled"] is False
    for wrong in ([], ["--socket", "--url", "https://x"], ["--url", "http://x"], ["--url", "x"]):
        assert runner.invoke(cli, ["slack", "manifest", *wrong]).exit_code == 2


def examined(*, app_token=APP, channels=("C1",), **space):
    async def inside():
        async with workspace(**space) as made:
            client = make_client(Slack(bot_token=TOKEN, api_url=f"{made.url}/api/"))
            return await examine(client, app_token=app_token, channels=channels)

    return asyncio.run(inside())


def test_the_doctor_finds_all_well():
    """Tokens, scopes and channels in order: nothing but the optional scopes is missing."""
    found = examined(scopes=",".join([*SCOPES, *OPTIONAL_SCOPES]))
    assert all(each.fine for each in found)
    assert {each.subject for each in found} >= {"SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "送り先 C1"}


def test_the_doctor_names_missing_scopes():
    """A missing scope is named with its reason and the screen to add it on; optional ones don't count as findings."""
    found = examined(scopes="chat:write, im:write")
    missing = {each.subject: each for each in found if not each.fine}
    assert "権限 im:history" in missing
    assert "Bot Token Scopes" in missing["権限 im:history"].remedy
    assert missing["権限 users:read.email"].optional
    assert "権限 chat:write" not in missing


def test_the_doctor_names_a_wrong_token_and_stops():
    """With a wrong token nothing else can be asked."""
    (found,) = examined(errors={"auth.test": "invalid_auth"})
    assert not found.fine
    assert "xoxb-" in found.remedy


@pytest.mark.parametrize("code", ["account_inactive", "token_revoked"])
def test_the_doctor_says_that_the_bot_was_removed(code):
    """What happened, how to install the app again, and that what waits leaves by itself; no token."""
    (found,) = examined(errors={"auth.test": code})
    assert code in found.text
    assert "Reinstall to Workspace" in found.remedy
    assert "自動で送ります" in found.remedy
    assert TOKEN not in found.text + found.remedy


def test_the_doctor_names_a_wrong_app_token_and_an_unreachable_channel():
    """Socket Mode without its token, a reminder's channel without the bot."""
    found = examined(
        errors={"apps.connections.open": "invalid_auth", "conversations.history": "not_in_channel"},
        channels=("C9", "U9"),
    )
    wrong = {each.subject: each for each in found if not each.fine and not each.optional}
    assert set(wrong) == {"SLACK_APP_TOKEN", "送り先 C9", "送り先 U9"}
    assert "connections:write" in wrong["SLACK_APP_TOKEN"].remedy
    assert "/invite" in wrong["送り先 C9"].text


def test_the_doctor_without_a_network_says_which_way_out_is_needed():
    """No connection: the firewall's openings are named."""

    async def inside():
        client = make_client(Slack(bot_token=TOKEN, api_url="http://127.0.0.1:1/api/"))
        return await examine(client, app_token=None, channels=())

    (found,) = asyncio.run(inside())
    assert "HTTPS_PROXY" in found.remedy


def test_the_command_without_settings_says_how_to_begin(monkeypatch):
    """asaka-bot slack doctor with nothing set: what to set, and how to make the app."""
    for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET"):
        monkeypatch.delenv(name, raising=False)
    said = CliRunner().invoke(cli, ["slack", "doctor"])
    assert isinstance(said.exception, SettingsError)
    assert "asaka-bot slack manifest" in str(said.exception)


def test_the_command_tells_findings_by_its_exit_code(monkeypatch):
    """asaka-bot slack doctor exits with 1 where something is missing, 0 where nothing is."""

    async def inside(scopes: str):
        async with workspace(scopes=scopes) as made:
            monkeypatch.setenv("SLACK_BOT_TOKEN", TOKEN)
            monkeypatch.setenv("SLACK_SIGNING_SECRET", SECRET)
            monkeypatch.setenv("ASAKA_SLACK_API_URL", made.url)
            return await asyncio.to_thread(CliRunner().invoke, cli, ["slack", "doctor"])

    fine = asyncio.run(inside(",".join(SCOPES)))
    assert (fine.exit_code, "△ 権限 users:read.email" in fine.stdout) == (0, True)
    wrong = asyncio.run(inside("chat:write"))
    assert (wrong.exit_code, "× 権限 im:history" in wrong.stdout) == (1, True)

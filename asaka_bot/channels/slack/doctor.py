"""Checks the set-up against Slack itself and says what is missing and how to mend it."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from asaka_bot.channels.slack.manifest import OPTIONAL_SCOPES, SCOPES
from asaka_bot.channels.slack.verdict import PLATFORM_ERRORS, shut_out, verdict

_SCREEN = "https://api.slack.com/apps でアプリを選び"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of the examination; ``remedy`` is empty where all is well."""

    subject: str
    fine: bool
    text: str
    remedy: str = ""
    optional: bool = False  # the bot works without it


async def examine(client: AsyncWebClient, *, app_token: str | None, channels: Sequence[str]) -> list[Finding]:
    """Every finding, in the order in which they should be mended; `channels` are those that reminders go to."""
    found = [finding async for finding in _token(client)]
    if found and not found[0].fine:
        return found  # without a token nothing else can be asked
    if app_token is not None:
        found.append(await _socket(client, app_token))
    return [*found, *[await _channel(client, channel) for channel in channels]]


async def _token(client: AsyncWebClient) -> AsyncIterator[Finding]:
    try:
        answer = await client.auth_test()
    except PLATFORM_ERRORS as error:
        yield _unreachable("SLACK_BOT_TOKEN", error)
        return
    yield Finding(
        subject="SLACK_BOT_TOKEN", fine=True, text=f"ワークスペース「{_text(answer.get('team'))}」につながります。"
    )
    stated = next((value for name, value in answer.headers.items() if name.lower() == "x-oauth-scopes"), None)
    if stated is None:
        yield Finding(subject="権限", fine=True, text="Slackが権限の一覧を返さないため、確かめていません。")
        return
    granted = {scope.strip() for scope in str(stated).split(",")}
    for scopes, optional in ((SCOPES, False), (OPTIONAL_SCOPES, True)):
        for scope, reason in scopes.items():
            yield _scope(scope, reason, granted=scope in granted, optional=optional)


def _scope(scope: str, reason: str, *, granted: bool, optional: bool) -> Finding:
    if granted:
        return Finding(subject=f"権限 {scope}", fine=True, text=reason, optional=optional)
    remedy = f"{_SCREEN}、「OAuth & Permissions」の「Bot Token Scopes」に {scope} を足して、「Reinstall to Workspace」を押してください。"
    text = f"ありません。{'なくても動きますが、次のことができません' if optional else '必要です'}：{reason}"
    return Finding(subject=f"権限 {scope}", fine=False, text=text, remedy=remedy, optional=optional)


async def _socket(client: AsyncWebClient, app_token: str) -> Finding:
    try:
        await client.apps_connections_open(app_token=app_token)
    except PLATFORM_ERRORS as error:
        found = _unreachable("SLACK_APP_TOKEN", error)
        remedy = (
            f"{_SCREEN}、「Basic Information」の「App-Level Tokens」で connections:write の付いたトークンを作り、"
            "SLACK_APP_TOKEN に入れてください。「Socket Mode」の「Enable Socket Mode」も入れてください。"
        )
        text = "このトークンを、Slackが受け付けません。" if shut_out(error) else found.text
        return Finding(subject=found.subject, fine=False, text=text, remedy=remedy)
    return Finding(subject="SLACK_APP_TOKEN", fine=True, text="Socket Modeでつながります。")


async def _channel(client: AsyncWebClient, channel: str) -> Finding:
    """Whether the bot reaches a place of the schedules; reading one message needs no further scope."""
    subject = f"送り先 {channel}"
    try:
        place = channel
        if channel.startswith(("U", "W")):
            opened = await client.conversations_open(users=channel)
            place = _text((opened.get("channel") or {}).get("id")) or channel
        await client.conversations_history(channel=place, limit=1)
    except PLATFORM_ERRORS as error:
        return Finding(
            subject=subject,
            fine=False,
            text=verdict(error).reason,
            remedy="schedules/destinations.yaml の送り先と、そのチャンネルに入っている人を確かめてください。",
        )
    return Finding(subject=subject, fine=True, text="ボットが入っています。")


def _unreachable(subject: str, error: Exception) -> Finding:
    if shut_out(error):
        remedy = (
            f"{_SCREEN}、「OAuth & Permissions」の「Install to Workspace」か「Reinstall to Workspace」を押してください。"
            f"次に「Bot User OAuth Token」（xoxb- で始まる）を {subject} に入れて、ボットを起動し直してください。"
            "Slackに送るものは待たせてあり、つながると自動で送ります。"
        )
        return Finding(subject=subject, fine=False, text=verdict(error).reason, remedy=remedy)
    reached = getattr(error, "response", None) is not None
    remedy = (
        f"{_SCREEN}、「OAuth & Permissions」の「Bot User OAuth Token」（xoxb- で始まる）を {subject} に入れてください。"
        if reached
        else "このコンピューターから https://slack.com と wss://wss-primary.slack.com へ出られるか（443番）、"
        "プロキシが要るなら HTTPS_PROXY があるかを確かめてください。"
    )
    return Finding(subject=subject, fine=False, text=verdict(error).reason, remedy=remedy)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""

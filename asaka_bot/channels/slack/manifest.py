"""The app manifest that makes the Slack app in one paste, with the least scopes, each with its reason."""

from collections.abc import Mapping
from typing import Any

import yaml

from asaka_bot.channels.slack import access
from asaka_bot.channels.slack.inbound import COMMAND, SHORTCUT
from asaka_bot.channels.slack.menu import PROMPTS
from asaka_bot.channels.slack.notice_writing import SHORTCUT as NOTICE_SHORTCUT
from asaka_bot.channels.slack.webhook import PATH

# Scope -> why the bot needs it; the doctor and the README say the same.
SCOPES: Mapping[str, str] = {
    "app_mentions:read": "チャンネルで @ボット名 と書かれた質問を受け取る",
    "chat:write": "答えとお知らせを書く",
    "commands": "/asaka とショートカット「ボットに聞く」「お知らせを書く」を使う",
    "im:history": "ダイレクトメッセージの質問を受け取る",
    "im:write": "人に見られたくない答えを、ダイレクトメッセージで送る",
    "assistant:write": "エージェント画面に質問の例を出す",
    "channels:history": "お知らせが届いたかを、ボットのいる公開チャンネルで確かめる（二重に送らないため）",
    "groups:history": "同じことを、ボットのいる非公開チャンネルで確かめる",
}
# The bot works without these; people are then not recognised across Slack, Teams and the directory.
OPTIONAL_SCOPES: Mapping[str, str] = {
    "users:read": "質問した人の名簿の情報を読む（次の権限に必要）",
    "users:read.email": "メールアドレスで、Slack・Teams・職員名簿の同じ人を見分ける",
}
_EVENTS = ("app_home_opened", "app_mention", "message.im", *access.EVENTS)
_THREAD_EVENTS = ("message.channels", "message.groups")
_SHORTCUTS = (
    {
        "name": "ボットに聞く",
        "type": "message",
        "callback_id": SHORTCUT,
        "description": "この文について職員ボットに尋ねる",
    },
    {
        "name": "お知らせを書く",
        "type": "global",
        "callback_id": NOTICE_SHORTCUT,
        "description": "職員課の担当が、職員へのお知らせを書いて送る",
    },
)
_LONG = (
    "朝霞市の職員が、休暇・両立支援・働き方・ハラスメントの相談・DXについて、ふだんの言葉で尋ねられるボットです。"
    "市の計画と関係する法令をもとに、出典と確かさを付けて答えます。質問の文は保存しません。"
    "人に見られたくない内容への答えは、チャンネルで尋ねられてもダイレクトメッセージでだけ届けます。"
    "育児休業の期間や子の看護等休暇の日数、介護と仕事の両立、ノー残業デーのお知らせなどに対応しています。"
)


def manifest(url: str | None, *, follow_threads: bool = False) -> dict[str, Any]:
    """The manifest for HTTP at the public address `url`, or for Socket Mode where it is None.

    With `follow_threads` Slack sends every message of the bot's channels, so that a thread goes on without a mention.
    """
    address = None if url is None else url.rstrip("/") + PATH
    where = {} if address is None else {"request_url": address}
    command: dict[str, Any] = {
        "command": COMMAND,
        "description": "職員ボットに質問する",
        "usage_hint": "育休はいつまで取れますか ／ 日付 令和9年2月10日 ／ お知らせ",
        "should_escape": False,
    }
    return {
        "_metadata": {"major_version": 2, "minor_version": 1},
        "display_information": {
            "name": "朝霞市職員ボット",
            "description": "休暇・両立支援・働き方の質問に、出典を付けて答えます",
            "long_description": _LONG,
            "background_color": "#1d4e6b",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": "asaka-bot", "always_online": True},
            "agent_view": {
                "agent_description": "休暇・両立支援・働き方の質問に、出典を付けて答えます",
                "suggested_prompts": [{"title": prompt, "message": prompt} for prompt in PROMPTS],
            },
            "shortcuts": list(_SHORTCUTS),
            "slash_commands": [command | ({} if address is None else {"url": address})],
        },
        "oauth_config": {"scopes": {"bot": [*SCOPES, *OPTIONAL_SCOPES]}},
        "settings": {
            "event_subscriptions": where | {"bot_events": [*_EVENTS, *(_THREAD_EVENTS if follow_threads else ())]},
            "interactivity": {"is_enabled": True} | where,
            "org_deploy_enabled": False,
            "socket_mode_enabled": address is None,
            "token_rotation_enabled": False,
        },
    }


def as_yaml(written: Mapping[str, Any]) -> str:
    """The manifest as Slack's page takes it."""
    return yaml.safe_dump(dict(written), allow_unicode=True, sort_keys=False, width=1_000)

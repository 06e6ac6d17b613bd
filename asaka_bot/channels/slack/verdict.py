"""What a failed call to Slack means: certainly not taken, for now or for good, or nobody can tell."""

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

from asaka_bot.delivery.channel import Later, Refused, Uncertain

_TIMEOUT_STATUS, _TOO_MANY_STATUS, _FIRST_SERVER_STATUS = 408, 429, 500
_PATIENCE_SECONDS = 30.0  # where a 429 doesn't say how long
_MIGRATION_SECONDS = 300.0
_UNREACHABLE_SECONDS = 15.0
_SHUT_OUT_SECONDS = 60.0  # nothing leaves before Slack lets the bot in again; this is for the call that noticed

# What a call may raise although nobody did anything wrong here; slack_sdk meets a text/plain body with AttributeError.
PLATFORM_ERRORS = (SlackClientError, aiohttp.ClientError, TimeoutError, OSError, ValueError, AttributeError)

# Slack may have acted before it answered with one of these (docs.slack.dev, errors of chat.postMessage).
_UNCERTAIN = frozenset({"fatal_error", "internal_error", "service_unavailable", "request_timeout"})
_LATER = frozenset({"ratelimited", "rate_limited", "team_added_to_org"})
# Slack lets the bot itself in no more, whoever a call is for (errors of auth.test, which fails with them as well).
_SHUT_OUT = frozenset(
    {"account_inactive", "invalid_auth", "not_authed", "org_login_required", "token_expired", "token_revoked"}
)
_GONE = frozenset({"user_not_found", "user_disabled", "cannot_dm_bot", "channel_not_found"})
_HINTS = {
    "channel_not_found": "送り先が見つかりません。チャンネルIDを確かめ、非公開チャンネルならボットを招待してください。",
    "not_in_channel": "ボットがチャンネルに入っていません。チャンネルで「/invite @ボット名」を実行してください。",
    "is_archived": "チャンネルがアーカイブされています。送り先を変えてください。",
    "user_not_found": "この人がSlackに見つかりません。退職や異動でIDが変わっていないか確かめてください。",
    "user_disabled": "この人のSlackアカウントは止められています。",
    "cannot_dm_bot": "ボットにはダイレクトメッセージを送れません。送り先を確かめてください。",
    "messages_tab_disabled": "アプリの「App Home」で「Messages Tab」が切られています。管理画面で入れてください。",
    "invalid_auth": "SLACK_BOT_TOKEN が正しくありません。アプリの「OAuth & Permissions」の値を入れ直してください。",
    "not_authed": "SLACK_BOT_TOKEN が空です。アプリの「OAuth & Permissions」の値を入れてください。",
    "token_revoked": "SLACK_BOT_TOKEN が取り消されています。アプリを入れ直し、新しい値を設定してください。",
    "token_expired": "SLACK_BOT_TOKEN の期限が切れています。新しい値を設定してください。",
    "account_inactive": "アプリがワークスペースから外されたか、ボットのアカウントが止められています。Slackの管理者に確かめてください。",
    "app_uninstalled": "アプリがワークスペースから外されました。アプリを入れ直し、新しい値を SLACK_BOT_TOKEN に設定してください。",
    "org_login_required": "ワークスペースが移行中です。終わると、また使えるようになります。",
    "missing_scope": "権限（スコープ）が足りません。「asaka-bot slack doctor」で確かめてください。",
    "no_permission": "このチャンネルに書く権限がありません。チャンネルの投稿の設定を確かめてください。",
    "restricted_action": "このチャンネルに書ける人が制限されています。チャンネルの投稿の設定を確かめてください。",
    "restricted_action_read_only_channel": "このチャンネルは読み取り専用です。送り先を変えてください。",
    "msg_too_long": "文が長すぎて、Slackが受け付けません。短くしてください。",
    "invalid_blocks": "Slackが文の形を受け付けません。職員ボットの担当に知らせてください。",
    "message_not_found": "書き換える文が見つかりません。消されたようです。",
    "cant_update_message": "この文は書き換えられません。",
    "edit_window_closed": "この文は、書き換えられる時間を過ぎています。",
    "ekm_access_denied": "Slackの管理者が、書き込みを止めています。",
    "team_access_not_granted": "このワークスペースにアプリが入っていません。",
}


def refusal(code: str) -> str:
    """Why Slack refuses, for the person who can mend it."""
    return f"Slackが受け付けませんでした（{code[:60]}）。{_HINTS.get(code, '')}"


def verdict(error: Exception) -> Later | Refused | Uncertain:
    """The outcome of a call that raised one of `PLATFORM_ERRORS`."""
    if isinstance(error, aiohttp.ClientConnectorError):  # the connection never stood: nothing was sent
        return Later(retry_after_seconds=_UNREACHABLE_SECONDS, reason="Slackにつながりません。")
    if not isinstance(error, SlackApiError):
        return Uncertain(reason=f"Slackとの通信が途中で切れました（{type(error).__name__}）。")
    status, code = _status(error), _code(error)
    if status == _TOO_MANY_STATUS or code in _LATER:
        default = _MIGRATION_SECONDS if code == "team_added_to_org" else _PATIENCE_SECONDS
        return Later(retry_after_seconds=_retry_after(error, default), reason="Slackの送信数の上限に達しました。")
    if status >= _FIRST_SERVER_STATUS or status == _TIMEOUT_STATUS or code in _UNCERTAIN or not code:
        return Uncertain(reason=f"Slackが正しく応答しませんでした（{code or status}）。")
    if code in _SHUT_OUT:
        return Later(retry_after_seconds=_SHUT_OUT_SECONDS, reason=refusal(code))
    return Refused(reason=refusal(code))


def shut_out(error: Exception) -> str:
    """The error by which Slack refuses the bot itself, whatever was asked; empty for all others."""
    code = _code(error) if isinstance(error, SlackApiError) else ""
    return code if code in _SHUT_OUT else ""


def has_gone(error: Exception) -> bool:
    """Whether a call failed because the person it went to can't be written to; an inactive account is the bot's own."""
    return isinstance(error, SlackApiError) and _code(error) in _GONE


def _status(error: SlackApiError) -> int:
    # slack_sdk hands over aiohttp's own response where the body isn't JSON; that one says `status`.
    status = getattr(error.response, "status_code", None) or getattr(error.response, "status", None)
    return status if isinstance(status, int) else _FIRST_SERVER_STATUS


def _code(error: SlackApiError) -> str:
    body = getattr(error.response, "data", error.response)
    code = body.get("error") if isinstance(body, dict) else None
    return code if isinstance(code, str) else ""


def _retry_after(error: SlackApiError, default: float) -> float:
    headers = getattr(error.response, "headers", None) or {}
    stated = next((value for name, value in headers.items() if name.lower() == "retry-after"), "")
    try:
        return max(1.0, float(stated))
    except ValueError:
        return default

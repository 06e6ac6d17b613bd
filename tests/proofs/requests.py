"""What people do on Slack and Teams, as the requests by which the platforms tell it."""

import json
from dataclasses import dataclass
from urllib.parse import urlencode

from asaka_bot.channels.slack import notice_buttons
from asaka_bot.channels.slack.buttons import Action, Pressed, pack
from asaka_bot.channels.slack.desk import DRAFT_VIEW, FIELD
from asaka_bot.channels.teams.pressed import Press, written
from tests.fakes.slack_bot import signed

_JSON, _FORM = "application/json", "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One request of a platform."""

    path: str
    body: bytes
    content_type: str = _JSON

    def headers(self) -> dict[str, str]:
        """Those of a delivery that leaves now."""
        return {"Content-Type": self.content_type} | (signed(self.body) if self.path == "/slack/events" else {})


def slack_event(number: int, text: str, *, channel: str, user: str, kind: str = "message", id_: str = "") -> Told:
    """Something said on Slack; in a conversation D… nobody else reads along."""
    ts = f"17000{number:05d}.{number:06d}"
    event = {"type": kind, "channel": channel, "user": user, "text": text, "ts": ts, "event_ts": ts}
    direct = {"channel_type": "im"} if channel.startswith("D") else {}
    wrapped = {
        "type": "event_callback",
        "team_id": "T1",
        "event_id": id_ or f"Ev{number}{kind}",
        "event": event | direct,
        "authorizations": [{"user_id": "U0BOT", "is_bot": True, "team_id": "T1"}],
    }
    return Told(path="/slack/events", body=_json(wrapped))


def slack_press(number: int, pressed: Pressed, *, channel: str, user: str, action: Action = Action.SHOW) -> Told:
    """A button, pressed on Slack."""
    payload = {
        "type": "block_actions",
        "container": {"type": "message", "message_ts": f"{number}.1", "channel_id": channel},
        "channel": {"id": channel},
        "message": {"ts": f"{number}.1"},
        "actions": [
            {
                "type": "button",
                "block_id": "b",
                "action_ts": f"{number}.2",
                "action_id": action.numbered(0),
                "value": pack(pressed),
            }
        ],
    }
    return _interaction(payload, f"t{number}", user)


def slack_respond(number: int, marker: str, ref: str, *, channel: str, user: str) -> Told:
    """確認しました, pressed below a notice on Slack."""
    value = notice_buttons.pack(notice_buttons.NoticePress(marker=marker, response=notice_buttons.CONFIRM))
    action = {"type": "button", "block_id": "b", "action_ts": f"{number}.2", "value": value}
    payload = {
        "type": "block_actions",
        "container": {"type": "message", "message_ts": ref, "channel_id": channel},
        "channel": {"id": channel},
        "message": {"ts": ref},
        "actions": [action | {"action_id": Action.RESPOND.numbered(0)}],
    }
    return _interaction(payload, f"n{number}", user)


def slack_dialog(number: int, text: str, *, user: str) -> Told:
    """The dialog with a letter to 職員課, sent by a person to themselves."""
    state = {"values": {FIELD: {FIELD: {"type": "plain_text_input", "value": text}}}}
    view = {"id": f"V{number}", "type": "modal", "callback_id": DRAFT_VIEW, "hash": f"h{number}", "state": state}
    return _interaction({"type": "view_submission", "view": view}, f"d{number}", user)


def _interaction(payload: dict, trigger: str, user: str) -> Told:
    given = {"team": {"id": "T1"}, "user": {"id": user}, "trigger_id": trigger} | payload
    return Told(path="/slack/events", body=urlencode({"payload": _json(given)}).encode(), content_type=_FORM)


def teams_message(number: int, text: str, *, service_url: str, conversation: str, user: str, **more: object) -> Told:
    """A message in a personal chat on Teams."""
    said = {"type": "message", "text": text, "textFormat": "plain"}
    return _activity(said | more, number, service_url, conversation, user)


def teams_press(number: int, press: Press, *, service_url: str, conversation: str, user: str) -> Told:
    """A button, pressed on Teams."""
    verb, data = written(press)
    action = {"type": "Action.Execute", "title": "くわしく", "verb": verb, "data": data}
    said = {"type": "invoke", "name": "adaptiveCard/action", "value": {"action": action, "trigger": "manual"}}
    return _activity(said, number, service_url, conversation, user)


def _activity(said: dict, number: int, service_url: str, conversation: str, user: str) -> Told:
    activity = {
        "id": str(1_485_983_408_000 + number),
        "channelId": "msteams",
        "serviceUrl": service_url,
        "from": {"id": f"29:{user}", "name": "朝霞 花子", "aadObjectId": user},
        "recipient": {"id": "28:bot", "name": "ボット"},
        "conversation": {"id": conversation, "conversationType": "personal", "tenantId": "t"},
    }
    return Told(path="/api/messages", body=_json(activity | said))


def _json(tree: object) -> bytes:
    return json.dumps(tree, ensure_ascii=False).encode()

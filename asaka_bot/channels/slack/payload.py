"""Slack's payloads -> places, ids and values; whatever is missing or of the wrong kind reads as empty."""

import hashlib
from collections.abc import Mapping
from typing import Any

from asaka_bot.channels.slack.place import Place

Payload = Mapping[str, Any]


def part(payload: object, *names: str) -> Payload:
    """The mapping below `names`."""
    for name in names:
        payload = payload.get(name) if isinstance(payload, Mapping) else None
    return payload if isinstance(payload, Mapping) else {}


def word(payload: object, name: str) -> str:
    """The text under `name`."""
    found = payload.get(name) if isinstance(payload, Mapping) else None
    return found if isinstance(found, str) else ""


def name_of(*words: str) -> str:
    """A name for an event by which it is recognised, and which tells nothing about person or channel."""
    return hashlib.sha256("\x1f".join(words).encode()).hexdigest()[:40]


def name_of_press(body: Payload, otherwise: str = "") -> str:
    """The name of a press, command or dialog: its trigger is unique, and a replayed request carries the same one."""
    return name_of("press", team_of(body), word(body, "trigger_id") or otherwise)


def team_of(body: Payload) -> str:
    """The workspace of any payload."""
    return word(body, "team_id") or word(part(body, "team"), "id") or word(part(body, "user"), "team_id")


def place_of_message(body: Payload, event: Payload) -> Place:
    """Where the answer to a message belongs: in a channel always into a thread."""
    channel, thread = word(event, "channel"), word(event, "thread_ts")
    direct = word(event, "channel_type") == "im" or channel.startswith("D")
    return Place(
        team=team_of(body),
        user=word(event, "user"),
        channel=channel,
        thread=thread if direct else thread or word(event, "ts"),
        direct=direct,
    )


def place_of_press(body: Payload) -> Place:
    """Where the answer to a press belongs; nobody else saw the press."""
    user, team = word(part(body, "user"), "id"), team_of(body)
    channel = word(part(body, "channel"), "id") or word(part(body, "container"), "channel_id")
    if not channel:
        return Place(team=team, user=user, direct=True)
    message, container = part(body, "message"), part(body, "container")
    thread = word(message, "thread_ts") or word(container, "thread_ts")
    direct = channel.startswith("D")
    hidden = container.get("is_ephemeral") is True or word(message, "subtype") == "ephemeral"
    return Place(
        team=team,
        user=user,
        channel=channel,
        thread=thread if direct else thread or word(container, "message_ts"),
        direct=direct,
        response_url=word(body, "response_url") if hidden and not direct else "",
        quiet=True,
    )


def place_of_command(body: Payload) -> Place:
    """A command's answer is for the person only, wherever it was given.

    Even an id that begins with D may be the conversation of two other people, where the bot can't write.
    """
    return Place(
        team=team_of(body),
        user=word(body, "user_id"),
        channel=word(body, "channel_id"),
        response_url=word(body, "response_url"),
        quiet=True,
    )

"""Activities of Teams -> what a person said, pressed or did, in words of our own."""

import hashlib
import html
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from asaka_bot.channels.teams.pressed import Press, read

_LONGEST_ID = 120  # of a person, in the address book
_LONGEST_ADDRESS = 300
_THREAD = re.compile(r";messageid=.*$")
_TAG = re.compile(r"<[^<>]{0,200}>")


class Kind(StrEnum):
    """Who else reads along."""

    PERSONAL = "personal"  # nobody
    GROUP = "group"  # the people of a group chat
    CHANNEL = "channel"  # a team


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an activity came from, and where a reply goes."""

    conversation: str  # in a channel with the thread
    kind: Kind
    service_url: str
    tenant: str

    @property
    def address(self) -> str:
        """The conversation without its thread: where reminders go."""
        return _THREAD.sub("", self.conversation)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Whoever acted. ``id`` is known to this bot alone; ``user`` is the Entra object id where Teams tells it."""

    id: str
    user: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A message to the bot, without the mention of it."""

    event: str
    place: Place
    person: Person
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressed:
    """A button of one of our cards."""

    event: str
    place: Place
    person: Person
    press: Press


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """The bot is there now: added, or updated."""

    event: str
    place: Place
    person: Person
    greet: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """The bot has been removed."""

    event: str
    place: Place
    person: Person


Heard = Said | Pressed | Met | Left


def heard(activity: Any) -> Heard | None:
    """What an activity of the SDK means for us, None where nothing follows from it."""
    found = _heard(activity)
    if found is None or len(found.place.conversation) > _LONGEST_ADDRESS or not found.person.id:
        return None
    return found


def _heard(activity: Any) -> Heard | None:
    event, place, person = _event(activity), _place(activity), _person(activity)
    match activity.type:
        case "message":
            return _said(activity, event, place, person)
        case "invoke" if activity.name == "adaptiveCard/action":
            action = activity.value.action
            press = read(action.verb or "", action.data)
            return Pressed(event=event, place=place, person=person, press=press) if press else None
    greet = activity.type == "installationUpdate" and activity.action == "add"
    match _bot_came(activity):
        case True:
            return Met(event=event, place=place, person=person, greet=greet)
        case False:
            return Left(event=event, place=place, person=person)
    return None


def _bot_came(activity: Any) -> bool | None:
    """Whether the bot came or went; None where this is about others."""
    if activity.type == "installationUpdate":
        return not activity.action.startswith("remove")
    if activity.type != "conversationUpdate":
        return None
    bot = activity.recipient.id
    if bot in {member.id for member in activity.members_removed or ()}:
        return False
    return True if bot in {member.id for member in activity.members_added or ()} else None


def _said(activity: Any, event: str, place: Place, person: Person) -> Said | None:
    mentions = [e for e in activity.entities or () if getattr(e, "type", "") == "mention"]
    text = activity.text or ""
    mentioned = False
    for mention in mentions:
        if mention.mentioned.id == activity.recipient.id:
            mentioned = True
            text = text.replace(mention.text or f"<at>{mention.mentioned.name}</at>", " ")
    if place.kind is not Kind.PERSONAL and not mentioned:
        return None  # said among people
    if getattr(activity, "text_format", None) in (None, "xml", "html"):
        text = _TAG.sub(" ", text)
    return Said(event=event, place=place, person=person, text=html.unescape(text).replace("\xa0", " ").strip())


def _place(activity: Any) -> Place:
    conversation = activity.conversation
    # What does not say that it is personal may have listeners.
    kinds = {"personal": Kind.PERSONAL, "channel": Kind.CHANNEL}
    kind = kinds.get(conversation.conversation_type or "", Kind.GROUP)
    data = activity.channel_data
    tenant = conversation.tenant_id or (data.tenant.id if data and data.tenant else "")
    return Place(
        conversation=conversation.id, kind=kind, service_url=activity.service_url or "", tenant=str(tenant or "")
    )


def _person(activity: Any) -> Person:
    sender = activity.from_
    return Person(id=sender.id[:_LONGEST_ADDRESS], user=(sender.aad_object_id or sender.id)[:_LONGEST_ID])


def _event(activity: Any) -> str:
    """The event's key. Ids of activities are moments, so that two conversations may have the same."""
    said = "\n".join((activity.type, activity.conversation.id, activity.from_.id, activity.id or ""))
    return hashlib.sha256(said.encode()).hexdigest()

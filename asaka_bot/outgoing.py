"""What leaves the bot on its own, in words that no platform owns: a message, and the addresses it goes to."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from asaka_bot.messages import Option


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a message goes: ``to`` is what the channel calls the place (web: an audience; slack: C0123ABCD, U0123)."""

    channel: str
    to: str

    def __str__(self) -> str:
        return f"{self.channel}:{self.to}"

    @classmethod
    def parse(cls, written: str) -> "Address":
        """Read ``channel:place``. Raises `ValueError` for anything else."""
        channel, colon, to = written.strip().partition(":")
        if not (channel and colon and to):
            raise ValueError("「web:everyone」のように、チャネルと宛先を「:」でつないで書いてください")
        return cls(channel=channel, to=to)


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A file or page to open."""

    label: str
    url: str  # https only


@dataclass(frozen=True, slots=True, kw_only=True)
class Translation:
    """The same in another language."""

    language: str  # BCP 47: en; やさしい日本語: ja-x-easy
    title: str
    paragraphs: tuple[str, ...]

    @property
    def label(self) -> str:
        """How its readers call it."""
        return LANGUAGES.get(self.language, self.language)


LANGUAGES = {"en": "English", "ja-x-easy": "やさしい日本語"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """A button below a notice; what it does is known by its id, together with the delivery's marker."""

    id: str  # confirm | answer-1 … answer-4
    label: str  # 確認しました, 参加


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What a person reads; every channel renders it in its own way."""

    title: str
    paragraphs: tuple[str, ...]
    also: tuple[str, ...] = ()  # what else falls on the day, a line each
    topics: tuple[Option, ...] = ()  # questions of the bot that fit, as buttons or links
    source: str = ""  # the section of the plan it stands on
    urgent: bool = False  # 緊急: shown as such
    due: str = ""  # until when to respond, as a sentence: 11月30日（月）までに、確認のボタンを押してください。
    links: tuple[Link, ...] = ()
    responses: tuple[Response, ...] = ()
    replies: bool = False  # the reader can write back to HR
    translations: tuple[Translation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A message that stands in an inbox of the bot's own."""

    id: int  # counts up with each arrival
    address: Address
    message: Message
    received_at: datetime
    marker: str = ""  # of the delivery that brought it; a press below it says so


class Kind(StrEnum):
    """Why a message leaves."""

    REMINDER = "reminder"  # a rule of the calendar came due
    NOTICE = "notice"  # HR sent it
    TEST = "test"  # a person tried it on themselves


class WhenUncertain(StrEnum):
    """What to do where nobody can tell whether the platform accepted a message."""

    HOLD = "hold"  # at most once: a person of HR decides
    RESEND = "resend"  # at least once: it may arrive twice


def as_text(message: Message) -> str:
    """The message as plain text, for terminals, notifications and the calendar."""
    blocks = [f"【緊急】{message.title}" if message.urgent else message.title, *message.paragraphs]
    if message.also:
        blocks.append("\n".join(f"・{line}" for line in message.also))
    blocks += [f"{link.label}：{link.url}" for link in message.links]
    if message.due:
        blocks.append(message.due)
    if message.source:
        blocks.append(f"（出典：{message.source}）")
    for each in message.translations:
        blocks += [f"―― {each.label} ――", each.title, *each.paragraphs]
    return "\n\n".join(blocks)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactPoint:
    """Where one person is reached on one platform, as learned when they first wrote or installed the bot."""

    channel: str
    user: str  # the platform's name for the person (Slack: U0123; Teams: the AAD object id)
    address: str  # what `Address.to` needs for a direct message (Slack: D0123 or U0123; Teams: the conversation id)
    email: str = ""  # in lower case; by it the person is found in the staff directory
    service_url: str = ""  # Teams: where the conversation is served at present
    tenant: str = ""  # Teams: the tenant; Slack: the team
    reachable: bool = True  # False after an uninstall or a block

"""The messages of the inbox as its page shows them: by day, with links that say where they lead, and what to press."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import groupby

from asaka_bot.channels.links import host_of
from asaka_bot.channels.notices import MyNotice
from asaka_bot.channels.web.inbox import InboxEntry
from asaka_bot.outgoing import Link, Message, Translation
from asaka_bot.tokyo import TOKYO

_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,4}")


class Asks(StrEnum):
    """What the page asks the reader for."""

    NOTHING = "nothing"
    RESPONSE = "response"  # buttons
    CHANGE = "change"  # has responded; another answer is possible
    SIGN_IN = "sign-in"  # nobody could tell whose press it was


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One message."""

    entry: InboxEntry
    new: bool
    asks: Asks
    writes_back: bool
    done: bool  # the person has responded
    links: tuple[tuple[Link, str], ...]  # with the host; empty where the address isn't linked
    translations: tuple[tuple[Translation, str], ...]  # with the language as the page may state it

    @property
    def message(self) -> Message:
        """What to read."""
        return self.entry.message


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """The messages of one day in Tokyo."""

    date: date
    letters: tuple[Letter, ...]


def by_day(entries: Sequence[InboxEntry], seen: int, mine: Sequence[MyNotice] | None) -> tuple[Day, ...]:
    """The messages under the headings of their days; new are those above the number `seen`.

    `mine` are the notices to the person who is signed in, None where nobody is.
    """
    waiting = None if mine is None else {notice.marker: notice.wants_response for notice in mine}
    grouped = groupby(entries, key=lambda entry: entry.received_at.astimezone(TOKYO).date())
    return tuple(
        Day(date=day, letters=tuple(_letter(e, e.id > seen, waiting) for e in of_day)) for day, of_day in grouped
    )


def _letter(entry: InboxEntry, new: bool, waiting: Mapping[str, bool] | None) -> Letter:
    message = entry.message
    done = waiting is not None and waiting.get(entry.marker) is False
    return Letter(
        entry=entry,
        new=new,
        asks=_asks(entry, signed_in=waiting is not None, done=done),
        writes_back=message.replies and waiting is not None and bool(entry.marker),
        done=done,
        links=tuple((each, host_of(each.url)) for each in message.links),
        translations=tuple(
            (each, each.language if _LANGUAGE.fullmatch(each.language) else "") for each in message.translations
        ),
    )


def _asks(entry: InboxEntry, *, signed_in: bool, done: bool) -> Asks:
    if not entry.message.responses:
        return Asks.NOTHING
    if not (signed_in and entry.marker):
        return Asks.SIGN_IN
    if not done:
        return Asks.RESPONSE
    return Asks.CHANGE if len(entry.message.responses) > 1 else Asks.NOTHING

"""What the bot replies to what it hears, and who may read it."""

import asyncio
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from asaka_bot.answering import dates
from asaka_bot.answering.compose import date_row
from asaka_bot.answering.conversation import Context
from asaka_bot.answering.life_events import life_events
from asaka_bot.channels.answers import AnswerService
from asaka_bot.channels.teams import menus
from asaka_bot.channels.teams.contexts import Contexts
from asaka_bot.channels.teams.inbound import Person, Place, Pressed, Said
from asaka_bot.channels.teams.notice_dialogue import NoticeDialogue
from asaka_bot.channels.teams.parts import Shown
from asaka_bot.channels.teams.pressed import (
    AskDates,
    AskDesk,
    Compute,
    Menu,
    MyNotices,
    Respond,
    Shelf,
    Show,
    Step,
    Vote,
    Write,
    WriteBack,
)
from asaka_bot.channels.teams.votes import Votes
from asaka_bot.errors import DateError
from asaka_bot.messages import Reply, japanese_date
from asaka_bot.outgoing import ContactPoint

MOST_CHARACTERS = 1_000  # of a question; what comes after is cut
_BIRTH = re.compile(r"誕生|生年|(?:生|産|う)まれ(?!る)")
_TWINS = re.compile(r"双子|ふたご|多胎|三つ子|品胎")
_LONGEST_DATE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """A reply. ``private``: nobody but the person may see it. ``context``: to keep where the reply is shown."""

    shown: Shown
    private: bool = False
    context: Context | None = None


Door = Menu | Shelf | AskDesk | AskDates | MyNotices  # what opens without an answer to a question


class Dialogue:
    """Finds the reply; sends nothing itself."""

    def __init__(
        self,
        service: AnswerService,
        contexts: Contexts,
        now: Callable[[], datetime],
        notices: NoticeDialogue,
        votes: Votes,
    ) -> None:
        self._service, self._contexts, self._now = service, contexts, now
        self.notices, self.votes = notices, votes

    async def said(self, said: Said) -> Spoken:
        """The reply to a message."""
        words = unicodedata.normalize("NFKC", said.text).strip()
        command = _COMMANDS.get(words.lower().rstrip("。.!?"))
        if command is not None:
            return await self._door(command, said.place, said.person)
        if (step := _WRITING.get(words.rstrip("。.!?"))) is not None:
            shown = await self.notices.desk.step(said.place, said.person, Write(step=step))
            return Spoken(shown=menus.problem(shown) if isinstance(shown, str) else shown)
        if words.startswith("日付"):
            return self._dates_of(words.removeprefix("日付").strip(" :、,"))
        question = said.text[:MOST_CHARACTERS]
        before = self._contexts.get(said.place.conversation, said.person.id, self._now())
        async with asyncio.timeout(_ANSWER_SECONDS):
            reply, context = await self._service.reply(question, context=before)
        return self._spoken(reply, context, question, shortened=len(said.text) > len(question))

    async def pressed(self, pressed: Pressed) -> Spoken | None:
        """The reply to a button, None where it was answered in place of the card."""
        match pressed.press:
            case Show(topic=topic, facet=facet):
                before = self._contexts.get(pressed.place.conversation, pressed.person.id, self._now())
                try:
                    reply, context = await self._service.show(topic, facet, role=before.role if before else None)
                except KeyError:
                    return Spoken(shown=menus.problem(menus.GONE))
                return self._spoken(reply, context, None)
            case Compute(due=due, birth=birth, multiple=multiple):
                return self._computed(due, birth, multiple)
            case Vote() | Respond() | WriteBack() | Write():
                return None
            case door:
                return await self._door(door, pressed.place, pressed.person)

    def keep(self, spoken: Spoken, place: Place, person: Person, personal: ContactPoint | None) -> None:
        """Remember the context at the place where the reply was shown: `personal` where it went there."""
        if spoken.context is not None:
            where = personal.address if personal else place.conversation
            self._contexts.keep(where, person.id, spoken.context, self._now())

    async def _door(self, door: Door, place: Place, person: Person) -> Spoken:
        knowledge = self._service.knowledge
        match door:
            case MyNotices():
                return Spoken(shown=await self.notices.mine(person), private=True)
            case Menu():
                return Spoken(shown=menus.menu(knowledge, writes=await self.notices.desk.may(place, person)))
            case AskDates():
                return Spoken(shown=menus.dates_form(), private=True)
            case Shelf(category=category):
                topics = menus.shelf(knowledge, category) or menus.menu(knowledge)
                # Whoever opens a shelf with sensitive topics may not want to be seen there.
                private = any(topic.sensitive for topic in knowledge.in_category(category))
                return Spoken(shown=topics, private=private)
            case AskDesk(topic=name, question=question):
                topic = knowledge.topics.get(name or "")
                usable = None if topic is not None and topic.sensitive else question
                shown = menus.desk(knowledge, topic.desk if topic else "hr-desk", usable)
                return Spoken(shown=shown, private=True)

    def _spoken(self, reply: Reply, context: Context, question: str | None, *, shortened: bool = False) -> Spoken:
        shown = self.votes.card(reply, question, shortened=shortened)
        return Spoken(shown=shown, private=reply.sensitive or bool(reply.dates), context=context)

    def _dates_of(self, text: str) -> Spoken:
        if not text:
            return Spoken(shown=menus.dates_form(), private=True)
        shown = text[:_LONGEST_DATE]
        due, birth = ("", shown) if _BIRTH.search(shown) else (shown, "")
        return self._computed(due, birth, bool(_TWINS.search(shown)))

    def _computed(self, due: str, birth: str, multiple: bool) -> Spoken:
        """Nobody but the person reads dates of a birth."""
        today = self._now().date()
        try:
            days = {
                name: _day(text, today, lean)
                for name, text, lean in (("due", due, dates.Lean.FUTURE), ("birth", birth, dates.Lean.PAST))
                if text
            }
            events = life_events(**days, multiple=multiple)
        except DateError as error:
            return Spoken(shown=menus.dates_form(str(error)), private=True)
        names = {"due": "出産予定日", "birth": "子の生年月日"}
        given = "、".join(f"{names[name]} {japanese_date(day)}" for name, day in days.items())
        said = f"{given}{'（双子以上）' if multiple else ''}として計算しました。"
        return Spoken(shown=menus.dates_result(said, [date_row(event) for event in events]), private=True)


_ANSWER_SECONDS = 12.0  # Teams gives up after 15
_COMMANDS: Mapping[str, Menu | AskDesk | AskDates | MyNotices] = {
    **dict.fromkeys(("メニュー", "menu", "ヘルプ", "help", "使い方"), Menu()),
    **dict.fromkeys(("職員課に聞く", "職員課"), AskDesk()),
    **dict.fromkeys(("日付", "日付計算", "日付の計算"), AskDates()),
    **dict.fromkeys(("お知らせ", "わたしのお知らせ"), MyNotices()),
}

_WRITING: Mapping[str, Step] = {"お知らせを書く": Step.FORM, "お知らせの状況": Step.STATUS}


def _day(text: str, today: date, lean: dates.Lean) -> date:
    found = dates.find(text, today, lean)
    return found[0].day if len(found) == 1 else dates.parse(text, today, lean)

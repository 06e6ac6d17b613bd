"""What people do with their notices on Teams: respond, write back, look at the last ones."""

from collections.abc import Sequence

import structlog
from microsoft_teams.cards import CardElement

from asaka_bot.channels.answers import AnswerService
from asaka_bot.channels.notices import MyNotice, Responses
from asaka_bot.channels.teams.announcement import CONFIRM, message_card
from asaka_bot.channels.teams.connector import Connector
from asaka_bot.channels.teams.inbound import Kind, Person, Place, Pressed
from asaka_bot.channels.teams.menus import TROUBLE
from asaka_bot.channels.teams.notice_writing import NoticeDesk
from asaka_bot.channels.teams.parts import Shown, button, buttons, card, paragraph, run, runs, title
from asaka_bot.channels.teams.ports import CHANNEL, Events
from asaka_bot.channels.teams.pressed import Menu, Respond, Write, WriteBack
from asaka_bot.channels.teams.render import NEUTRAL, reply_card
from asaka_bot.messages import japanese_date

AGAIN = "受け付けています。"
EMPTY = "文が空でした。もう一度お書きください。"
_MOST = 10

log = structlog.get_logger(__name__)


class NoticeDialogue:
    """Answers a press with what Teams shows in its place: a card, or a sentence."""

    def __init__(
        self,
        service: AnswerService,
        responses: Responses,
        events: Events,
        connector: Connector,
        desk: NoticeDesk,
    ) -> None:
        self._service, self._responses, self._events, self._connector = service, responses, events, connector
        self.desk = desk

    async def answer(self, pressed: Pressed, press: Respond | WriteBack | Write) -> Shown | str:
        """What came of the press; whatever goes wrong is said, and logged by its type."""
        try:
            if not await self._events.first_time(CHANNEL, pressed.event):
                return AGAIN  # another copy of the same press acts
            match press:
                case Respond():
                    return await self._respond(pressed.place, pressed.person, press)
                case Write():
                    return await self.desk.step(pressed.place, pressed.person, press)
                case WriteBack():
                    return await self._write_back(pressed.place, pressed.person, press)
        except Exception as error:
            log.error("teams.notice_press_failed", error=type(error).__name__)
        return TROUBLE

    async def mine(self, person: Person, said: str = "") -> Shown:
        """The last notices to a person; `said` tells what came of a press in the list."""
        return my_notices(await self._responses.mine(CHANNEL, person.user), said)

    async def _respond(self, place: Place, person: Person, press: Respond) -> Shown | str:
        done = await self._responses.respond(CHANNEL, person.user, press.delivery, press.response)
        if place.kind is not Kind.PERSONAL:
            return done.text
        if press.listed:
            return await self.mine(person, done.text)
        return done.text if done.message is None else message_card(done.message, press.delivery)

    async def _write_back(self, place: Place, person: Person, press: WriteBack) -> Shown | str:
        """Signs of danger in the text bring the urgent contacts first, where nobody else sees them."""
        if not press.text:
            return EMPTY
        urgent = await self._service.urgent(press.text)
        contacts = reply_card(urgent) if urgent is not None else None
        if contacts is not None and place.kind is Kind.PERSONAL:
            await self._connector.post(place.service_url, place.conversation, contacts)
        said = await self._responses.reply(CHANNEL, person.user, press.delivery, press.text)
        return contacts if contacts is not None and place.kind is not Kind.PERSONAL else said


def my_notices(notices: Sequence[MyNotice], said: str = "") -> Shown:
    """The list, with a button below each that waits for a confirmation."""
    rest: list[CardElement] = [title("わたしのお知らせ"), *([runs(run(said, bold=True))] if said else [])]
    for each in notices[:_MOST]:
        mark = [run("【未確認】", colour="Attention", bold=True)] if each.wants_response else []
        rest.append(runs(*mark, run(f"{japanese_date(each.day)}　{each.title[:200]}"), spacing="Medium"))
        if each.wants_response:
            press = Respond(delivery=each.marker, response=CONFIRM, listed=True)
            rest += buttons([button("確認しました", press, primary=True)])
    if not notices:
        rest.append(paragraph("新しいお知らせはありません。"))
    return card([*rest, *buttons([button("メニューに戻る", Menu())])], NEUTRAL)

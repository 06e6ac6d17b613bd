"""What people do with a notice: confirm, answer, write back; implements `channels.notices.Responses`."""

from collections.abc import Sequence

from asaka_bot.app.notice_parts import NoticeParts
from asaka_bot.broadcasts.notice import Notice, NoticeState
from asaka_bot.broadcasts.notice_wording import CONFIRM, answer_number, answered, moment_text
from asaka_bot.broadcasts.staff import Person
from asaka_bot.channels.notices import Acknowledged, MyNotice
from asaka_bot.store.receipts import Copy, Responded
from asaka_bot.tokyo import TOKYO

_MOST_MINE = 10
_LONGEST_REPLY = 2_000
_UNKNOWN = "このお知らせは見つかりません。"
_TRIAL = "試し送りなので、記録しませんでした。"
_RECALLED = "このお知らせは取り消されたため、記録しませんでした。"
_NOBODY = (
    "職員名簿の中であなたを見つけられなかったため、記録できませんでした。"
    "お手数ですが、職員課に確認したことを伝えてください（名簿のメールアドレスと、ここのメールアドレスが違うようです）。"
)
_NOT_MEANT = "このお知らせの宛先に、あなたは入っていません。記録しませんでした。"
_ANSWER_THERE = "回答を求めるお知らせです。届いたお知らせを開いて、回答のボタンを押してください。"
_NO_BUTTON = "そのボタンは、もうありません。お知らせを開き直してください。"
_OVER = "回答の期限が過ぎています。変えたいときは、職員課に連絡してください。"
_NO_REPLIES = "このお知らせには返信できません。職員課に直接連絡してください。"


class NoticeResponses:
    """Every press counts once, whichever copy it came from."""

    def __init__(self, parts: NoticeParts) -> None:
        self._parts = parts

    async def respond(self, channel: str, user: str, marker: str, response: str) -> Acknowledged:
        """Count a press of a button below the delivery `marker`."""
        copy = await self._parts.receipts.copy(marker)
        if copy is None:
            return Acknowledged(text=_UNKNOWN)
        if copy.notice is None:
            return Acknowledged(text=_TRIAL)
        notice = await self._parts.store.find(copy.notice, counted=False)
        number = answer_number(response)
        refusal = await self._refusal(notice, response, number)
        if refusal:
            return Acknowledged(text=refusal)
        person = await self._who(copy, channel, user)
        if person is None:
            return Acknowledged(text=_NOBODY)
        said = await self._count(copy, notice.id, person, channel, number)
        return Acknowledged(text=_NOT_MEANT) if said is None else self._told(notice, said)

    async def _refusal(self, notice: Notice, response: str, number: int | None) -> str:
        """Why a press does not count; empty where it does."""
        if notice.state is NoticeState.RECALLED:
            return _RECALLED
        if response == CONFIRM and notice.content.answers:  # from the list of one's notices, which has one button
            return _ANSWER_THERE
        if number is None:
            return "" if response == CONFIRM and notice.content.confirm else _NO_BUTTON
        if number > len(notice.content.answers):
            return _NO_BUTTON
        today = (await self._parts.store.now()).astimezone(TOKYO).date()
        over = notice.content.respond_by is not None and today > notice.content.respond_by
        return _OVER if over else ""

    async def _who(self, copy: Copy, channel: str, user: str) -> Person | None:
        """The person who pressed: whom the platform names, not whoever the copy was meant for."""
        people = self._parts.people
        if channel == "web":
            return await people.of_id(user)
        person = await people.of_contact(channel, user)
        if person is None and await people.user_at(channel, user) == copy.address.to:
            return await people.of_id(copy.recipient)  # in their own direct messages nobody else can press
        return person

    async def _count(
        self, copy: Copy, notice: int, person: Person, channel: str, number: int | None
    ) -> Responded | None:
        said = await self._parts.receipts.respond(notice, person.staff_id, channel, number)
        is_post = copy.recipient == str(copy.address)
        if said is None and is_post:
            return await self._parts.receipts.join(notice, person, channel, number)
        return said

    def _told(self, notice: Notice, said: Responded) -> Acknowledged:
        answers = notice.content.answers
        answer = answers[said.answer - 1] if said.answer and said.answer <= len(answers) else ""
        message = answered(self._parts.message(notice.content), answer=answer, at=said.confirmed_at)
        if not said.new:
            what = f"「{answer}」という答え" if answer else "確認"
            return Acknowledged(text=f"{what}は、もう受け取っています。", message=message)
        if answer:
            return Acknowledged(text=f"「{answer}」と答えました。ありがとうございます。", message=message)
        text = f"確認しました（{moment_text(said.confirmed_at)}）。ありがとうございます。"
        return Acknowledged(text=text, message=message)

    async def reply(self, channel: str, user: str, marker: str, text: str) -> str:
        """Hand a text to HR, as the person agreed; the sentence that confirms it, or says why not."""
        copy = await self._parts.receipts.copy(marker)
        if copy is None:
            return _UNKNOWN
        if copy.notice is None:
            return _TRIAL
        written = text.strip()
        if not written or len(written) > _LONGEST_REPLY:
            return f"返信は、1文字以上{_LONGEST_REPLY}文字までで書いてください。"
        notice = await self._parts.store.find(copy.notice, counted=False)
        if not notice.content.replies:
            return _NO_REPLIES
        person = await self._who(copy, channel, user)
        if person is None:
            return _NOBODY
        await self._parts.replies.add(notice.id, person.staff_id, written)
        return "職員課に届けました。返事は、職員課から直接届きます。"

    async def marker_at(self, channel: str, address: str, platform_ref: str) -> str | None:
        """The delivery that stands at a place of a platform, None where it is no notice that takes replies."""
        marker = await self._parts.receipts.copy_at(channel, address, platform_ref)
        copy = await self._parts.receipts.copy(marker) if marker else None
        if copy is None or copy.notice is None:
            return None
        return marker if (await self._parts.store.find(copy.notice, counted=False)).content.replies else None

    async def mine(self, channel: str, user: str) -> Sequence[MyNotice]:
        """The last notices to a person, the newest first."""
        people = self._parts.people
        person = await (people.of_id(user) if channel == "web" else people.of_contact(channel, user))
        if person is None:
            return ()
        found = await self._parts.receipts.to_person(person.staff_id, channel, _MOST_MINE)
        shown = []
        for number, marker, confirmed_at in found:
            notice = await self._parts.store.find(number, counted=False)
            if notice.state is NoticeState.RECALLED or notice.sent_at is None:
                continue
            shown.append(
                MyNotice(
                    day=notice.sent_at.astimezone(TOKYO).date(),
                    title=notice.content.title,
                    wants_response=notice.content.wants_response and confirmed_at is None,
                    marker=marker,
                )
            )
        return shown

"""A desk on which every kind of notice lies."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, time, timedelta

from asaka_bot.broadcasts.invented_staff import invented_staff
from asaka_bot.broadcasts.notice import Content, NoticeReply, NoticeState, Plan, Repeat, RepeatKind, Stand
from asaka_bot.outgoing import Address, Link, Translation
from asaka_bot.roles import Actor, HrRole
from tests.fakes.console import NOW
from tests.fakes.notices import MemoryNotices

PEOPLE = list(invented_staff(240))
HANAKO = Actor(person="人事 花子", role=HrRole.ADMIN)
TARO = Actor(person="人事 太郎", role=HrRole.ADMIN)
_AGREED = frozenset({"unreachable", "duplicate", "quiet-hours"})
RICH = Content(
    title="年末調整の書類",
    body="年末調整の書類を、11月30日までに職員課へ出してください。\n\n書類は、各課の庶務担当に配りました。\n書き方が分からないときは、下のボタンからボットに聞けます。",
    source="職員の給与の支払に関する規則",
    topics=("annual-leave",),
    links=(Link(label="書き方の見本（PDF）", url="https://www.city-asaka.example/mihon.pdf"),),
    confirm=True,
    respond_by=date(2026, 11, 30),
    translations=(
        Translation(language="en", title="Year-end tax papers", paragraphs=("Please hand them in by 30 November.",)),
        Translation(
            language="ja-x-easy", title="ぜいきんの かみ", paragraphs=("11がつ30にちまでに 出して ください。",)
        ),
    ),
)
_TRAINING = Content(
    title="研修の出欠",
    body="ハラスメント防止研修を、12月10日の午後2時から行います。\n\n出欠を答えてください。",
    answers=("参加", "不参加", "未定"),
    respond_by=date(2026, 12, 1),
)
_URGENT = Content(
    title="大雨のため、早めに帰ってください", body="午後3時に電車が止まる見込みです。", urgent=True, confirm=True
)


def a_busy_desk() -> MemoryNotices:
    """Drafts, notices that wait for the visitor, one that is leaving, and those that ended."""
    with ThreadPoolExecutor() as elsewhere:  # playwright runs the event loop of the thread of tests
        return elsewhere.submit(asyncio.run, _furnished()).result()


async def _furnished() -> MemoryNotices:
    notices = MemoryNotices(now=NOW - timedelta(hours=2), people=PEOPLE)

    async def made(content, plan, by=HANAKO):
        found = await notices.create(by, content, plan)
        await notices.submit(by, found.id, found.version, _AGREED)
        return found.id

    async def approved(number, by=TARO):
        await notices.approve(by, number, notices.kept[number].version)
        return number

    everyone, heads = Plan(audience="全員"), Plan(audience="職位:所属長")
    await notices.create(HANAKO, Content(title="書きかけのお知らせ", body="あとで書きます。"), Plan())
    tax = await approved(await made(RICH, Plan(audience="全員", posts=(Address(channel="web", to="everyone"),))))
    notices.arrive(tax, *[Stand.ARRIVED] * 120, Stand.HELD, Stand.DEAD, reason="Slackに断られました")
    for place in range(0, 90, 3):
        notices.confirm(tax, place)
    training = await made(_TRAINING, heads)
    notices.arrive(training)
    for place, answer in enumerate(("参加",) * 20 + ("不参加",) * 6 + ("未定",) * 3):
        notices.confirm(training, place, answer=answer)
    await made(replace(_TRAINING, title="承認を待つ研修"), everyone)
    await made(replace(RICH, title="ストレスチェックのお願い"), everyone, TARO)
    await made(_URGENT, everyone, TARO)
    notices.arrive(await made(replace(_URGENT, title="停電のお知らせ"), everyone))
    weekly = Repeat(kind=RepeatKind.NTH_WEEKDAY, at=time(8, 30), weekday=2, number=2, until=date(2027, 3, 31))
    await made(Content(title="休暇取得予定表のお願い", body="予定表を出してください。"), replace(heads, repeat=weekly))
    late = await made(Content(title="朝の連絡", body="おはようございます。"), replace(heads, send_at=NOW))
    notices.kept[late] = replace(notices.kept[late], state=NoticeState.MISSED, note="システムが止まっていました")
    ended = await made(Content(title="取りやめた連絡", body="送りません。"), replace(heads, send_at=NOW))
    await notices.cancel(HANAKO, ended)
    await notices.keep_list(HANAKO, "研修担当", [each.staff_id for each in PEOPLE[:4]])
    notices.written = [
        NoticeReply(
            id=number,
            notice=tax,
            title=RICH.title,
            staff_id=person.staff_id,
            name=person.name,
            office="/".join(person.office),
            text="扶養の欄は、来年の見込みで書けばよいですか。\n教えてください。",
            received_at=NOW - timedelta(minutes=20 * number),
        )
        for number, person in enumerate(PEOPLE[5:7], start=1)
    ]
    notices.now = NOW
    return notices

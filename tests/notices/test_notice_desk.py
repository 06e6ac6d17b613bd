"""HR's notices until they leave: drafts, questions, approval, times, correction, recall."""

from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from asaka_bot.broadcasts.notice import Content, NoticeState, Plan, Repeat, RepeatKind
from asaka_bot.broadcasts.office_rules import OfficeRules
from asaka_bot.errors import AudienceError, NoticeError, NotPermittedError
from asaka_bot.outgoing import Address, Link, Translation
from tests.fakes.notice_world import (
    HANAKO,
    NIGHT,
    NOBODY,
    TARO,
    TEXT,
    TO_ALL,
    VIEWER,
    WORKING,
    in_world,
)
from tests.fakes.staff import person

AGREED = frozenset({"quiet-hours", "duplicate", "unreachable"})
FEW = [person(number) for number in range(1, 6)]
MANY = [person(number) for number in range(1, 41)]


def test_a_small_notice_leaves_at_once(url):
    """Below the office's limit nobody else is asked; everybody has one delivery."""

    async def work(world):
        await world.hire(*FEW)
        made = await world.draft()
        submitted = await world.desk.submit(HANAKO, made.id, made.version, frozenset())
        assert (submitted.state, submitted.recipients) == (NoticeState.SENT, 5)
        assert {each.recipient for each in await world.deliver()} == {"1", "2", "3", "4", "5"}
        assert (await world.desk.find(HANAKO, made.id)).recipients == 5
        assert await world.actions() == ["staff.import", "notice.write", "notice.submit", "notice.send"]

    in_world(url, work)


def test_a_large_notice_waits_for_a_second_person(url):
    """Above the limit nothing leaves until somebody else approves; the writer can't."""

    async def work(world):
        await world.hire(*MANY)
        made = await world.draft()
        submitted = await world.desk.submit(HANAKO, made.id, made.version, frozenset())
        assert submitted.state is NoticeState.AWAITING
        assert await world.deliver() == []
        waiting = await world.desk.find(TARO, made.id)
        own = replace(HANAKO, role=TARO.role)
        with pytest.raises(NoticeError, match="ほかの人"):
            await world.desk.approve(own, made.id, waiting.version)
        assert (await world.desk.approve(TARO, made.id, waiting.version)).state is NoticeState.SENT
        assert len(await world.deliver()) == 40

    in_world(url, work)


def test_a_post_to_a_channel_waits_for_a_second_person(url):
    """How many people read a channel nobody knows."""

    async def work(world):
        plan = Plan(posts=(Address(channel="web", to="everyone"),))
        made = await world.draft(plan=plan)
        assert (await world.desk.submit(HANAKO, made.id, made.version, frozenset())).state is NoticeState.AWAITING

    in_world(url, work)


def test_a_changed_notice_must_be_approved_anew(url):
    """Whoever approves an older version is told so, and a change takes the submission back."""

    async def work(world):
        await world.hire(*MANY)
        made = await world.draft()
        await world.desk.submit(HANAKO, made.id, made.version, frozenset())
        seen = await world.desk.find(TARO, made.id)
        changed = await world.desk.change(HANAKO, made.id, seen.version, replace(TEXT, title="別の題名"), TO_ALL)
        assert (changed.state, changed.recipients) == (NoticeState.DRAFT, 0)
        with pytest.raises(NoticeError, match="ほかの人が"):
            await world.desk.approve(TARO, made.id, seen.version)
        assert await world.deliver() == []

    in_world(url, work)


def test_sent_back_with_a_reason(url):
    """The writer finds the reason and a draft."""

    async def work(world):
        await world.hire(*MANY)
        made = await world.draft()
        await world.desk.submit(HANAKO, made.id, made.version, frozenset())
        seen = await world.desk.find(TARO, made.id)
        back = await world.desk.send_back(TARO, made.id, seen.version, "日付が違います")
        assert (back.state, back.note) == (NoticeState.DRAFT, "日付が違います")

    in_world(url, work)


def test_an_urgent_notice_leaves_at_once_and_is_reviewed_later(url):
    """It goes to every channel of each person; a second person records that they have seen it."""

    async def work(world):
        world.now = NIGHT
        await world.hire(*MANY)
        for each in MANY:
            await world.meet(each, "teams")
        sent = await world.sent(replace(TEXT, urgent=True))
        assert (sent.state, sent.needs_review) == (NoticeState.SENT, True)
        assert len(await world.deliver("slack")) == len(await world.deliver("teams")) == 40
        with pytest.raises(NoticeError):
            await world.desk.review(replace(HANAKO, role=TARO.role), sent.id)
        await world.desk.review(TARO, sent.id)
        assert not (await world.desk.find(TARO, sent.id)).needs_review

    in_world(url, work)


def test_it_asks_once_more(url):
    """Outside of hours, with the same text within a day, and where people can't be reached; agreeing lets it leave."""

    async def work(world):
        world.now = NIGHT
        await world.hire(*FEW)
        await world.hire(*FEW, person(6), channel=None)
        await world.sent()
        made = await world.draft()
        asked = await world.desk.submit(HANAKO, made.id, made.version, frozenset())
        assert {question.id for question in asked.questions} == AGREED
        assert asked.state is NoticeState.DRAFT
        assert "11月24日22:00" in asked.questions[0].text
        assert (await world.desk.submit(HANAKO, made.id, made.version, AGREED)).state is NoticeState.SENT

    in_world(url, work)


def test_approved_in_the_evening_it_leaves_in_the_morning(url):
    """Nobody agreed to the evening, so that it waits for half past eight of the next working day."""

    async def work(world):
        await world.hire(*MANY)
        made = await world.draft()
        await world.desk.submit(HANAKO, made.id, made.version, frozenset())
        world.now = NIGHT
        approved = await world.desk.approve(TARO, made.id, (await world.desk.find(TARO, made.id)).version)
        assert approved.state is NoticeState.SCHEDULED
        flow = world.flow()
        assert await flow.tick() == 0
        world.pass_(hours=10, minutes=30)
        assert await flow.tick() == 1
        assert (await world.desk.find(TARO, made.id)).state is NoticeState.SENT

    in_world(url, work)


def test_at_its_time_it_leaves_once(url):
    """Two replicas look at the same moment; whoever has left the office meanwhile gets nothing."""

    async def work(world):
        await world.hire(*FEW)
        sent = await world.sent(plan=replace(TO_ALL, send_at=WORKING + timedelta(hours=3)))
        assert sent.state is NoticeState.SCHEDULED
        await world.hire(*FEW[:4])
        flows = [world.flow(), world.flow()]
        assert [await flow.tick() for flow in flows] == [0, 0]
        world.pass_(hours=3)
        assert sorted([await flow.tick() for flow in flows]) == [0, 1]
        assert {each.recipient for each in await world.deliver()} == {"1", "2", "3", "4"}
        total = (await world.desk.progress(HANAKO, sent.id)).total
        assert (total.arrived, total.unreachable, total.people) == (4, 1, 5)

    in_world(url, work)


def test_a_day_too_late_is_too_late(url):
    """What should have left yesterday is shown as missed, and can be sent anew."""

    async def work(world):
        await world.hire(*FEW)
        sent = await world.sent(plan=replace(TO_ALL, send_at=WORKING + timedelta(hours=3)))
        world.pass_(days=1)
        assert await world.flow().tick() == 0
        missed = await world.desk.find(HANAKO, sent.id)
        assert missed.state is NoticeState.MISSED
        assert "止まっていた" in missed.note
        again = await world.desk.change(HANAKO, sent.id, missed.version, TEXT, TO_ALL)
        assert (await world.desk.submit(HANAKO, sent.id, again.version, frozenset())).state is NoticeState.SENT

    in_world(url, work)


def test_a_repeating_notice_leaves_on_each_of_its_days(url):
    """Every Wednesday until the last day, each with receipts of its own; then it is over."""

    async def work(world):
        await world.hire(*FEW)
        weekly = Repeat(kind=RepeatKind.WEEKLY, weekday=2, at=time(9, 0), until=date(2026, 12, 5))
        series = await world.sent(plan=Plan(audience="全員", repeat=weekly))
        assert series.state is NoticeState.SCHEDULED
        flow, days = world.flow(), []
        for _hour in range(24 * 20):
            if await flow.tick():
                days.append(world.now.date())
            world.pass_(hours=1)
        assert days == [date(2026, 11, 25), date(2026, 12, 2)]
        turns = [each for each in await world.desk.latest(HANAKO, 10) if each.series == series.id]
        assert [each.recipients for each in turns] == [5, 5]
        assert (await world.desk.find(HANAKO, series.id)).state is NoticeState.SENT

    in_world(url, work)


def test_a_trial_goes_to_its_writer_alone(url):
    """Where platforms know the writer, there; presses below it are not counted."""

    async def work(world):
        await world.hire(*FEW, person(9, email=HANAKO.person))
        made = await world.draft()
        assert await world.desk.test(HANAKO, made.id) == "Slackに試し送りしました。"
        (trial,) = await world.deliver()
        assert trial.address.to == "D-S9"
        said = await world.responses.respond("slack", "S9", trial.marker, "confirm")
        assert "試し送り" in said.text
        assert (await world.desk.find(HANAKO, made.id)).state is NoticeState.DRAFT

    in_world(url, work)


def test_a_correction_reaches_what_waits_and_what_has_arrived(url):
    """Waiting deliveries leave with the new text; those that arrived are to be replaced, once."""

    async def work(world):
        await world.hire(*FEW)
        sent = await world.sent()
        for each in await world.claim(most=2):
            await world.outbox.record([_arrived(each, world)])
        new = replace(TEXT, body="会場が変わりました。")
        assert await world.desk.edit_sent(HANAKO, sent.id, sent.version, new) == 2
        assert {each.message.paragraphs for each in await world.deliver()} == {("会場が変わりました。",)}
        due = await world.replacements.claim_replacements("slack", world.parts.traits["slack"], most=8)
        assert [each.letter.message.paragraphs for each in due] == [("会場が変わりました。",)] * 2
        assert await world.replacements.claim_replacements("slack", world.parts.traits["slack"], most=8) == []

    in_world(url, work)


def test_answers_of_an_older_version_keep_nobody_from_correcting(url, monkeypatch):
    """It took 30 characters; after sending they cannot be changed, so they must not be complained about."""

    async def work(world):
        await world.hire(*FEW)
        long = replace(TEXT, answers=("午前の部にオンラインで参加します（会議室から）", "不参加"))
        monkeypatch.setattr("asaka_bot.broadcasts.notice_checks.LONGEST_ANSWER", 30)
        sent = await world.sent(long)
        monkeypatch.undo()
        with pytest.raises(NoticeError, match="20文字まで"):
            await world.draft(long)
        await world.desk.edit_sent(HANAKO, sent.id, sent.version, replace(long, body="会場が変わりました。"))
        assert (await world.desk.find(HANAKO, sent.id)).content.body == "会場が変わりました。"

    in_world(url, work)


def _arrived(delivery, world):
    from asaka_bot.delivery.channel import Sent
    from asaka_bot.delivery.outbox import after_send

    return after_send(delivery, Sent(platform_ref="17.1"), world.parts.traits["slack"], world.now)


def test_cancelled_in_mid_sending(url):
    """What has not left does not leave; the sum still balances."""

    async def work(world):
        await world.hire(*FEW)
        sent = await world.sent()
        for each in await world.claim(most=2):
            await world.outbox.record([_arrived(each, world)])
        assert await world.desk.cancel(HANAKO, sent.id) == 3
        assert await world.deliver() == []
        total = (await world.desk.progress(HANAKO, sent.id)).total
        assert (total.arrived, total.cancelled, total.people) == (2, 3, 5)

    in_world(url, work)


def test_recalled(url):
    """What has arrived is replaced by a line without buttons; presses do not count any more."""

    async def work(world):
        await world.hire(*FEW)
        sent = await world.sent()
        delivered = await world.deliver()
        assert await world.desk.recall(HANAKO, sent.id, "日付の誤り") == 5
        due = await world.replacements.claim_replacements("slack", world.parts.traits["slack"], most=8)
        assert due[0].letter.message.title == "（取り消し）研修のお知らせ"
        assert due[0].letter.message.responses == ()
        said = await world.responses.respond("slack", "S1", delivered[0].marker, "confirm")
        assert "取り消された" in said.text
        assert (await world.desk.find(HANAKO, sent.id)).confirmed == 0

    in_world(url, work)


@pytest.mark.parametrize(
    ("content", "plan", "said"),
    [
        (replace(TEXT, title=" "), TO_ALL, "題名"),
        (replace(TEXT, body=""), TO_ALL, "本文"),
        (replace(TEXT, body="〔会場〕で行います"), TO_ALL, "〔"),
        (TEXT, Plan(), "宛先"),
        (replace(TEXT, respond_by=date(2026, 11, 23)), TO_ALL, "期限"),
        (replace(TEXT, confirm=False, respond_by=date(2026, 12, 1)), TO_ALL, "ボタン"),
        (TEXT, replace(TO_ALL, send_at=WORKING - timedelta(minutes=1)), "日時"),
        (replace(TEXT, translations=(Translation(language="en", title="", paragraphs=("x",)),)), TO_ALL, "English"),
        (TEXT, replace(TO_ALL, audience="職員:9999"), "9999"),
    ],
)
def test_what_is_missing_is_said_before_it_leaves(url, content, plan, said):
    """The draft is kept; the message says what to do."""

    async def work(world):
        await world.hire(*FEW)
        made = await world.draft(content, plan)
        with pytest.raises((NoticeError, AudienceError), match=said):
            await world.desk.submit(HANAKO, made.id, made.version, AGREED)
        assert (await world.desk.find(HANAKO, made.id)).state is NoticeState.DRAFT

    in_world(url, work)


@pytest.mark.parametrize(
    "content",
    [
        replace(TEXT, body="あ" * 3001),
        replace(TEXT, answers=("a", "b", "c", "d", "e")),
        replace(TEXT, answers=("同じ", "同じ")),
        replace(TEXT, links=(Link(label="様式", url="http://files.example/a"),)),
        replace(TEXT, links=(Link(label="様式", url="https://files.example@evil.example/"),)),
        replace(TEXT, links=(Link(label="様式", url="javascript:alert(1)"),)),
    ],
)
def test_what_no_channel_could_show_is_not_kept(url, content):
    """Too long, too many, or a link that is not safe."""

    async def work(world):
        with pytest.raises(NoticeError):
            await world.draft(content)

    in_world(url, work)


@pytest.mark.parametrize("actor", [VIEWER, NOBODY])
def test_nobody_writes_without_the_role(url, actor):
    """Neither drafts nor anything that leaves."""

    async def work(world):
        await world.hire(*FEW)
        sent = await world.sent()
        for attempt in (
            lambda: world.desk.create(actor, TEXT, TO_ALL),
            lambda: world.desk.submit(actor, sent.id, 1, AGREED),
            lambda: world.desk.approve(actor, sent.id, 1),
            lambda: world.desk.cancel(actor, sent.id),
            lambda: world.desk.recall(actor, sent.id, ""),
            lambda: world.desk.remind(actor, sent.id),
            lambda: world.desk.confirm_for(actor, sent.id, "1"),
            lambda: world.desk.export(actor, sent.id),
            lambda: world.desk.standings(actor, sent.id),
        ):
            with pytest.raises(NotPermittedError):
                await attempt()

    in_world(url, work)


def test_pressed_twice_it_leaves_once(url):
    """The second submission of the same version is told that it has left."""

    async def work(world):
        await world.hire(*FEW)
        made = await world.draft()
        await world.desk.submit(HANAKO, made.id, made.version, AGREED)
        with pytest.raises(NoticeError):
            await world.desk.submit(HANAKO, made.id, made.version, AGREED)
        assert len(await world.deliver()) == 5

    in_world(url, work)


def test_after_a_restore_nothing_is_sent_again(url):
    """While sending is on hold the clock sends nothing; what fell due before the release is missed."""

    async def work(world):
        await world.hire(*FEW)
        sent = await world.sent(plan=replace(TO_ALL, send_at=WORKING + timedelta(hours=1)))
        async with world.engine.begin() as connection:
            from asaka_bot.store.sending_hold import hold

            await hold(connection, "控え", world.now)
        flow = world.flow()
        world.pass_(hours=2)
        assert await flow.tick() == 0
        await world.hold.release("職員課")
        world.pass_(minutes=1)
        assert await flow.tick() == 0
        assert (await world.desk.find(HANAKO, sent.id)).state is NoticeState.MISSED

    in_world(url, work)


def test_the_office_decides_how_many_are_many(url):
    """With a limit of four, five people need a second person."""

    async def work(world):
        await world.hire(*FEW)
        made = await world.draft()
        assert (await world.desk.submit(HANAKO, made.id, made.version, AGREED)).state is NoticeState.AWAITING

    in_world(url, work, rules=OfficeRules(approval_above=4))


def test_templates_can_be_kept_and_say_what_to_fill_in(url):
    """Each is a draft that can be kept; those with gaps do not leave before these are filled."""

    async def work(world):
        for template in world.desk.templates():
            made = await world.draft(template.content or Content(title="", body=""), template.plan)
            with pytest.raises(NoticeError):
                await world.desk.submit(HANAKO, made.id, made.version, AGREED)

    in_world(url, work)


def test_one_that_cannot_leave_does_not_keep_the_others(url):
    """A notice whose row somebody has spoilt is logged; the next one leaves."""

    async def work(world):
        from sqlalchemy import text

        await world.hire(*FEW)
        at = WORKING + timedelta(hours=1)
        first = await world.sent(plan=replace(TO_ALL, send_at=at))
        second = await world.sent(replace(TEXT, title="次"), replace(TO_ALL, send_at=at + timedelta(minutes=1)))
        async with world.engine.begin() as connection:
            await connection.execute(text("UPDATE notice SET plan = 'x' WHERE id = :id"), {"id": first.id})
        world.pass_(hours=2)
        assert await world.flow().tick() == 1
        assert (await world.desk.find(HANAKO, second.id)).state is NoticeState.SENT

    in_world(url, work)

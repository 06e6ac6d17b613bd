"""What people do with a notice: each press counts once, for the person who pressed."""

import asyncio
from dataclasses import replace
from datetime import date

from asaka_bot.broadcasts.notice import Plan
from asaka_bot.outgoing import Address
from tests.fakes.notice_world import HANAKO, TEXT, in_world
from tests.fakes.staff import person

FEW = [person(number) for number in range(1, 4)]
TRAINING = replace(TEXT, confirm=False, answers=("参加", "不参加"), respond_by=date(2026, 11, 30))


async def delivered(world, content=TEXT, **how):
    """A notice that has arrived with everybody: the notice, and the marker of each recipient's copy."""
    await world.hire(*FEW)
    sent = await world.sent(content, **how)
    return sent, {each.recipient: each.marker for each in await world.deliver()}


def test_a_press_confirms_once(url):
    """Two presses at once and one later are one confirmation; the message loses its button."""

    async def work(world):
        sent, markers = await delivered(world)
        presses = [world.responses.respond("slack", "S1", markers["1"], "confirm") for _ in range(2)]
        said = await asyncio.gather(*presses)
        assert any(each.text.startswith("確認しました（11月24日 10:00）") for each in said)
        assert all(each.message.responses == () for each in said)
        assert "もう受け取っています" in (await world.responses.respond("slack", "S1", markers["1"], "confirm")).text
        assert (await world.desk.find(HANAKO, sent.id)).confirmed == 1

    in_world(url, work)


def test_the_copy_of_a_colleague_counts_for_whoever_pressed(url):
    """A forwarded message confirms for the person who presses, never for the one it was meant for."""

    async def work(world):
        sent, markers = await delivered(world)
        await world.responses.respond("slack", "S2", markers["1"], "confirm")
        confirmed = [each.staff_id for each in await world.desk.standings(HANAKO, sent.id) if each.confirmed_at]
        assert confirmed == ["2"]

    in_world(url, work)


def test_strangers_do_not_count(url):
    """Who is no recipient, whom nobody knows, and a marker that doesn't exist."""

    async def work(world):
        sent, markers = await delivered(world, plan=Plan(audience="職員:1 + 職員:2"))
        said = [
            await world.responses.respond("slack", "S3", markers["1"], "confirm"),
            await world.responses.respond("slack", "S99", markers["1"], "confirm"),
            await world.responses.respond("slack", "S1", "0" * 32, "confirm"),
            await world.responses.respond("slack", "S1", markers["1"], "answer-1"),
        ]
        assert ["入っていません" in said[0].text, "見つけられなかった" in said[1].text] == [True, True]
        assert (await world.desk.find(HANAKO, sent.id)).confirmed == 0

    in_world(url, work)


def test_an_answer_can_be_changed_until_the_deadline(url):
    """The last one counts, answering confirms, and afterwards it stays."""

    async def work(world):
        sent, markers = await delivered(world, TRAINING)
        await world.responses.respond("slack", "S1", markers["1"], "answer-1")
        changed = await world.responses.respond("slack", "S1", markers["1"], "answer-2")
        assert "「不参加」と答えました" in changed.text
        assert [response.label for response in changed.message.responses] == ["参加", "不参加"]
        world.pass_(days=7)
        assert "期限" in (await world.responses.respond("slack", "S1", markers["1"], "answer-1")).text
        progress = await world.desk.progress(HANAKO, sent.id)
        assert (progress.answers, progress.total.confirmed) == ((("参加", 0), ("不参加", 1)), 1)

    in_world(url, work)


def test_below_a_channel_post_everybody_can_confirm(url):
    """Recipients count as such; colleagues who were none are counted apart; each once."""

    async def work(world):
        await world.hire(*FEW)
        plan = Plan(audience="職員:1", posts=(Address(channel="slack", to="C1"),))
        sent = await world.sent(plan=plan)
        markers = {each.recipient: each.marker for each in await world.deliver()}
        for user in ("S1", "S2", "S2"):
            await world.responses.respond("slack", user, markers["slack:C1"], "confirm")
        progress = await world.desk.progress(HANAKO, sent.id)
        assert (progress.total.people, progress.total.confirmed, progress.from_posts) == (1, 1, 1)

    in_world(url, work)


def test_in_the_own_direct_messages_no_email_is_needed(url):
    """Where a platform tells no e-mail, the conversation itself says who presses."""

    async def work(world):
        sent, markers = await delivered(world)
        await world.hire(*[replace(each, email=f"new{each.email}") for each in FEW], channel=None)
        await world.responses.respond("slack", "S1", markers["1"], "confirm")
        assert (await world.desk.find(HANAKO, sent.id)).confirmed == 1

    in_world(url, work)


def test_the_web_inbox_confirms_for_the_person_who_is_signed_in(url):
    """Without Slack and Teams the personal inbox is the address."""

    async def work(world):
        await world.hire(*FEW, channel=None)
        sent = await world.sent()
        markers = {each.recipient: each for each in await world.deliver("web")}
        assert markers["1"].address.to == "staff-1"
        await world.responses.respond("web", "1", markers["1"].marker, "confirm")
        assert (await world.desk.find(HANAKO, sent.id)).confirmed == 1

    in_world(url, work, web=True)


def test_a_reply_reaches_hr(url):
    """With name, office and the notice; somebody marks it as dealt with, once."""

    async def work(world):
        sent, markers = await delivered(world)
        assert "職員課に届けました" in await world.responses.reply("slack", "S1", markers["1"], " 遅れて行きます ")
        (reply,) = await world.desk.replies(HANAKO, handled=False, limit=10)
        assert (reply.notice, reply.name, reply.office, reply.text) == (
            sent.id,
            "例 1",
            "総務部/職員課",
            "遅れて行きます",
        )
        assert await world.desk.handle_reply(HANAKO, reply.id)
        assert not await world.desk.handle_reply(HANAKO, reply.id)
        assert await world.desk.replies(HANAKO, handled=False, limit=10) == []
        assert (await world.desk.replies(HANAKO, handled=True, limit=10))[0].handled_by == HANAKO.person

    in_world(url, work)


def test_replies_that_are_not_taken(url):
    """Nothing, too much, or a notice that takes none."""

    async def work(world):
        _sent, markers = await delivered(world, replace(TEXT, replies=False))
        assert "返信できません" in await world.responses.reply("slack", "S1", markers["1"], "はい")
        assert "2000文字" in await world.responses.reply("slack", "S1", markers["1"], "あ" * 2001)
        assert await world.desk.replies(HANAKO, handled=False, limit=10) == []

    in_world(url, work)


def test_a_place_leads_back_to_its_notice(url):
    """Where a notice stands, its marker is found; elsewhere none."""

    async def work(world):
        _sent, markers = await delivered(world)
        ref = f"ref-{markers['1'][:8]}"
        assert await world.responses.marker_at("slack", "D-S1", ref) == markers["1"]
        assert await world.responses.marker_at("slack", "D-S2", ref) is None

    in_world(url, work)


def test_my_notices(url):
    """The newest first, each with whether it still wants a response; recalled ones are gone."""

    async def work(world):
        _first, markers = await delivered(world)
        await world.responses.respond("slack", "S1", markers["1"], "confirm")
        world.pass_(minutes=1)
        await world.sent(replace(TEXT, title="二つ目"))
        await world.deliver()
        third = await world.sent(replace(TEXT, title="三つ目"))
        await world.deliver()
        await world.desk.recall(HANAKO, third.id, "")
        mine = await world.responses.mine("slack", "S1")
        assert [(each.title, each.wants_response) for each in mine] == [("二つ目", True), ("研修のお知らせ", False)]
        assert await world.responses.mine("slack", "S99") == ()

    in_world(url, work)


def test_from_the_list_a_question_leads_to_its_answers(url):
    """A notice that asks for an answer isn't confirmed by the one button of the list; it says where to answer."""

    async def work(world):
        sent, markers = await delivered(world, TRAINING)
        said = await world.responses.respond("slack", "S1", markers["1"], "confirm")
        assert "回答のボタン" in said.text
        assert (await world.desk.find(HANAKO, sent.id)).confirmed == 0

    in_world(url, work)

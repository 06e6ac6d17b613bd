"""Follow-ups: what a short turn means after what was said, and when that is forgotten."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asaka_bot.answering import conversation
from asaka_bot.answering.conversation import Context
from asaka_bot.knowledge.model import Facet, Role
from asaka_bot.messages import Decision


def talk(engine, now, *turns, role=None):
    """The replies to the turns of one conversation, a minute apart."""
    context, replies = None, []
    for minute, turn in enumerate(turns):
        reply, context = engine.reply(turn, now=now + timedelta(minutes=minute), role=role, context=context)
        replies.append(reply)
    return replies


def test_short_turn_asks_a_side_of_the_topic(engine, now):
    """「給料は？」 after 介護休暇 is about the pay during 介護休暇."""
    *_, reply = talk(engine, now, "介護休暇は何日ですか", "給料は？")
    assert (reply.topic, reply.facet) == ("care-leave", Facet.PAY.value)


def test_a_side_with_a_topic_of_its_own_leads_there(engine, now):
    """「給料は？」 after 育児休業 leads to the topic on money during the leave."""
    *_, reply = talk(engine, now, "育休はいつまで取れますか", "給料は？")
    assert reply.topic == "childcare-leave-pay"


@pytest.mark.parametrize("turn", ["それって有給？", "有給ですか？", "有給扱いになりますか?", "その間は無給ですか"])
def test_whether_it_is_paid_is_no_question_about_the_annual_leave(engine, now, turn):
    """年次休暇 is called 有給 as well."""
    *_, reply = talk(engine, now, "配偶者の出産休暇は何日ですか", turn)
    assert (reply.topic, reply.facet) == ("spouse-childbirth-leave", Facet.PAY.value)


@pytest.mark.parametrize("turn", ["有給は何日？", "じゃあ有給は？", "有給休暇の方は？"])
def test_the_annual_leave_can_follow_another_leave(engine, now, turn):
    """Where 有給 is what the turn is about."""
    *_, reply = talk(engine, now, "配偶者の出産休暇は何日ですか", turn)
    assert reply.topic == "annual-leave"


def test_sides_can_be_asked_one_after_another(engine, now):
    """Several short turns stay with the topic."""
    replies = talk(engine, now, "リフレッシュ休暇について教えて", "何日？", "申請は？", "会計年度でも？", "根拠は？")
    assert {reply.topic for reply in replies} == {"refresh-leave"}
    assert [r.facet for r in replies[1:]] == ["duration", "procedure", "eligibility", "basis"]


def test_the_other_one_leaves_the_topic(engine, now):
    """「いや、付き添いの短期の方」 after 介護休暇 means the short care leave, still on the same side."""
    *_, reply = talk(engine, now, "介護休暇は何日ですか", "いや、付き添いの短期の方")
    assert (reply.topic, reply.facet) == ("short-care-leave", Facet.DURATION.value)


def test_change_of_subject_forgets_the_topic(engine, now):
    """「話変わるけど」 starts afresh: what follows is ranked by itself."""
    *_, reply = talk(engine, now, "介護休暇は何日ですか", "話変わるけど、テレワークの申請方法は？")
    assert (reply.topic, reply.facet) == ("telework", Facet.PROCEDURE.value)


def test_outside_matter_after_a_topic_is_declined(engine, now):
    """A change to what the bot doesn't know isn't answered with the last topic."""
    *_, reply = talk(engine, now, "育休は何歳まで？", "ところで、ふるさと納税のやり方を教えて")
    assert reply.decision is Decision.DECLINE


def test_a_question_of_its_own_needs_no_link(engine, now):
    """A full question about another matter is answered as such."""
    *_, reply = talk(engine, now, "介護休暇は何日ですか", "ノー残業デーは何曜日ですか")
    assert reply.topic == "no-overtime-day"


def test_role_is_remembered(engine, now):
    """Who said once that they are 会計年度任用職員 needn't say so again."""
    context = None
    _, context = engine.reply("会計年度任用職員です。年休はありますか", now=now, context=context)
    assert context.role is Role.FIXED_TERM
    _, context = engine.reply("何日？", now=now, context=context)
    assert context.role is Role.FIXED_TERM


@pytest.mark.parametrize(
    ("minutes", "remembered"), [(0, True), (9, True), (9.99, True), (10, False), (600, False), (-1, False)]
)
def test_context_expires_after_ten_minutes(engine, now, minutes, remembered):
    """What was said counts for ten minutes; a clock that went back doesn't prolong it."""
    _, context = engine.reply("介護休暇は何日ですか", now=now)
    reply, _ = engine.reply("給料は？", now=now + timedelta(minutes=minutes), context=context)
    assert (reply.topic == "care-leave") is remembered


def test_expired_role_is_forgotten(engine, now):
    """The role goes with the conversation: the next person at the terminal may be somebody else."""
    _, context = engine.reply("会計年度任用職員です。年休はありますか", now=now)
    _, later = engine.reply("年休は何日", now=now + timedelta(hours=1), context=context)
    assert later.role is None


def test_unknown_topic_in_the_context_is_ignored(engine, now):
    """A context from before a change of the knowledge base doesn't break the answer."""
    old = Context(topic="no-longer-there", facet=Facet.PAY, at=now)
    reply, _ = engine.reply("介護休暇は何日ですか", now=now, context=old)
    assert reply.topic == "care-leave"


def test_empty_turn_keeps_the_conversation(engine, now):
    """Pressing Enter by mistake loses nothing."""
    _, context = engine.reply("介護休暇は何日ですか", now=now)
    reply, kept = engine.reply("   ", now=now, context=context)
    assert reply.decision is Decision.DECLINE
    assert kept.topic == "care-leave"


def test_declined_turn_keeps_the_topic(engine, now):
    """After a turn that found nothing, 「給料は？」 is still about the last topic."""
    replies = talk(engine, now, "介護休暇は何日ですか", "話変わるけど、ふるさと納税は？", "さっきの休暇の給料は？")
    assert replies[1].decision is Decision.DECLINE
    assert replies[2].topic == "care-leave"


@pytest.mark.parametrize("turn", ["話変わるけど年休は", "話は変わりますが", "ところで育休", "別件ですが", "全然別の話"])
def test_announced_changes_are_recognised(turn):
    """The usual ways of changing the subject."""
    assert conversation.changes_subject(turn)


@pytest.mark.parametrize("turn", ["その話をもっと", "給料は?", "育休の話", "変わりますか", "所得は変わる?"])
def test_other_turns_change_nothing(turn):
    """The words 話 and 変わる alone announce nothing."""
    assert not conversation.changes_subject(turn)


@pytest.mark.parametrize(
    ("turn", "subject"),
    [
        ("話変わるけど、テレワークは", "テレワークは"),
        ("ところで年休は", "年休は"),
        ("ところで", "ところで"),
        ("年休は", "年休は"),
    ],
)
def test_subject_is_what_follows_the_announcement(turn, subject):
    """The announcement itself isn't ranked, unless nothing else is there."""
    assert conversation.subject_of(turn) == subject


@pytest.mark.parametrize(
    "turn", ["給料は?", "何日?", "会計年度でも?", "いつまでに出せばいい?", "根拠は", "誰に聞けばいいですか"]
)
def test_turns_that_only_ask_a_side(turn):
    """Turns that name no matter of their own."""
    assert conversation.only_asks_a_side(turn)


@pytest.mark.parametrize("turn", ["テレワークの申請は?", "ハラスメントの相談先は", "駐車場はどこ", "昇任試験の期限は"])
def test_turns_with_a_matter_of_their_own(turn):
    """Turns that name a matter are more than a side of the last one."""
    assert not conversation.only_asks_a_side(turn)


@given(st.timedeltas(timedelta(days=-2), timedelta(days=2)))
def test_alive_for_exactly_ten_minutes(now, passed):
    """A context counts from its moment until just before ten minutes later, never before it."""
    assert Context(at=now).alive(now + passed) is (timedelta(0) <= passed < timedelta(minutes=10))


@pytest.mark.parametrize(
    ("turn", "same_topic", "kept"),
    [
        ("じゃあテレワークだと?", False, True),
        ("看護の方は", False, True),
        ("送迎の間に少し休みたい", False, False),
        ("双子だったら", True, True),
        ("双子だったら、それと里帰りもするつもりだったら", True, False),
    ],
)
def test_a_side_is_kept_for_the_same_topic_or_a_mere_name(turn, same_topic, kept):
    """A new topic that is only named is asked the same thing; a turn that says more starts anew."""
    assert conversation.keeps_the_side(turn, same_topic=same_topic) is kept

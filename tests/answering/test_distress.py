"""Signs of danger come first, a third person's too; what only sounds alarming is answered as usual."""

import pytest

from asaka_bot.answering import distress
from asaka_bot.messages import Decision

CRIES = [
    ("毎晩、死ぬことばかり考えています", "self-harm"),
    ("いっそ消えてしまえたら楽なのに", "self-harm"),
    ("屋上から飛び降りようと思って柵の前まで行きました", "self-harm"),
    ("もう生きていく自信がありません", "self-harm"),
    ("薬をたくさん飲んでしまいました", "self-harm"),
    ("自分の腕を切るのがやめられない", "self-harm"),
    ("職場の同僚に胸ぐらをつかまれて殴られました", "violence"),
    ("係長に蹴られてあざができた", "violence"),
    ("飲み会の帰りに上司に無理やりホテルに連れていかれそうになった", "sexual-assault"),
    ("先輩職員に体を触られて怖くて出勤できない", "sexual-assault"),
    ("夫に毎日殴られていて家に帰るのが怖い", "domestic-violence"),
    ("妻から物を投げつけられ、けがをしています", "domestic-violence"),
    ("子どもに手を上げてしまい、止められません", "child-harm"),
    ("泣きやまない赤ちゃんを揺さぶってしまいそうで怖い", "child-harm"),
    ("認知症の母をたたいてしまいました", "elder-harm"),
    ("介護に疲れて親の首を絞めそうになった", "elder-harm"),
    ("元交際相手に帰り道で待ち伏せされています", "stalking"),
    ("涙が止まらず、朝ベッドから起き上がれなくて仕事に行けません", "breakdown"),
]
THIRD_PERSONS = [
    "部下が「死にたい」と漏らしています",
    "同僚の腕にたくさんの切り傷があります",
    "隣の席の人が消えたいと言っていて心配です",
    "後輩がご主人に殴られているようです",
]
LOOK_ALIKES = [
    "死ぬほど忙しいので時差勤務を使いたい",
    "死亡した職員の年休の扱いは",
    "祖父が亡くなったので忌引を取りたい",
    "首になったら退職金はもらえますか",
    "眠くて死にそう、インターバルの制度はある?",
    "仕事を殺す気で減らす、残業の目標は",
    "システムが落ちて死んでます、誰に連絡しますか",
    "予算が切られて困っています",
    "パソコンの画面が消えたいつもの不具合",
    "虐待防止の研修はいつですか",
    "自殺対策計画の担当課はどこですか",
    "暴力団排除の届出はどこですか",
    "介護で疲れたのでリフレッシュ休暇を取りたい",
    "育休はいつまで取れますか",
    "パワハラの定義を教えてください",
    "辞めたい職員が多い部署の残業は何時間",
]


@pytest.mark.parametrize(("cry", "kind"), CRIES)
def test_cries_are_found(engine, now, knowledge, cry, kind):
    """A clear sign of danger gets the urgent contacts, the emergency numbers before all others."""
    reply, _ = engine.reply(cry, now=now)
    assert reply.decision is Decision.URGENT
    wanted = next(k for k in knowledge.urgent.kinds if k.id == kind)
    assert reply.urgent[0].title == knowledge.urgent.contacts[wanted.contacts[0]].title
    assert reply.sensitive


def test_the_kind_of_danger_is_told_apart(engine, now, knowledge):
    """At least four of five cries get the opening written for their kind."""
    openings = {k.id: {k.opening, k.opening_third_person} for k in knowledge.urgent.kinds}
    right = sum(engine.reply(cry, now=now)[0].lead in openings[kind] for cry, kind in CRIES)
    assert right >= 0.8 * len(CRIES)


@pytest.mark.parametrize("cry", THIRD_PERSONS)
def test_third_persons_get_words_for_the_helper(engine, now, knowledge, cry):
    """Who worries about somebody else is told how to speak to them, with the same numbers."""
    reply, _ = engine.reply(cry, now=now)
    assert reply.decision is Decision.URGENT
    assert reply.lead in {kind.opening_third_person for kind in knowledge.urgent.kinds}
    assert reply.urgent


@pytest.mark.parametrize("question", LOOK_ALIKES)
def test_look_alikes_are_not_alarms(engine, now, question):
    """An everyday question with an alarming word is no emergency."""
    assert engine.reply(question, now=now)[0].decision is not Decision.URGENT


@pytest.mark.parametrize(
    "wrapping",
    ["育休は何日ですか。年休も知りたいです。{}。手続も教えてください。", "{}", "　{}……\n", "すみません、{}。"],
)
def test_a_cry_inside_other_text_is_found(engine, now, wrapping):
    """A cry among questions isn't missed."""
    assert engine.reply(wrapping.format("もう死にたいです"), now=now)[0].decision is Decision.URGENT


@pytest.mark.parametrize(
    "typed", ["シニタイ", "しにたい", "死 に た い", "ﾓｳ死にたい", "死にたい😢", "タヒにたい、もう死にたい"]
)
def test_spelling_does_not_hide_a_cry(engine, now, typed):
    """Kana, gaps and emoji make no difference."""
    assert engine.reply(typed, now=now)[0].decision is Decision.URGENT


def test_a_cry_after_a_topic_is_found(engine, now):
    """What was talked about before doesn't turn a cry into a follow-up."""
    _, context = engine.reply("介護休暇は何日ですか", now=now)
    assert engine.reply("もう消えてしまいたい", now=now, context=context)[0].decision is Decision.URGENT


def test_after_a_cry_nothing_is_carried_on(engine, now):
    """The context after an emergency names no topic."""
    _, context = engine.reply("介護休暇は何日ですか", now=now)
    _, after = engine.reply("死にたい", now=now, context=context)
    assert after.topic is None


@pytest.mark.parametrize(
    ("question", "other"),
    [
        ("部下が死にたいと言っています", True),
        ("私が死にたい", False),
        ("同僚に殴られました", False),
        ("死にたい", False),
    ],
)
def test_about_somebody_else(question, other):
    """In doubt the words are for the person who writes."""
    assert distress.about_somebody_else(question) is other


@pytest.mark.parametrize("sign", ["=1+1 ", "<<<>>> ", "*** ", "[[]] "])
def test_signs_around_a_cry_do_not_hide_it(engine, now, sign):
    """Markup in front of what a person says changes nothing."""
    reply, _ = engine.reply(f"{sign}同僚の佐藤が消えたいと言っています", now=now)
    assert reply.decision is Decision.URGENT

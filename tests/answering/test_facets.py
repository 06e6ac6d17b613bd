"""Which side of a topic is asked about, and who asks."""

import pytest

from asaka_bot.answering import examples, facets
from asaka_bot.knowledge.model import Facet, Role


def test_every_facet_has_its_names():
    """Each side has a heading and a button."""
    assert set(facets.TITLES) == set(facets.BUTTONS) == set(Facet)


@pytest.mark.parametrize(
    ("question", "facet"),
    [
        ("根拠となる法律は?", Facet.BASIS),
        ("労基法の何条ですか", Facet.BASIS),
        ("申請書はどこに出すの", Facet.PROCEDURE),
        ("手続を教えて", Facet.PROCEDURE),
        ("診断書は要りますか", Facet.PROCEDURE),
        ("どこに相談すればいいですか", Facet.CONTACT),
        ("担当課の内線は", Facet.CONTACT),
        ("所属長は何をすべきですか", Facet.MANAGER),
        ("部下から相談を受けました", Facet.MANAGER),
        ("何日取れますか", Facet.DURATION),
        ("いつまで延長できますか", Facet.DURATION),
        ("給料は出ますか", Facet.PAY),
        ("無給ですか", Facet.PAY),
        ("ボーナスは減りますか", Facet.PAY),
        ("目標は何%ですか", Facet.STATUS),
        ("今の実績は?", Facet.STATUS),
        ("会計年度任用職員も対象ですか", Facet.ELIGIBILITY),
        ("条件はありますか", Facet.ELIGIBILITY),
        ("どんな制度ですか", Facet.OVERVIEW),
        ("育児時間って何", Facet.OVERVIEW),
    ],
)
def test_wording_points_to_a_facet(question, facet):
    """A plain question about one side is recognised by its wording alone."""
    assert facet in facets.cue_scores(question)


@pytest.mark.parametrize("question", ["年次有給休暇", "育児休業", "有給休暇", "こんにちは", ""])
def test_names_point_to_no_facet(question):
    """The name of a leave asks no side: 有給休暇 is no question about pay."""
    assert facets.cue_scores(question) == {}


def test_wording_decides_between_learned_scores():
    """The wording tips the balance between two sides that were learned as about equal."""
    learned = {Facet.PAY: 0.3, Facet.DURATION: 0.32}
    assert facets.recognise("給料は", learned) is Facet.PAY
    assert facets.recognise("どうなの", learned) is Facet.DURATION


def test_a_strong_lesson_beats_the_wording():
    """A word that hints at one side doesn't overrule clear examples of another."""
    assert facets.recognise("期間中の給料は", {Facet.PAY: 0.9}) is Facet.PAY


@pytest.mark.parametrize("learned", [{}, {Facet.PAY: 0.1}])
def test_nothing_clear_is_no_facet(learned):
    """Without a hint no side is claimed."""
    assert facets.recognise("ええと", learned) is None


@pytest.mark.parametrize(
    ("question", "role"),
    [
        ("会計年度任用職員です。育休は取れますか", Role.FIXED_TERM),
        ("パートでも年休はありますか", Role.FIXED_TERM),
        ("課長ですが、部下が妊娠しました", Role.MANAGER),
        ("係員から介護の相談を受けた", Role.MANAGER),
        ("小学校の先生は対象ですか", Role.PREFECTURAL),
        ("清掃員も使えますか", Role.FIELD),
        ("育休はいつまでですか", None),
        ("課長に言いにくいです", None),
        ("所属長はどこに申請しますか", None),
    ],
)
def test_role_of_the_person_asking(question, role):
    """Who asks is taken from what they say of themselves, not from whom they mention."""
    assert facets.recognise_role(question) is role


@pytest.mark.parametrize(
    ("story", "topic", "facet"),
    [
        (
            "部署に新しい人が入り、在宅で働く日を作りたいと話していました。通勤に二時間かかるそうです。"
            "給料や手当の話ではありません。テレワークのことです。会計年度任用職員でもできますか。",
            "telework",
            Facet.ELIGIBILITY,
        ),
        (
            "介護のために何か月か休む話を、係長と課長に相談しました。職員課にも相談しました。"
            "みなさん親切で、休むことには賛成してくれました。介護休暇は何か月取れますか。",
            "care-leave",
            Facet.DURATION,
        ),
    ],
)
def test_a_story_asks_what_its_end_asks(engine, now, story, topic, facet):
    """What a long text speaks of before its last sentence doesn't decide the side."""
    reply, _ = engine.reply(story, now=now)
    assert (reply.topic, reply.facet) == (topic, facet.value)


@pytest.mark.parametrize(
    ("name", "topic", "facet"),
    [
        ("年次休暇", "annual-leave", Facet.OVERVIEW),
        ("母健連絡カード", "pregnancy-checkup-commute", Facet.OVERVIEW),
        ("公平委員会", "harassment-external-desk", Facet.CONTACT),
        ("職員意識調査", "staff-survey", Facet.STATUS),
        ("残業時間の上限", "overtime-limits", Facet.DURATION),
    ],
)
def test_a_name_alone_gets_what_the_topic_leads_with(engine, now, name, topic, facet):
    """A name asks no side, unless its own wording does."""
    reply, _ = engine.reply(name, now=now)
    assert (reply.topic, reply.facet) == (topic, facet.value)


def test_a_button_without_a_side_shows_what_the_topic_leads_with(engine, knowledge, now):
    """Choosing a topic shows the same side as asking for it by name."""
    for topic in knowledge.topics.values():
        assert engine.show(topic.id, None, now=now)[0].facet == topic.leads.value


def test_phrases_teach_sides_and_names_none(knowledge):
    """A phrase that asks no side teaches what its topic leads with; a name is in questions about every side."""
    desk = knowledge.topics["hr-consultation-desk"]
    taught = {example.text: example.facet for example in examples.examples(knowledge) if example.label == desk.id}
    assert desk.leads is Facet.CONTACT
    assert taught[desk.title] is None
    assert {taught[phrase.text] for phrase in desk.phrases if phrase.facet is None} == {Facet.CONTACT}
    assert all(taught[phrase.text] is phrase.facet for phrase in desk.phrases if phrase.facet is not None)

"""The shipped knowledge base: complete, sourced, and free of what must not be said."""

import re
from datetime import date

import pytest

from asaka_bot.knowledge import checking
from asaka_bot.knowledge.files import SHIPPED
from asaka_bot.knowledge.model import Certainty, Facet, KnowledgeBase, Statement

PLAN = "jinji-plan"  # 第5期朝霞市特定事業主行動計画
CIRCLED = "①②③④⑤⑥⑦⑧⑨"
MEASURES = {  # every 取組 of chapter 5
    "第5-1-(1)-": "a①②③④ b①②③④ c①②③",
    "第5-1-(2)-": "a①②③④ b①②",
    "第5-1-(3)-": "①②③",
    "第5-1-(4)-": "a①",
    "第5-2-(1)-": "①②③④",
    "第5-2-(2)-": "a①② b①②③④ c①② d①②③",
    "第5-2-(3)-": "a①② b①",
    "第5-2-(4)-": "a①② b①②",
    "第5-3-": "a①②③④ b①②",
    "第5-4-": "a①②③ b①②③ c①② d①",
}
LOCATORS = sorted(
    head + group.rstrip(CIRCLED) + number
    for head, groups in MEASURES.items()
    for group in groups.split()
    for number in group
    if number in CIRCLED
)

# What the facts forbid to say (their chapter 6), each with the reason.
FORBIDDEN = {
    "the city's days are unknown": r"朝霞市の配偶者(?:の)?出産休暇は[、]?2日",
    "労基法39条7項 does not bind ordinary city staff": r"年5日.{0,12}(?:取らない|取得しない)と.{0,10}(?:違法|法律違反|罰)",
    "regular staff have three years": r"^育児?休業?は1歳まで(?:です|取れ)|(?:常勤|正規).{0,10}育児休業.{0,6}1歳まで",
    "one extension is possible": r"延長(?:は)?できません",
    "public servants cannot work during leave": r"会社に申し出|休業中に(?:少し|一部)?(?:働け|就業でき)ます",
    "介護休暇 has its own length": r"介護休業を?93日|介護休暇[はを](?:通算)?93日",
    "most staff are outside their reach": r"(?:労働基準監督署|労働局)(?:が|で).{0,12}解決",
    "the third-party desk is not open yet": r"第三者(?:による)?.{0,8}窓口に(?:相談|連絡|電話)してください",
    "the interval is being considered only": r"インターバルが使えます",
    "the law frees from all overtime": r"妊娠中.{0,12}(?:残業|時間外).{0,6}24時間まで(?:免除|です)",
    "a duty of private employers only": r"5つ(?:から|のうち)2つ(?:を|以上を?)?選べ",
    "an average of the organisation, no limit": r"6\.9時間を超え(?:たら|ると).{0,8}(?:禁止|できません)",
    "the deadline is 令和12年度": r"目標.{0,8}今年度中",
}


def statements(knowledge: KnowledgeBase) -> list[tuple[str, Statement]]:
    return [
        (f"{topic.id}/{facet.value}", statement)
        for topic in knowledge.topics.values()
        for facet, found in topic.facets.items()
        for statement in found
    ]


def cited(knowledge: KnowledgeBase) -> set[str]:
    """The places of the plan that statements cite; 第5-1-(1)-a①② counts as both."""
    places = set()
    for _, statement in statements(knowledge):
        for citation in statement.citations:
            if citation.source.id == PLAN:
                head = citation.locator.rstrip(CIRCLED)
                places |= {head + number for number in citation.locator[len(head) :]}
    return places


def test_check_finds_nothing():
    """The shipped files pass their own check."""
    assert checking.check(SHIPPED, date(2026, 11, 22)).problems == ()


def test_there_are_enough_topics(knowledge):
    """At least 61 topics."""
    assert len(knowledge.topics) >= 61


def test_every_topic_has_twenty_phrases(knowledge):
    """The ranker learns from phrases; fewer than 20 would leave a topic unheard."""
    assert {topic.id: len(topic.phrases) for topic in knowledge.topics.values() if len(topic.phrases) < 20} == {}


def test_every_statement_has_a_source(knowledge):
    """Nothing is said without a place where it is written."""
    assert [where for where, statement in statements(knowledge) if not statement.citations] == []


def test_plan_and_national_citations_name_the_place(knowledge):
    """A citation of the plan says where in it."""
    bare = {where for where, s in statements(knowledge) for c in s.citations if c.source.id == PLAN and not c.locator}
    assert bare == set()


def test_nearly_every_topic_has_all_facets(knowledge):
    """At least 97 of 100 sides of topics say something."""
    missing = [(topic.id, f.value) for topic in knowledge.topics.values() for f in Facet if not topic.facets.get(f)]
    assert len(missing) <= 0.03 * len(Facet) * len(knowledge.topics), missing


def test_the_list_of_measures_is_complete():
    """The plan has 58 measures."""
    assert len(set(LOCATORS)) == 58


@pytest.mark.parametrize("locator", LOCATORS)
def test_every_measure_of_the_plan_is_told(knowledge, locator):
    """Each 取組 of chapter 5 is cited by a statement."""
    assert locator in cited(knowledge)


@pytest.mark.parametrize(
    ("figure", "subject"),
    [
        ("6.9時間", "時間外"),
        ("8.6時間", "時間外"),
        ("16.1日", "年次休暇|年休|取得"),
        ("13.4日", "年次休暇|年休|平成30年"),
        ("85%", "育児休業|育休|男性"),
        ("81.8%", "育児休業|育休|男性|令和6年度"),
        ("100%", "出産休暇|男性"),
        ("80%", "育児参加|男性"),
        ("25%", "女性|係長"),
        ("21.2%", "女性|係長"),
        ("15%", "女性|課長"),
        ("12.3%", "女性|課長"),
    ],
)
def test_every_target_and_figure_of_the_plan_is_told(knowledge, figure, subject):
    """The targets of chapter 6, and where the city stands, are stated as the plan's together with what they measure."""
    pattern = re.compile(rf"(?<![\d.]){re.escape(figure)}")
    texts = [
        s.text.replace("％", "%").replace("パーセント", "%")
        for _, s in statements(knowledge)
        if s.certainty is Certainty.PLAN
    ]
    assert any(pattern.search(text) and re.search(subject, text) for text in texts)


@pytest.mark.parametrize("reason", FORBIDDEN)
def test_forbidden_wording_does_not_appear(knowledge, reason):
    """What the facts forbid to say is said nowhere."""
    pattern = re.compile(FORBIDDEN[reason])
    assert [(where, s.text) for where, s in statements(knowledge) if pattern.search(s.text)] == []


def test_forbidden_patterns_recognise_their_example():
    """The patterns find the very sentences that the facts give as bad examples."""
    bad = [
        "朝霞市の配偶者出産休暇は2日です",
        "年5日取らないと法律違反です",
        "育休は1歳までです",
        "育休は延長できません",
        "産後パパ育休を会社に申し出て、休業中に少し働けます",
        "介護休業を93日取れます",
        "労働基準監督署・労働局が解決します",
        "第三者窓口に相談してください",
        "勤務間インターバルが使えます",
        "妊娠中の残業は月24時間まで免除",
        "柔軟な働き方の5つから2つ選べます",
        "平均6.9時間を超えたら残業禁止",
        "目標は今年度中",
    ]
    missed = [text for text in bad if not any(re.search(pattern, text) for pattern in FORBIDDEN.values())]
    assert missed == []


def test_law_and_national_rules_are_not_cited_as_the_plan(knowledge):
    """A statement tagged as the plan's cites one of the city's documents."""
    city_documents = {PLAN, "shogai-plan", "dx-policy", "dx-plan", "asaka-web", "asaka-koho", "asaka-koho-bushitsu"}
    strange = [
        where
        for where, s in statements(knowledge)
        if s.certainty is Certainty.PLAN and not {c.source.id for c in s.citations} & city_documents
    ]
    assert strange == []


def test_city_rules_are_left_to_the_city(knowledge):
    """Every value that only the city decides is asked for by a statement, so that filling it in shows."""
    used = {s.city_value.id for _, s in statements(knowledge) if s.city_value}
    assert set(knowledge.city_values) - used == set()


def test_every_kind_of_danger_has_a_number_around_the_clock(knowledge):
    """Whatever the danger, the first number can be called now."""
    for kind in knowledge.urgent.kinds:
        first = knowledge.urgent.contacts[kind.contacts[0]]
        assert first.number
        assert "24時間" in first.hours


@pytest.mark.parametrize(
    "number",
    [
        "119",
        "110",
        "0120-279-338",
        "048-645-4343",
        "0120-061-338",
        "0120-783-556",
        "0570-064-556",
        "048-723-1447",
        "0120-279-889",
        "#8008",
        "189",
        "#9110",
    ],
)
def test_urgent_numbers_are_those_that_were_verified(knowledge, number):
    """A digit lost in a telephone number could cost a life: each stands here once more."""
    numbers = {part for c in knowledge.urgent.contacts.values() if c.verified for part in c.number.split("／")}
    assert number in numbers


def test_links_are_web_addresses(knowledge):
    """Sources link to http(s) only."""
    urls = {c.source.url for _, s in statements(knowledge) for c in s.citations if c.source.url}
    assert [url for url in urls if not re.fullmatch(r"https?://[\x21-\x7e]+", url)] == []

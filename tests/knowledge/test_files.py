"""The reader of knowledge/*.yaml: a minimal file is enough, and every problem says where it is and what to do."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import pytest

from asaka_bot.errors import KnowledgeError
from asaka_bot.knowledge import files
from asaka_bot.knowledge.model import Certainty, Facet, KnowledgeBase, Role

Make = Callable[[Mapping[str, str]], Path]

SOURCES = "sources:\n  - {id: law1, label: 試験法, pages: {第1: 3, 第1-2: 5}}\n"
TOPICS = """\
category: {id: shelf, title: 棚}
certainty: law
sources: [law1 1条]
topics:
  - {id: one, title: 一つめ, text: 一つめの説明です。}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Make:
    """Writes a knowledge folder: small valid files, replaced or joined by those given."""

    def make(given: Mapping[str, str]) -> Path:
        place = tmp_path / "knowledge"
        place.mkdir()
        for name, text in ({"sources.yaml": SOURCES, "topics.yaml": TOPICS} | dict(given)).items():
            (place / name).write_text(text, encoding="utf-8")
        return place

    return make


def problems_of(place: Path) -> tuple[str, ...]:
    with pytest.raises(KnowledgeError) as caught:
        files.load(place)
    return caught.value.problems


def topics(entry: str) -> dict[str, str]:
    """The topics file with one more entry, on line 6."""
    return {"topics.yaml": TOPICS + entry + "\n"}


def test_minimal_entry_is_valid(folder):
    """An id, a title and a text make a topic; certainty and source come from the head of the file."""
    knowledge = files.load(folder({}))
    topic = knowledge.topics["one"]
    (statement,) = topic.facets[Facet.OVERVIEW]
    assert (topic.title, topic.choice, topic.category) == ("一つめ", "一つめ", "shelf")
    assert statement.text == "一つめの説明です。"
    assert statement.certainty is Certainty.LAW
    assert [(c.source.id, c.locator) for c in statement.citations] == [("law1", "1条")]


def test_source_may_stand_in_the_topics_file(folder):
    """A single file can bring its own source."""
    own = "category: {id: s, title: 棚}\ncertainty: plan\nsources: [{id: mine, label: 自前の資料}]\ntopics:\n"
    place = folder({"topics.yaml": own + "  - {id: one, title: 一, text: 説明。}\n"})
    (statement,) = files.load(place).topics["one"].facets[Facet.OVERVIEW]
    assert statement.citations[0].source.label == "自前の資料"


def test_statement_overrides_certainty_source_and_role(folder):
    """What a statement says of itself counts before what the file says."""
    entry = "  - {id: two, title: 二, facets: {pay: [{text: 有給。, certainty: national, sources: law1 2条, roles: fixed-term}]}}"
    (statement,) = files.load(folder(topics(entry))).topics["two"].facets[Facet.PAY]
    assert statement.certainty is Certainty.NATIONAL
    assert statement.roles == {Role.FIXED_TERM}
    assert [c.locator for c in statement.citations] == ["2条"]


def test_page_of_a_locator_is_the_longest_match(folder):
    """第1-2-① stands on the page given for 第1-2, not on that of 第1."""
    place = folder(topics("  - {id: two, title: 二, text: 説明。, sources: law1 第1-2-①}"))
    (statement,) = files.load(place).topics["two"].facets[Facet.OVERVIEW]
    assert statement.citations[0].page == 5


@pytest.mark.parametrize(
    ("given", "place", "instruction"),
    [
        (topics("  - {id: two, title: 二}"), "topics.yaml:6", "書いてください"),
        (topics("  - {id: two, text: 説明。}"), "topics.yaml:6", "「title」がありません。書き足して"),
        (topics("  - {id: two, title: '', text: 説明。}"), "topics.yaml:6", "「title」が空です"),
        (topics("  - {id: 二つ, title: 二, text: 説明。}"), "topics.yaml:6", "半角の英数字"),
        (topics("  - {id: one, title: 二, text: 説明。}"), "topics.yaml:6", "重なっています。別の名前に"),
        (topics("  - {id: two, title: 二, text: 説明。, colour: red}"), "topics.yaml:6", "つづりを確かめて"),
        (topics("  - {id: two, title: 二, text: 説明。, certainty: sure}"), "topics.yaml:6", "どれかに"),
        (
            topics("  - {id: two, title: 二, text: 説明。, sources: gone 1条}"),
            "topics.yaml:6",
            "出典「gone」.*書き足して",
        ),
        (topics("  - {id: two, title: 二, text: 説明。, related: [gone]}"), "topics.yaml:6", "gone"),
        (topics("  - {id: two, title: 二, text: 説明。, elsewhere: {pay: gone}}"), "topics.yaml:6", "gone"),
        (
            topics("  - {id: two, title: 二, text: 説明。, leads: pay}"),
            "topics.yaml:6",
            "facets に pay の文がありません",
        ),
        (
            topics("  - {id: two, title: 二, text: 説明。, confused_with: [{topic: gone, note: 違います。}]}"),
            "topics.yaml:6",
            "gone",
        ),
        (topics("  - {id: two, title: 二, text: 説明。, desk: gone}"), "topics.yaml:6", "窓口「gone」.*確かめて"),
        (
            topics("  - {id: two, title: 二, text: 説明。, phrases: {money: [いくら]}}"),
            "topics.yaml:6",
            "「money」.*どれかです",
        ),
        (topics("  - {id: two, title: 二, facets: {money: [{text: 有給。}]}}"), "topics.yaml:6", "「money」"),
        (
            topics("  - {id: two, title: 二, facets: {pay: [{text: 有給。, city: gone, filled: '{value}'}]}}"),
            "topics.yaml:6",
            "gone",
        ),
        (topics("  - id: two\n    title: 二\n    text: 説明。\n    choise: あ"), "topics.yaml:9", "choise"),
        ({"topics.yaml": TOPICS.replace("certainty: law\n", "")}, "topics.yaml:4", "確度（certainty）がありません"),
        ({"topics.yaml": TOPICS.replace("sources: [law1 1条]\n", "")}, "topics.yaml:4", "出典（sources）がありません"),
        ({"sources.yaml": SOURCES * 2}, "sources.yaml:3", "1つにまとめて"),
        ({"sources.yaml": SOURCES + "  - {id: law1, label: 別の法}\n"}, "sources.yaml:3", "重なっています"),
        ({"sources.yaml": SOURCES + "  - {id: law2, label: 別, valid_until: 来年}\n"}, "sources.yaml:3", "valid_until"),
        (
            {"broad.yaml": "broad:\n  - {id: b, prompt: どれ, topics: [one, gone], phrases: [あれ]}\n"},
            "broad.yaml:2",
            "gone",
        ),
        (
            {"broad.yaml": "broad:\n  - {id: b, prompt: どれ, topics: [one], phrases: [あれ]}\n"},
            "broad.yaml:2",
            "少なすぎ",
        ),
        (
            {"outside.yaml": "outside:\n  - {id: o, title: 外, desk: gone, phrases: [外のこと]}\n"},
            "outside.yaml:2",
            "窓口「gone」",
        ),
        (
            {"city.yaml": "values:\n  - {id: v, title: 日数, value: 5, unit: 日}\n"},
            "city.yaml:2",
            "rule.*dated.*書いて",
        ),
        ({"city.yaml": "values:\n  - {id: v, title: 日数, dated: 昨日}\n"}, "city.yaml:2", "dated"),
        ({"extra.yaml": "nonsense: 1\n"}, "extra.yaml:1", "category|nonsense"),
        ({"extra.yaml": "- a\n- b\n"}, "extra.yaml:1", "書き方が違います"),
        ({"extra.yaml": ""}, "extra.yaml:1", "書き方が違います"),
        ({"extra.yaml": "a: [\n"}, "extra.yaml:2", "YAMLの書き方"),
    ],
)
def test_problem_names_file_line_and_remedy(folder, given, place, instruction):
    """Each kind of mistake is reported at its file and line with what to do."""
    found = problems_of(folder(given))
    assert any(re.match(rf"knowledge/{place}: .*(?:{instruction})", line) for line in found), found


def test_one_mistake_is_one_problem(folder):
    """A topics file with a mistake in it isn't reported as missing on top."""
    assert len(problems_of(folder(topics("  - {id: two, text: 説明。}")))) == 1


def test_all_problems_come_at_once(folder):
    """Mistakes in several files and entries are all reported in one go."""
    place = folder(
        topics("  - {id: two, title: 二}\n  - {id: three, title: 三, text: 説明。, related: [gone]}")
        | {"extra.yaml": "a: [\n", "broad.yaml": "broad:\n  - {id: b, prompt: p, topics: [one, gone], phrases: [x]}\n"}
    )
    found = "\n".join(problems_of(place))
    assert all(
        f"knowledge/{spot}:" in found for spot in ("topics.yaml:6", "topics.yaml:7", "extra.yaml:2", "broad.yaml:2")
    )


def test_missing_folder_names_the_setting(tmp_path):
    """A folder that isn't there is reported with the variable to look at."""
    (line,) = problems_of(tmp_path / "nowhere")[:1]
    assert "ASAKA_KNOWLEDGE_DIR" in line


def test_empty_folder_asks_for_a_topics_file(tmp_path):
    """A folder without topics is no knowledge base."""
    assert any("topics:" in line for line in problems_of(tmp_path))


def test_urgent_contacts_are_borrowed(folder):
    """A folder without urgent.yaml, contacts.yaml and synonyms.yaml gets the shipped ones: danger is always answered."""
    knowledge = files.load(folder({}))
    assert "yorisoi" in knowledge.urgent.contacts
    assert knowledge.urgent.kinds
    assert "hr-desk" in knowledge.contacts
    assert knowledge.synonyms


def test_own_file_replaces_the_borrowed_one(folder):
    """A folder's own contacts are not mixed with the shipped ones."""
    own = "contacts:\n  - {id: hr-desk, title: 人事課, section: 総務, purpose: 相談, extension: '123'}\n"
    contacts = files.load(folder({"contacts.yaml": own})).contacts
    assert [(c.id, c.title) for c in contacts.values()] == [("hr-desk", "人事課")]


CITY_TOPIC = (
    "  - {id: two, title: 二, facets: {duration: [{text: 国では2日です。, certainty: national}, "
    "{text: 職員課に確認してください。, filled: '朝霞市では{value}です。', certainty: city, city: days}]}}"
)


def city(entry: str) -> dict[str, str]:
    return topics(CITY_TOPIC) | {"city.yaml": f"values:\n  - {entry}\n"}


def test_empty_city_value_says_to_ask(folder):
    """Until HR fills the value in, the statement sends the reader to HR."""
    knowledge = files.load(folder(city("{id: days, title: 日数, value: , unit: 日, rule: , dated: }")))
    statement = knowledge.topics["two"].facets[Facet.DURATION][-1]
    assert statement.text == "職員課に確認してください。"
    assert statement.certainty is Certainty.CITY


def test_filled_city_value_speaks_and_cites_the_rule(folder):
    """A filled value makes the sentence, and its source is the city's rule with the day it was checked."""
    filled = "{id: days, title: 日数, value: 3, unit: 日, rule: 朝霞市休暇規則12条, dated: 2026-10-01}"
    statement = files.load(folder(city(filled))).topics["two"].facets[Facet.DURATION][-1]
    assert statement.text == "朝霞市では3日です。"
    assert statement.city_value.dated == date(2026, 10, 1)
    (citation,) = statement.citations
    assert citation.source.label == "朝霞市休暇規則12条"
    assert "2026-10-01" in citation.locator


def test_city_statement_needs_the_place_of_the_value(folder):
    """A sentence for the filled value without {value} is a mistake."""
    given = city("{id: days, title: 日数}")
    given["topics.yaml"] = given["topics.yaml"].replace("{value}", "3日")
    assert any("{value}" in line and "topics.yaml:6" in line for line in problems_of(folder(given)))


def test_phrases_keep_their_facet(folder):
    """Phrases under a facet ask about it, those under `any` about nothing particular."""
    entry = "  - {id: two, title: 二, text: 説明。, phrases: {pay: [有給ですか], any: [二について]}}"
    phrases = files.load(folder(topics(entry))).topics["two"].phrases
    assert {p.text: p.facet for p in phrases} == {"有給ですか": Facet.PAY, "二について": None}


def test_categories_come_in_their_order(folder):
    """The shelves of the menu are sorted by `order`, whatever the names of the files."""
    first = TOPICS.replace("{id: shelf, title: 棚}", "{id: z, title: 前, order: 1}").replace("id: one", "id: early")
    knowledge: KnowledgeBase = files.load(folder({"zz.yaml": first}))
    assert [c.id for c in knowledge.categories] == ["z", "shelf"]
    assert [t.id for t in knowledge.in_category("z")] == ["early"]

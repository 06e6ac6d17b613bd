"""schedules/*.yaml: every problem with its file and line, all at once."""

import re
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from asaka_bot.errors import ScheduleError
from asaka_bot.reminders import checking, files

RULE = """valid: {from: 2026-04-01, to: 2031-03-31}
rules:
  - id: one
    title: 一つめ
    subject: leave
    when: {weekly: mon}
    when_closed: skip
    time: "09:00"
    until: "17:15"
    audience: everyone
    priority: 50
    source: 計画 第1
    line: 一つめです。
    texts:
      - title: 一つめ
        text: 本文です。
"""
TODAY = date(2026, 11, 22)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A schedules folder of one's own: the shipped special files and one small rule."""
    place = tmp_path / "mine"
    place.mkdir()
    for name in ("calendar.yaml", "destinations.yaml"):
        shutil.copy(files.SHIPPED / name, place / name)
    (place / "wording.yaml").write_text(
        "avoid:\n  - {words: 厳守, instead: やさしく書いてください}\n", encoding="utf-8"
    )
    (place / "rules.yaml").write_text(RULE, encoding="utf-8")
    return place


@pytest.fixture
def problems(folder, knowledge):
    """The problems, or the gaps, after each `old -> new` has been put into a file of the folder."""

    def found(*changes: tuple[str, str], file: str = "rules.yaml", gaps: bool = False) -> tuple[str, ...]:
        text = (folder / file).read_text(encoding="utf-8")
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        (folder / file).write_text(text, encoding="utf-8")
        inspected = files.inspect(folder, knowledge)
        return inspected.gaps if gaps else inspected.problems

    return found


def test_the_shipped_schedules_have_no_problem(knowledge):
    found = files.inspect(files.SHIPPED, knowledge)
    assert (found.problems, found.gaps) == ((), ())


def test_a_small_folder_loads(folder, knowledge):
    schedule = files.load(folder, knowledge)
    assert list(schedule.rules) == ["one"]
    assert str(schedule.rules["one"].destinations[0]) == "web:everyone"


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("{weekly: mon}", "{weekly: 月}", 6, "曜日は mon"),
        ("{weekly: mon}", "{weekly: mon, yearly: 04-01}", 6, "1つだけ"),
        ("{weekly: mon}", "{yearly: 02-30}", 6, "という日はありません"),
        ("{weekly: mon}", "{nth_weekday: {number: 5, weekday: wed}}", 6, "last"),
        ("{weekly: mon}", "{first_working_day: 13}", 6, "first_working_day"),
        ("{weekly: mon}", "{relative: {rule: gone, point: before}}", 6, "ルール「gone」はありません"),
        ("{weekly: mon}", "{relative: {rule: one, point: last}}", 6, "もとのルール"),
        ('"09:00"', '"9時"', 8, "09:00 の形"),
        ('"09:00"', '"25:00"', 8, "09:00 の形"),
        ('"17:15"', '"08:00"', 9, "time より後"),
        ("when_closed: skip", "when_closed: never", 7, "使えない値"),
        ("priority: 50", "priority: 500", 11, "priority"),
        ("priority: 50", "priority: 50\n    assumed: true", 12, "reason"),
        ("priority: 50", "priority: 50\n    reason: 仮", 12, "assumed"),
        ("priority: 50", "priority: 50\n    destinations: everyone", 12, "web:everyone"),
        ("text: 本文です。", "text: ", 16, "text"),
        ("text: 本文です。", f"text: {'長' * 301}", 16, "300"),
        ("      - title: 一つめ", f"      - title: {'長' * 61}", 15, "60"),
        ("text: 本文です。", "text: 定時を厳守してください。", 16, "やさしく"),
        ("text: 本文です。", "text: 今日は{dya}です。", 16, "{dya} は使えません"),
        ("text: 本文です。", "text: 今日は{dayです。", 16, "{ }"),
        ("text: 本文です。", "text: 今日は{day:>99}です。", 16, "{ }"),
        ("source: 計画 第1", "source: 計画 第1\n    colour: red", 13, "colour"),
        ("valid: {from: 2026-04-01, to: 2031-03-31}", "valid: {from: 2031-04-01, to: 2026-03-31}", 1, "入れ替え"),
    ],
)
def test_each_mistake_has_its_line_and_what_to_do(problems, old, new, line, words):
    found = problems((old, new))
    assert any(p.startswith(f"mine/rules.yaml:{line}: ") and words in p for p in found), found
    assert all(re.search("[ぁ-ん]", p) for p in found)


def test_an_id_twice(problems):
    again = RULE.partition("rules:\n")[2]
    (found,) = problems((again, again + again))
    assert found.startswith("mine/rules.yaml:17: id「one」が重なって")


def test_all_problems_come_at_once(problems):
    assert len(problems(('"17:15"', '"08:00"'), ("本文です。", "厳守{x}"), ("id: one", "id: one\n    season: {}"))) >= 3


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        ("calendar.yaml", "from: 12-29", "from: 12-32", "という日はありません"),
        ("calendar.yaml", "closures: []", "closures: [{from: 2027-01-05, to: 2027-03-05, reason: 閉}]", "32日以内"),
        ("destinations.yaml", "  hr: [web:hr]", "", "「hr」の宛先"),
        ("destinations.yaml", "[web:hr]", "[hr]", "チャネルと宛先"),
        ("wording.yaml", "avoid:", "next_days: {next_x: gone}\navoid:", "ルール「gone」"),
    ],
)
def test_mistakes_in_the_special_files(problems, file, old, new, words):
    found = problems((old, new), file=file)
    assert any(p.startswith(f"mine/{file}:") and words in p for p in found), found


def test_links_and_figures_that_the_knowledge_base_lacks(problems, folder, knowledge):
    """They are gaps: `check` names them, and the reminders do without them."""
    figure = "figures:\n  f: {topic: plan-goals, facet: overview, words: '無い文{}です'}\navoid:"
    problems(("avoid:", figure), file="wording.yaml")
    links = "links: [{label: 見る, topic: gone}, {label: 見る, topic: annual-leave, facet: basis}]\n    line:"
    another = "text: 本文です。\n      - title: 数字\n        text: 目標は{f}です。"
    found = problems(("line:", links), ("text: 本文です。", another), gaps=True)
    assert [p.split(": ")[0] for p in found if "gone" in p or "「f」" in p] == [
        "mine/wording.yaml:2",
        "mine/rules.yaml:13",
    ]
    schedule = files.load(folder, knowledge)
    assert all(link.topic != "gone" for link in schedule.rules["one"].links)
    strict = checking.check(folder, knowledge, TODAY)
    lenient = checking.check(folder, knowledge, TODAY, made_for_it=False)
    assert set(found) <= set(strict.problems)
    assert set(found) <= set(lenient.todo)
    assert lenient.problems == ()


def test_a_text_that_can_always_be_said_is_required(problems):
    """Where a figure or the next day is unknown something must still be sayable."""
    problems(("avoid:", "next_days: {next_one: one}\navoid:"), file="wording.yaml")
    found = problems(("text: 本文です。", "text: 次は{next_one}です。"))
    assert any("いつでも使える文面" in p for p in found)


def test_missing_files_and_folder(folder, knowledge, tmp_path):
    (folder / "calendar.yaml").unlink()
    assert any("calendar.yaml がありません" in p for p in files.inspect(folder, knowledge).problems)
    with pytest.raises(ScheduleError, match="フォルダーがありません"):
        files.load(tmp_path / "nowhere", knowledge)


def test_todo_lists_assumed_dates_and_unconfirmed_years(knowledge, shipped):
    todo = checking.check(files.SHIPPED, knowledge, TODAY).todo
    assert sum("仮のもの" in line for line in todo) == sum(bool(rule.assumed) for rule in shipped.rules.values())
    assert [line for line in todo if line.startswith("schedules/calendar.yaml:") and "2027" in line]
    assert all(re.match(r"schedules/\w+\.yaml:\d+: ", line) for line in todo)


def test_a_knowledge_base_without_topics_still_sends(knowledge):
    """The shipped schedules over somebody else's knowledge base load, without buttons and figures."""
    schedule = files.load(files.SHIPPED, replace(knowledge, topics={}))
    assert schedule.figures == {}
    assert all(rule.links == () for rule in schedule.rules.values())

"""`asaka-bot check`: what HR should mend, and what it still has to fill in."""

from datetime import date
from pathlib import Path

import pytest

from asaka_bot.knowledge import checking
from asaka_bot.knowledge.files import SHIPPED

TODAY = date(2026, 11, 22)
TOPICS = """\
category: {id: shelf, title: 棚}
certainty: law
sources: [{id: law1, label: 試験法}]
topics:
  - id: one
    title: 一つめ
    facets:
      pay:
        - text: %s
          certainty: %s
    phrases: {pay: [%s]}
"""
URGENT = """\
contacts:
  - {id: line, title: 相談電話, number: %s, hours: 24時間, source: 広報, checked: %s, verified: %s}
kinds:
  - {id: k, title: 危険, opening: 話して。, opening_third_person: 聞いて。, contacts: [line], signs: [死にたい]}
look_alikes: [死ぬほど忙しい]
"""


def write(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def topics(folder: Path, text: str = "有給です。", certainty: str = "law", phrases: str = "一つめは有給ですか") -> Path:
    return write(folder, "topics.yaml", TOPICS % (text, certainty, phrases))


def problems(folder: Path, today: date = TODAY) -> list[str]:
    """The problems of this folder's own files; those borrowed from the shipped folder are not looked at here."""
    return [line for line in checking.check(folder, today).problems if not line.startswith("knowledge/")]


def test_clean_folder_has_no_problem(tmp_path):
    """A short, sourced statement with its own phrases is fine, and is counted."""
    result = checking.check(topics(tmp_path), TODAY)
    assert result.problems == ()
    assert (result.topics, result.statements, result.phrases) == (1, 1, 1)


def test_over_long_statement_is_reported(tmp_path):
    """A statement that can't be read aloud in one go is to be split; the message tells its length and line."""
    (line,) = problems(topics(tmp_path, text="あ" * 300))
    assert f"{tmp_path.name}/topics.yaml:9: " in line
    assert "300字" in line
    assert "分けて" in line


def test_statement_at_the_limit_is_fine(tmp_path):
    """220 characters may stand."""
    assert problems(topics(tmp_path, text="あ" * 220)) == []
    assert len(problems(topics(tmp_path, text="あ" * 221))) == 1


def test_phrase_of_two_topics_is_reported(tmp_path):
    """The same example in two topics teaches nothing; both owners are named."""
    other = (TOPICS % ("無給です。", "law", "一つめは有給ですか")).replace("id: one", "id: two").replace("law1", "law2")
    write(topics(tmp_path), "other.yaml", other)
    (line,) = problems(tmp_path)
    assert "one" in line
    assert "two" in line
    assert "一つめは有給ですか" in line


def test_phrase_twice_in_one_topic_is_reported(tmp_path):
    """The same example twice in a topic is a slip as well."""
    (line,) = problems(topics(tmp_path, phrases="有給ですか, 有給ですか"))
    assert "有給ですか" in line


def test_national_figure_without_its_subject_is_reported(tmp_path):
    """A figure for reference must say whose it is, or it's read as Asaka's."""
    (line,) = problems(topics(tmp_path, text="休みは2日です。", certainty="national"))
    assert "誰のもの" in line
    assert "topics.yaml:9" in line


@pytest.mark.parametrize("text", ["国家公務員は2日です。", "三郷市では2日です。", "民間では5日です。"])
def test_national_figure_with_its_subject_is_fine(tmp_path, text):
    """Naming whose rule it is is enough."""
    assert problems(topics(tmp_path, text=text, certainty="national")) == []


def urgent_lines(folder: Path, today: date) -> list[str]:
    return [line for line in checking.check(folder, today).problems if "urgent.yaml" in line]


@pytest.mark.parametrize(("today", "count"), [(date(2026, 11, 1), 0), (date(2026, 11, 2), 1), (date(2030, 1, 1), 1)])
def test_urgent_number_is_to_be_checked_every_year(tmp_path, today, count):
    """A number checked more than a year ago is reported with what to do, one checked a year ago is not."""
    write(topics(tmp_path), "urgent.yaml", URGENT % ("0120-1", "2025-11-01", "true"))
    lines = urgent_lines(tmp_path, today)
    assert len(lines) == count
    assert all("相談電話" in line and "checked" in line for line in lines)


@pytest.mark.parametrize(
    ("number", "checked", "verified", "wanted"),
    [
        ("''", "", "false", "番号が空"),
        ("0120-1", "2026-11-01", "false", "未確認"),
        ("0120-1", "2026-11-01", "true", None),
    ],
)
def test_todo_lists_unverified_numbers(tmp_path, number, checked, verified, wanted):
    """Urgent numbers that are empty or unverified wait for HR."""
    write(topics(tmp_path), "urgent.yaml", URGENT % (number, checked, verified))
    found = [line for line in checking.check(tmp_path, TODAY).todo if "相談電話" in line]
    assert len(found) == (1 if wanted else 0)
    assert all(wanted in line for line in found)


def test_todo_lists_empty_city_values(tmp_path):
    """An empty value waits for HR at its line, a filled one doesn't."""
    values = "values:\n  - {id: a, title: 空の値}\n  - {id: b, title: 書いた値, value: 3, rule: 規則1条, dated: 2026-10-01}\n"
    todo = checking.check(write(topics(tmp_path), "city.yaml", values), TODAY).todo
    (line,) = [line for line in todo if "city.yaml" in line]
    assert f"{tmp_path.name}/city.yaml:2: 「空の値」" in line
    assert "記入" in line


def test_todo_lists_desks_without_a_way_to_reach_them(tmp_path):
    """A desk needs one of extension, telephone and mail."""
    desks = "contacts:\n" + "".join(
        f"  - {{id: {name}, title: 窓口{name}, section: 課, purpose: 相談{more}}}\n"
        for name, more in (("hr-desk", ""), ("b", ", extension: '12'"), ("c", ", mail: a@example.jp"))
    )
    todo = checking.check(write(topics(tmp_path), "contacts.yaml", desks), TODAY).todo
    assert [line.partition(":")[2].split(":")[0] for line in todo if "contacts.yaml" in line] == ["2"]


def test_problem_lines_of_an_unreadable_folder(tmp_path):
    """Nothing readable is a problem, not a crash."""
    assert checking.check(tmp_path / "nowhere", TODAY).problems


def test_places_of_urgent_problems_exist():
    """The line given for an overdue urgent number is where the number stands."""
    overdue = [line for line in checking.check(SHIPPED, date(2031, 1, 1)).problems if "urgent.yaml" in line]
    lines = (SHIPPED / "urgent.yaml").read_text(encoding="utf-8").splitlines()
    assert overdue
    for problem in overdue:
        title = problem.split("「")[1].split("」")[0]
        assert title in lines[int(problem.split(":")[1]) - 1]

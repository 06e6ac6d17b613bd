"""Headings and cells of a staff file: what is understood, and how each mistake is named."""

import pytest

from asaka_bot.broadcasts.staff import Employment
from asaka_bot.broadcasts.staff_columns import Row, read_roster

HEADING = ("職員番号", "氏名", "所属", "職位", "任用形態", "メール")
GOOD = ("101", "例 一", "総務部/職員課", "課長", "常勤", "a@city-asaka.example")


def rows(*lines):
    return [Row(number=number, cells=tuple(cells)) for number, cells in enumerate(lines, start=1)]


def problems(*lines):
    return [str(conflict) for conflict in read_roster(rows(*lines)).conflicts]


@pytest.mark.parametrize(
    "heading",
    [
        HEADING,
        ("職員コード", "名前", "部署", "役職", "雇用形態", "E-mail"),
        ("　職 員 番 号", "氏　名", "所属名", "職名", "区分", "Ｅ－ｍａｉｌ"),
        ("番号", "職員氏名", "課所名", "補職名", "任用区分", "メールアドレス"),
    ],
)
def test_headings_have_many_names(heading):
    """Synonyms, width and spaces lead to the same people."""
    (person,) = read_roster(rows(heading, GOOD)).people
    assert (person.staff_id, person.name, person.office) == ("101", "例 一", ("総務部", "職員課"))
    assert (person.title, person.employment, person.email) == ("課長", Employment.REGULAR, "a@city-asaka.example")


def test_a_title_may_stand_above_the_headings():
    """The row with the most known headings is the heading; row numbers stay those of the file."""
    roster = read_roster(rows(("令和9年度職員名簿",), HEADING, GOOD))
    assert len(roster.people) == 1
    assert problems(("名簿",), HEADING, ("101", "", *GOOD[2:])) == [
        "行3・氏名: 空です。書き入れるか、行を消してください"
    ]


def test_the_office_may_stand_in_several_columns():
    """部, 課 and 係 in columns of their own make the way down the tree."""
    heading = ("職員番号", "氏名", "部", "課", "係", "職位", "任用形態", "メール")
    (person,) = read_roster(rows(heading, ("1", "例", "総務部", "職員課", "", "", "常勤", ""))).people
    assert person.office == ("総務部", "職員課")


def test_what_is_not_read_is_said():
    """Other columns, and the weaker of two that fit, are listed."""
    assert read_roster(rows(("番号", *HEADING, "備考"), ("1", *GOOD, "x"))).ignored == ("番号", "備考")


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        (0, "", "行2・職員番号: 空です"),
        (0, "10#1", "行2・職員番号: 使えない文字"),
        (1, "", "行2・氏名: 空です"),
        (2, " / ", "行2・所属: 空です"),
        (4, "", "行2・任用形態: 空です"),
        (4, "派遣", "行2・任用形態: 「派遣」が分かりません"),
        (5, "a@", "行2・メール: メールアドレスの形ではありません"),
        (5, "a b@city.example", "行2・メール: メールアドレスの形ではありません"),
        (1, "あ" * 101, "行2・氏名: 長すぎます"),
    ],
)
def test_each_mistake_names_row_and_column(place, value, said):
    """What is wrong, and what to do."""
    cells = [*GOOD]
    cells[place] = value
    (problem,) = problems(HEADING, cells)
    assert problem.startswith(said)


def test_doubled_people_name_both_rows():
    """A number or an address that stands in an earlier row too is a conflict."""
    assert problems(HEADING, GOOD, (*GOOD[:5], "A@city-asaka.example")) == [
        "行3・職員番号: 行2と同じです。どちらかを直すか、行を消してください",
        "行3・メール: 行2と同じです。どちらかを直すか、行を消してください",
    ]


def test_missing_columns_show_how_to_call_them():
    """Each missing column is one conflict, at the row of the headings."""
    assert problems(HEADING[:5], GOOD) == [
        "行1・メール: この列がありません。見出しを「メール・メールアドレス・Eメール」のどれかにしてください"
    ]


def test_the_same_heading_twice_is_a_conflict():
    """Nobody can tell which of the two is meant."""
    assert problems((*HEADING, "氏名"), (*GOOD, "x"))[0].startswith("行1・氏名: 同じ見出しの列が2つ")


def test_a_file_without_people_is_a_conflict():
    """An empty list must not make everybody leave."""
    assert "1人もいません" in problems(HEADING)[0]
    assert "何も書かれていません" in problems()[0]

"""Text in one form, classes of titles and of 任用形態."""

import pytest

from asaka_bot.broadcasts.staff import Employment, Position, employment_of, normal, office_of, position_of


@pytest.mark.parametrize(
    ("title", "position"),
    [
        ("課長", Position.HEAD),
        ("図書館長", Position.HEAD),
        ("議会事務局長", Position.HEAD),
        ("部長", Position.MANAGER),
        ("課長補佐", Position.MANAGER),
        ("主幹兼課長補佐", Position.MANAGER),
        ("副課長", Position.MANAGER),
        ("参事（課長級）", Position.MANAGER),
        ("部長兼職員課長", Position.HEAD),
        ("人事係長", Position.CHIEF),
        ("主査", Position.CHIEF),
        ("主任", Position.SENIOR),
        ("主任保育士", Position.SENIOR),
        ("主事", Position.STAFF),
        ("", Position.STAFF),
    ],
)
def test_titles_have_a_class(title, position):
    """The longest ending decides, and of several titles the highest."""
    assert position_of(title) is position


@pytest.mark.parametrize(
    ("text", "employment"),
    [
        ("常勤", Employment.REGULAR),
        ("正規職員", Employment.REGULAR),
        ("再任用（短時間）", Employment.REAPPOINTED),
        ("会計年度任用職員(ﾊﾟｰﾄﾀｲﾑ)", Employment.FIXED_TERM),
        ("ﾊﾟｰﾄﾀｲﾑ会計年度任用職員", Employment.FIXED_TERM),
        ("任期付職員", Employment.LIMITED),
        ("臨時的任用", Employment.TEMPORARY),
        ("派遣", None),
    ],
)
def test_forms_of_employment(text, employment):
    """The ways in which HR systems write it lead to one word; others are unknown."""
    assert employment_of(text) is employment


def test_text_has_one_form():
    """Width and spaces don't matter; a name keeps the character in which it is written."""
    assert normal("　ﾀﾅｶ　 Ａ１\u200b ") == "タナカ A1"
    assert normal("神田") == "神田"


@pytest.mark.parametrize(
    "text", ["総務部/職員課", "総務部／職員課", "総務部　職員課", "総務部＞職員課", "/総務部→職員課/"]
)
def test_offices_are_ways_down_the_tree(text):
    """Whatever parts the steps."""
    assert office_of(text) == ("総務部", "職員課")

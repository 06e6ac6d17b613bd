"""Dates as people in a Japanese office write them."""

from contextlib import suppress
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asaka_bot.answering import dates
from asaka_bot.answering.dates import Lean
from asaka_bot.errors import DateError
from asaka_bot.messages import japanese_date

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2027-02-10", date(2027, 2, 10)),
        ("2027/2/10", date(2027, 2, 10)),
        ("2027.2.10", date(2027, 2, 10)),
        ("2027年2月10日", date(2027, 2, 10)),
        ("2027年2月10日（水）", date(2027, 2, 10)),
        ("２０２７年２月１０日", date(2027, 2, 10)),
        ("２０２７－０２－１０", date(2027, 2, 10)),
        ("2027 年 2 月 10 日", date(2027, 2, 10)),
        ("令和9年2月10日", date(2027, 2, 10)),
        ("令和 9 年 2 月 10 日", date(2027, 2, 10)),
        ("令和九年二月十日", date(2027, 2, 10)),
        ("令和元年5月1日", date(2019, 5, 1)),
        ("㋿9年2月10日", date(2027, 2, 10)),
        ("R9.2.10", date(2027, 2, 10)),
        ("R09.02.10", date(2027, 2, 10)),
        ("r9/2/10", date(2027, 2, 10)),
        ("Ｒ９．２．１０", date(2027, 2, 10)),
        ("R9-2-10", date(2027, 2, 10)),
        ("平成31年4月30日", date(2019, 4, 30)),
        ("H30.12.31", date(2018, 12, 31)),
        ("昭和61年11月22日", date(1986, 11, 22)),
        ("S61.11.22", date(1986, 11, 22)),
        ("来年の3月10日", date(2027, 3, 10)),
        ("来年3/10", date(2027, 3, 10)),
        ("再来年の1月5日", date(2028, 1, 5)),
        ("今年の12月24日", date(2026, 12, 24)),
        ("去年の5月3日", date(2025, 5, 3)),
        ("一昨年の5月3日", date(2024, 5, 3)),
        ("来月10日", date(2026, 12, 10)),
        ("今月の30日", date(2026, 11, 30)),
        ("先月5日", date(2026, 10, 5)),
        ("3/10", date(2027, 3, 10)),
        ("3月10日", date(2027, 3, 10)),
        ("十二月二十四日", date(2026, 12, 24)),
        ("三月三十一日", date(2027, 3, 31)),
        ("11月22日", date(2026, 11, 22)),
        ("2月29日", date(2028, 2, 29)),
        ("2024年2月29日", date(2024, 2, 29)),
        ("予定日は2027-02-10です", date(2027, 2, 10)),
    ],
)
def test_forms(written, day):
    """Each way of writing a day is understood; one without a year is the next such day."""
    assert dates.parse(written, TODAY) == day


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("3/10", date(2026, 3, 10)),
        ("12月24日", date(2025, 12, 24)),
        ("11月22日", date(2026, 11, 22)),
        ("2月29日", date(2024, 2, 29)),
        ("2025年1月1日", date(2025, 1, 1)),
    ],
)
def test_birth_dates_lie_in_the_past(written, day):
    """A birth date without a year is the last such day."""
    assert dates.parse(written, TODAY, Lean.PAST) == day


@pytest.mark.parametrize(
    "written",
    [
        "2027-02-30",
        "2027年2月29日",
        "令和9年4月31日",
        "R9.13.1",
        "2027-00-10",
        "2月30日",
        "4/31",
        "13月1日",
        "来年の2月29日",
        "今月31日",
        "令和9年2月0日",
    ],
)
def test_impossible_days_are_refused(written):
    """A day that doesn't exist is named, with what to do, rather than moved."""
    with pytest.raises(DateError, match=r"日付を確かめて|形で書いて"):
        dates.parse(written, TODAY)


@pytest.mark.parametrize("written", ["", "近いうち", "来年", "3月", "2027", "10日間", "2027-02-10と2027-02-11", "abc"])
def test_what_is_no_single_date_is_refused(written):
    """What can't be read is refused with an example."""
    with pytest.raises(DateError, match="2027-02-10"):
        dates.parse(written, TODAY)


@pytest.mark.parametrize(
    "text",
    [
        "3日休めますか",
        "10日間取れますか",
        "年5日の年休",
        "1歳2か月まで",
        "6週間前から",
        "14:30から",
        "第5-2-(1)-①",
        "内線 12-34",
        "0120-279-338",
        "85%に",
        "部分休業は2時間",
    ],
)
def test_numbers_that_are_no_dates(text):
    """Days, hours, telephone numbers and sections are no dates."""
    assert dates.find(text, TODAY) == []


def test_several_dates_come_in_order():
    """Each date in a sentence is found, with its place."""
    found = dates.find("予定日は令和9年2月10日、復帰は2028-04-01です", TODAY)
    assert [f.day for f in found] == [date(2027, 2, 10), date(2028, 4, 1)]
    assert found[0].end <= found[1].start


_days = st.dates(date(2000, 1, 1), date(2099, 12, 31))


@given(_days, st.sampled_from(["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日"]))
def test_written_days_read_back(day, form):
    """Any day in any full form comes back as it was."""
    assert dates.parse(day.strftime(form), TODAY) == day


@given(st.dates(date(2019, 5, 1), date(2099, 12, 31)))
def test_reiwa_reads_back(day):
    """The bot reads the dates that it writes itself, and the short form of the same era."""
    assert dates.parse(japanese_date(day), TODAY) == day
    assert dates.parse(f"R{day.year - 2018}.{day.month}.{day.day}", TODAY) == day


@given(_days, _days)
def test_day_without_a_year_is_the_nearest(day, today):
    """Month and day lead to the nearest such day after or before today."""
    written = f"{day.month}月{day.day}日"
    coming, past = dates.parse(written, today), dates.parse(written, today, Lean.PAST)
    assert (coming.month, coming.day) == (past.month, past.day) == (day.month, day.day)
    assert past <= today <= coming
    if (day.month, day.day) != (2, 29):
        assert coming - today < timedelta(days=366)
        assert today - past < timedelta(days=366)


@given(st.text(alphabet="0123456789年月日/-.令和平成RHS来今去先の元十二 ", max_size=25))
def test_any_text_gives_dates_or_a_date_error(text):
    """No mixture of digits and marks fails in another way."""
    with suppress(DateError):
        assert all(isinstance(f.day, date) for f in dates.find(text, TODAY))


@pytest.mark.parametrize("text", ["十十年", "二三十年五月", "十二十月", "〇十日"])
def test_impossible_kanji_numbers_are_no_dates(text):
    """Numbers that nobody writes break nothing."""
    dates.find(text, date(2026, 11, 22), dates.Lean.FUTURE)

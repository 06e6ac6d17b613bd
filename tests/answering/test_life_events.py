"""Every date that follows from a birth: the worked examples of the fact sheet, and what must hold for any day."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asaka_bot.answering.life_events import life_events, reaches, school_year_end
from asaka_bot.errors import DateError
from asaka_bot.knowledge.model import Certainty

IDS = {
    "prenatal-leave-start",
    "postnatal-compulsory-end",
    "postnatal-leave-end",
    "papa-leave-end",
    "childcare-leave-end",
    "allowance-end",
    "preschool-end",
    "grade3-end",
    "intention-window",
    "fixed-term-leave-end",
}


def by_id(**given):
    return {event.id: event for event in life_events(**given)}


def d(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("due", "birth", "single", "twins", "six_weeks", "eight_weeks"),
    [
        ("2027-02-10", "2027-02-10", "2026-12-31", "2026-11-05", "2027-03-24", "2027-04-07"),
        ("2027-02-10", "2027-02-14", "2026-12-31", "2026-11-05", "2027-03-28", "2027-04-11"),
        ("2027-02-10", "2027-02-03", "2026-12-31", "2026-11-05", "2027-03-17", "2027-03-31"),
        ("2027-06-01", "2027-06-01", "2027-04-21", "2027-02-24", "2027-07-13", "2027-07-27"),
    ],
)
def test_worked_examples_around_birth(due, birth, single, twins, six_weeks, eight_weeks):
    """Leave before birth counts from the due date, leave after it from the birth."""
    events = by_id(due=d(due), birth=d(birth))
    assert events["prenatal-leave-start"].start == d(single)
    assert by_id(due=d(due), birth=d(birth), multiple=True)["prenatal-leave-start"].start == d(twins)
    assert events["postnatal-compulsory-end"].end == d(six_weeks)
    assert events["postnatal-leave-end"].end == d(eight_weeks)
    assert events["papa-leave-end"].end == d(eight_weeks)


@pytest.mark.parametrize(("due", "single", "twins"), [("2027-02-10", "2026-12-31", "2026-11-05")])
def test_due_date_alone_assumes_birth_on_it(due, single, twins):
    """Before the birth all is counted from the due date, and says so."""
    events = by_id(due=d(due))
    assert set(events) == IDS
    assert events["prenatal-leave-start"].start == d(single)
    assert by_id(due=d(due), multiple=True)["prenatal-leave-start"].start == d(twins)
    assert events["postnatal-leave-end"].end == d("2027-04-07")
    assert all("予定日に生まれた場合" in e.note for e in events.values() if e.id != "prenatal-leave-start")


@pytest.mark.parametrize(
    "days",
    """\
2026-05-10 2027-05-09 2027-07-09 2027-11-09 2028-05-09 2029-05-09 2033-03-31 2036-03-31 2028-04-11 2029-04-10
2027-02-10 2028-02-09 2028-04-09 2028-08-09 2029-02-09 2030-02-09 2033-03-31 2036-03-31 2029-01-11 2030-01-10
2026-04-01 2027-03-31 2027-05-31 2027-09-30 2028-03-31 2029-03-31 2032-03-31 2035-03-31 2028-03-02 2029-03-01
2026-04-02 2027-04-01 2027-06-01 2027-10-01 2028-04-01 2029-04-01 2033-03-31 2036-03-31 2028-03-03 2029-03-02
2024-02-29 2025-02-28 2025-04-28 2025-08-28 2026-02-28 2027-02-28 2030-03-31 2033-03-31 2026-01-30 2027-01-29
2025-03-31 2026-03-30 2026-05-30 2026-09-30 2027-03-30 2028-03-30 2031-03-31 2034-03-31 2027-03-02 2028-03-01
2024-12-01 2025-11-30 2026-01-31 2026-05-31 2026-11-30 2027-11-30 2031-03-31 2034-03-31 2026-11-02 2027-11-01""".splitlines(),
)
def test_worked_examples_of_growing_up(days):
    """Ages, the last day before school, the third grade and the window of the intention check."""
    day, one, one_two, one_six, two, three, preschool, grade3, opens, closes = map(d, days.split())
    events = by_id(birth=day)
    assert reaches(day, 1) == events["allowance-end"].end == events["fixed-term-leave-end"].end == one
    assert reaches(day, 1, 2) == one_two
    assert reaches(day, 1, 6) == one_six
    assert reaches(day, 2) == two
    assert reaches(day, 3) == events["childcare-leave-end"].end == three
    assert events["preschool-end"].end == preschool
    assert events["grade3-end"].end == grade3
    assert (events["intention-window"].start, events["intention-window"].end) == (opens, closes)


@pytest.mark.parametrize(
    ("birth", "forty"),
    [
        ("1986-04-01", "2026-03-31"),
        ("1986-04-02", "2026-04-01"),
        ("1986-11-22", "2026-11-21"),
        ("1987-03-31", "2027-03-30"),
    ],
)
def test_worked_examples_of_age_forty(birth, forty):
    """Forty is reached on the day before the birthday."""
    assert reaches(d(birth), 40) == d(forty)


def test_birth_date_alone_has_no_leave_before_birth():
    """Once the child is there, the leave before birth is over."""
    assert set(by_id(birth=d("2026-05-10"))) == IDS - {"prenatal-leave-start"}


def test_dates_in_notes_are_the_extensions():
    """The notes name the days of 1歳2か月, 1歳6か月 and 2歳."""
    note = by_id(birth=d("2025-03-31"))["allowance-end"].note
    assert all(day in note for day in ("2026年5月30日", "2026年9月30日", "2027年3月30日"))


def test_json_has_a_day_or_a_span():
    """One day is `date`, a span `start` and `end`."""
    rows = {row["id"]: row for row in (e.as_json() for e in life_events(due=d("2027-02-10")))}
    assert rows["childcare-leave-end"]["date"] == "2030-02-09"
    assert (rows["intention-window"]["start"], rows["intention-window"]["end"]) == ("2029-01-11", "2030-01-10")
    assert "date" not in rows["intention-window"]
    assert all(row["title"] and row["basis"] and row["certainty"] and row["note"] for row in rows.values())


def test_what_the_city_decides_is_said():
    """Rules that only reference practice supports are marked as such and send the reader to HR."""
    events = by_id(due=d("2027-02-10"))
    assert events["intention-window"].certainty is Certainty.NATIONAL
    assert events["preschool-end"].certainty is Certainty.NATIONAL
    for id_ in ("prenatal-leave-start", "papa-leave-end", "preschool-end", "grade3-end", "intention-window"):
        assert "職員課に確認" in events[id_].note


@pytest.mark.parametrize("given", [{"due": date(1999, 12, 31)}, {"birth": date(2101, 1, 1)}, {}])
def test_days_out_of_range_are_refused(given):
    """A slip in the year is caught, and nothing given is refused."""
    with pytest.raises(DateError, match=r"確かめて|入力して"):
        life_events(**given)


_days = st.dates(date(2000, 1, 1), date(2100, 12, 31))


@given(_days, st.booleans())
def test_order_of_events(day, multiple):
    """Whatever the day, the leaves follow each other in order and spans run forward."""
    events = by_id(due=day, multiple=multiple)
    order = ["prenatal-leave-start", "postnatal-compulsory-end", "postnatal-leave-end", "allowance-end"]
    order += ["childcare-leave-end", "preschool-end", "grade3-end"]
    ends = [events[id_].end for id_ in order]
    assert ends == sorted(ends)
    assert len(set(ends)) == len(ends)
    assert all(event.start <= event.end for event in events.values())


@given(_days)
def test_window_lies_around_the_second_year(day):
    """The window of the intention check lasts a year and lies before the third birthday."""
    window = by_id(birth=day)["intention-window"]
    assert 363 <= (window.end - window.start).days <= 367
    assert window.start > reaches(day, 1, 11)
    assert window.end < reaches(day, 3)


@given(_days, st.integers(0, 60), st.integers(0, 11))
def test_age_is_reached_the_day_before_the_corresponding_day(day, years, months):
    """The next day is the corresponding day; where the month has none, the last day of the month counts."""
    reached = reaches(day, years, months)
    following = reached + timedelta(days=1)
    total = day.year * 12 + day.month - 1 + years * 12 + months
    if following.day == day.day:
        assert (following.year * 12 + following.month - 1) == total
    else:
        assert following.day == 1
        assert (reached.year * 12 + reached.month - 1) == total
        assert reached.day < day.day


@given(st.integers(2000, 2095))
def test_children_of_1_april_belong_to_the_older_class(year):
    """Born on 1 April, a child starts school a year before one born on 2 April."""
    first = by_id(birth=date(year, 4, 1))["preschool-end"].end
    second = by_id(birth=date(year, 4, 2))["preschool-end"].end
    assert first == date(year + 6, 3, 31)
    assert second == date(year + 7, 3, 31)


@given(st.integers(500, 523), st.integers(1, 12))
def test_29_february_reaches_ages_at_the_end_of_february(quarter, age):
    """A child of 29 February reaches every age on 28 February, in leap years too."""
    reached = reaches(date(quarter * 4, 2, 29), age)
    assert (reached.month, reached.day) == (2, 28)


@given(_days)
def test_leave_ends_only_in_the_school_year_of_the_age(day):
    """The end before school is the first 31 March on or after the sixth birthday's eve."""
    end = school_year_end(reaches(day, 6))
    assert (end.month, end.day) == (3, 31)
    assert timedelta(0) <= end - reaches(day, 6) < timedelta(days=366)


@given(_days)
def test_later_birth_never_ends_earlier(day):
    """A child born a day later has no leave that ends sooner."""
    if day < date(2100, 12, 31):
        earlier, later = by_id(birth=day), by_id(birth=day + timedelta(days=1))
        assert all(earlier[id_].end <= later[id_].end for id_ in earlier)

"""The form of a notice: what people type, what it means, every mistake at once and nothing lost."""

import asyncio
import html
import re
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import FormData
from starlette.testclient import TestClient

from asaka_bot.broadcasts.notice import Content, Plan, Repeat, RepeatKind
from asaka_bot.errors import Problem
from asaka_bot.hr_console import notice_form, notice_when
from asaka_bot.hr_console.notice_when import parse_time
from asaka_bot.tokyo import TOKYO
from tests.fakes.console import NOW
from tests.fakes.notice_browsers import FORM, HANAKO, PEOPLE, TARO, browser_of, draft
from tests.fakes.notices import MemoryNotices


@pytest.fixture
def notices() -> MemoryNotices:
    return MemoryNotices(now=NOW, people=PEOPLE)


@pytest.fixture
def hanako(notices) -> TestClient:
    return browser_of(notices, HANAKO)


def test_every_mistake_at_once_and_nothing_is_lost(hanako, notices):
    """Each stands at its field, the first takes the focus, everything typed is still there."""
    form = {
        **FORM,
        "title": "",
        "link-label-2": "案内",
        "link-url-2": "http://example.com",
        "answer-1": "参加",
        "respond-by": "2月30日",
        "title-en": "Year end",
        "audience": "しらない",
        "posts": "fax:1",
        "topics": ["annual-leave", "childcare-leave"],
        "when": "at",
        "day": "あした",
        "time": "25時",
    }
    page = hanako.post("/hr/notices/new", data=form)
    assert page.status_code == 422
    for name in ("title", "link-url-2", "answer-2", "respond-by", "body-en", "audience", "posts", "day", "time"):
        assert f'id="{name}-error"' in page.text, name
    assert page.text.count("autofocus") == 1
    assert re.search(r'<input id="title"[^>]*autofocus', page.text)
    for kept in (
        "http://example.com",
        "案内",
        "参加",
        "2月30日",
        "Year end",
        "しらない",
        "fax:1",
        "あした",
        "25時",
    ):
        assert kept in page.text, kept
    assert page.text.count("checked") == 4  # replies, two topics, when
    assert notices.kept == {}


def test_a_deadline_that_has_passed_since_keeps_nobody_from_correcting():
    """Left as it was sent it is no mistake; another day in the past is, and so is what is no day."""
    sent = Content(title="研修", body="本文", confirm=True, respond_by=date(2026, 11, 1))

    def wrong(day: str) -> set[str]:
        form = FormData({**FORM, "confirm": "on", "respond-by": day})
        return set(notice_form.read(form, [], NOW.date(), sent=sent).errors)

    assert [wrong(day) for day in ("2026-11-01", "2026-11-02", "いつか")] == [set(), {"respond-by"}, {"respond-by"}]


def test_the_audience_is_counted_without_keeping_anything(hanako, notices):
    """A button beside the field says how many people it means today; words that mean nobody are told there."""
    page = hanako.post("/hr/notices/new", data={**FORM, "audience": "職位:所属長", "action": "check"})
    assert "いまの宛先は51人です" in page.text
    wrong = hanako.post("/hr/notices/new", data={**FORM, "audience": "所属:月面課", "action": "check"})
    assert 'id="audience-error"' in wrong.text
    assert notices.kept == {}


def test_what_somebody_changed_meanwhile_is_not_overwritten_silently(hanako, notices):
    """The second is told, keeps what was typed, and may save again."""
    made = draft(notices)
    asyncio.run(notices.change(TARO, made.id, made.version, made.content, made.plan))
    page = hanako.post("/hr/notices/1/edit", data={**FORM, "title": "わたしの題名", "version": "1"})
    assert page.status_code == 422
    assert "ほかの人がこのお知らせを変えました" in page.text
    assert "わたしの題名" in page.text
    version = re.search(r'name="version" value="(\d+)"', page.text)[1]
    hanako.post("/hr/notices/1/edit", data={**FORM, "title": "わたしの題名", "version": version})
    assert notices.kept[1].content.title == "わたしの題名"


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ({"when": "at", "day": "12月1日", "time": "午前9時"}, "令和8年12月1日（火）9:00に"),
        (
            {
                "when": "repeat",
                "repeat-kind": "nth-weekday",
                "repeat-number": "2",
                "repeat-weekday": "2",
                "repeat-time": "8時半",
            },
            "毎月第2水曜日の8:30に",
        ),
        (
            {
                "when": "repeat",
                "repeat-kind": "yearly",
                "repeat-day": "6月1日",
                "repeat-time": "8:30",
                "repeat-until": "令和10年6月1日",
            },
            "毎年6月1日の8:30に",
        ),
    ],
)
def test_planned_notices_wait_for_their_time(hanako, when, said):
    """The moment is read as people write it, shown in words, and can be called off."""
    hanako.post("/hr/notices/new", data={**FORM, "audience": "職位:所属長", **when})
    assert said in hanako.get("/hr/notices/1/submit").text
    page = hanako.post("/hr/notices/1/submit", data={"version": "1", "agreed": "unreachable"})
    assert f"予約しました。{said}" in page.text
    assert 'value="' in hanako.get("/hr/notices/1/edit").text
    assert "中止しました" in hanako.post("/hr/notices/1/cancel").text


def test_a_form_shows_what_was_kept(hanako, notices):
    """Opened again and saved unchanged, a notice stays what it was."""
    form = {
        **FORM,
        "audience": "全員 - 職位:所属長",
        "post-web": "yes",
        "posts": "slack:C1\nteams:19:a@thread.tacv2",
        "link-label-1": "案内",
        "link-url-1": "https://example.com/a",
        "answer-1": "参加",
        "answer-2": "不参加",
        "respond-by": "11月30日",
        "title-ja-x-easy": "やさしい題名",
        "body-ja-x-easy": "一\n\n二",
        "topics": ["harassment"],
        "when": "repeat",
        "repeat-kind": "weekly",
        "repeat-weekday": "0",
        "repeat-time": "8:30",
        "repeat-until": "令和9年3月31日",
    }
    hanako.post("/hr/notices/new", data=form)
    before = notices.kept[1]
    page = hanako.get("/hr/notices/1/edit").text
    again = dict(re.findall(r'<input id="[^"]+" name="([^"]+)" value="([^"]*)"', page))
    again |= dict(re.findall(r'<textarea id="[^"]+" name="([^"]+)"[^>]*>\n([^<]*)</textarea>', page))
    again |= dict(re.findall(r'name="([^"]+)" value="([^"]*)"(?: id="[^"]*")? checked', page))
    for name, options in re.findall(r'<select id="[^"]+" name="([^"]+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        found = re.search(r'value="([^"]*)" selected', options)
        again[name] = found[1] if found else ""
    again = {name: html.unescape(value) for name, value in again.items()}
    hanako.post("/hr/notices/1/edit", data={**again, "version": "1"})
    assert (notices.kept[1].content, notices.kept[1].plan) == (before.content, before.plan)
    assert notices.kept[1].version == 2


def test_a_refusal_of_the_feature_stands_at_its_field(notices, hanako):
    """Named by aria-describedby, its fold open; of links and answers the row it means; the rest above the page."""
    rows = {f"link-{part}-{n}": f"https://a.example/{n}" for part in ("label", "url") for n in (1, 3)}
    rows |= {"answer-2": "はい", "answer-4": "いいえ"}
    notices.refusal = (
        Problem(field="links", item=2, text="開けません"), Problem(field="answers", item=2, text="長い"),
        Problem(field="respond_by", text="閉庁日です"), Problem(field="title-en", text="短く"),
        Problem(field="send_at", text="遠すぎます"), Problem(field="repeat", text="ありません"),
        Problem(field="topics", text="多い"), Problem(text="どこでもありません"),
    )  # fmt: skip
    page = hanako.post("/hr/notices/new", data={**FORM, **rows})
    assert page.status_code == 422
    for name in ("link-url-3", "answer-4", "respond-by", "title-en", "day", "repeat-kind", "topics"):
        assert f'id="{name}-error"' in page.text, name
        assert re.search(rf'<(?:input|select|fieldset)[^>]*aria-describedby="{name}-error[ "]', page.text), name
    above = page.text[: page.text.index('<form class="form')]
    assert "どこでもありません。" in above
    assert "開けません" not in above
    assert page.text.count('<details class="fold part" open') == 4  # answers, topics, links, languages


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("8:30", (8, 30)),
        ("８時３０分", (8, 30)),
        ("8時", (8, 0)),
        ("8時半", (8, 30)),
        ("午後3時", (15, 0)),
        ("午後0時15分", (12, 15)),
        ("午前12時", (0, 0)),
        ("PM 1:05", (13, 5)),
        ("17.15", (17, 15)),
    ],
)
def test_times_as_people_write_them(typed, meant):
    """Of the day, to the minute."""
    at = parse_time(typed)
    assert (at.hour, at.minute) == meant


@pytest.mark.parametrize("typed", ["", "朝", "25時", "8:60", "午後13時", "8:30:00", "8時30分ごろ", "-1:00"])
def test_what_is_no_time(typed):
    """It is told, not guessed."""
    assert parse_time(typed) is None


_DAYS = st.dates(NOW.date(), date(2040, 12, 31))
_TIMES = st.builds(time, st.integers(0, 23), st.integers(0, 59))
_MONTH_DAYS = st.dates(date(2024, 1, 1), date(2024, 12, 31))


@given(
    plan=st.one_of(
        st.just(Plan()),
        st.builds(lambda day, at: Plan(send_at=datetime.combine(day + timedelta(days=1), at, TOKYO)), _DAYS, _TIMES),
        st.builds(
            lambda kind, at, weekday, number, day, until: Plan(
                repeat=Repeat(
                    kind=kind,
                    at=at,
                    weekday=weekday,
                    number=number,
                    month=day.month if kind is RepeatKind.YEARLY else 1,
                    day=day.day if kind is RepeatKind.YEARLY else 1,
                    until=until,
                )
            ),
            st.sampled_from(RepeatKind),
            _TIMES,
            st.integers(0, 6),
            st.sampled_from([1, 2, 3, 4, -1]),
            _MONTH_DAYS,
            st.none() | _DAYS,
        ),
    )
)
def test_every_plan_is_read_back_as_it_is_written(plan):
    """What a form shows of a plan means the same plan."""
    wrong = []
    typed = dict.fromkeys(notice_when.FIELDS, "") | notice_when.typed_when(plan)
    send_at, repeat = notice_when.read_when(typed, NOW.date(), lambda name, text: wrong.append((name, text)))
    assert (send_at, repeat, wrong) == (plan.send_at, plan.repeat, [])


@given(
    typed=st.fixed_dictionaries({name: st.text(max_size=20) for name in notice_when.FIELDS}),
    when=st.sampled_from(["at", "repeat", "x"]),
)
def test_nothing_typed_breaks_the_form(typed, when):
    """Whatever stands in the fields, each is either understood or complained about."""
    wrong = {}
    found = notice_when.read_when({**typed, "when": when}, NOW.date(), wrong.__setitem__)
    assert when == "x" or wrong or any(found)

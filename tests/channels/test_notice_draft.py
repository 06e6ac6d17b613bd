"""What HR fills into a form of a chat, read as a notice; and where a link leads."""

from dataclasses import fields, replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asaka_bot.broadcasts.notice import Content, Plan
from asaka_bot.channels.links import host_of
from asaka_bot.channels.notice_draft import Draft, Ready, Wrong, problems_of, read, written
from asaka_bot.errors import AudienceError, NoticeError, Problem
from asaka_bot.tokyo import TOKYO
from tests.fakes.notices_in_chat import AGAIN, LATER, NOW, RICH, TEMPLATES

FILLED = Draft(title="題名", body="本文", audience="全員", confirm=True)


def test_fields_become_a_notice():
    """Answers are parted, days and moments are those of Tokyo."""
    draft = replace(
        FILLED, answers="参加、不参加,参加", respond_by="2026-11-30", later=True, day="2026-11-25", at="09:00"
    )
    ready = read(draft, TEMPLATES, NOW)
    assert isinstance(ready, Ready)
    assert ready.content.answers == ("参加", "不参加")
    assert ready.plan.send_at == datetime(2026, 11, 25, 9, 0, tzinfo=TOKYO)


def test_a_day_without_the_tick_is_no_appointment():
    """Only 日時を選んで送る makes a notice wait."""
    ready = read(replace(FILLED, day="2026-11-25", at="09:00"), TEMPLATES, NOW)
    assert isinstance(ready, Ready)
    assert ready.plan.send_at is None


def test_what_is_written_is_read_back():
    """A notice fills the form with what makes the same notice again."""
    content = Content(title="題名", body="一\n\n二", answers=("参加", "不参加"), confirm=True, urgent=True)
    plan = Plan(audience="全員", send_at=datetime(2026, 11, 25, 9, 0, tzinfo=TOKYO))
    assert read(written(content, plan), (), NOW) == Ready(content=content, plan=plan)


EVERY = [(part, each.name) for part in (Content, Plan) for each in fields(part)]


@pytest.mark.parametrize(("part", "name"), EVERY)
def test_what_the_form_does_not_show_is_kept(part, name):
    """書き直す: of every field of a notice, what it says stays, whichever way it leaves."""
    for plan in (LATER, AGAIN):
        base = Ready(content=RICH, plan=plan)
        ready = read(Draft(title="新しい題名"), TEMPLATES, NOW, base)
        assert ready.content.title == "新しい題名"
        before, after = (base.content, ready.content) if part is Content else (base.plan, ready.plan)
        assert name == "title" or getattr(after, name) == getattr(before, name)


@pytest.mark.parametrize("hidden", [None, *(each.name for each in fields(Draft))])
def test_what_is_left_as_it_stands_is_kept_to_the_letter(hidden):
    """A form sent back untouched, with or without one of its fields, is the same notice: nothing is tidied or parted."""
    for plan in (LATER, AGAIN):
        base = Ready(content=RICH, plan=plan)
        draft = written(RICH, plan)
        assert read(replace(draft, **{hidden: None}) if hidden else draft, TEMPLATES, NOW, base) == base


TEXT = st.text(max_size=60)


@given(st.builds(Draft, title=TEXT, body=TEXT, audience=TEXT, answers=TEXT, respond_by=TEXT, day=TEXT, at=TEXT,
                 later=st.booleans()))  # fmt: skip
def test_whatever_is_typed_is_a_notice_or_problems(draft):
    """Nothing raises, and each problem names a field and says something."""
    found = read(draft, TEMPLATES, NOW)
    if isinstance(found, Wrong):
        assert found.problems
        assert set(found.problems) <= {"title", "body", "audience", "answers", "respond_by", "day"}
        assert all(found.problems.values())


def test_refusals_find_their_fields():
    """Each of the feature's problems stands at its field, what has no field of the form under none."""
    assert problems_of(AudienceError("名簿がありません")).problems == {"audience": "名簿がありません。"}
    error = NoticeError(
        Problem(field="body", text="長すぎます"), Problem(field="send_at", text="過ぎました"),
        Problem(field="respond_by", text="開庁日に。"), Problem(field="respond_by", text="先に"), "ほかの人が変えました",
    )  # fmt: skip
    assert problems_of(error).problems == {
        "body": "長すぎます。", "day": "過ぎました。", "respond_by": "開庁日に。先に。", "": "ほかの人が変えました。",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://www.city.asaka.lg.jp/a?b=1#c", "www.city.asaka.lg.jp"),
        ("https://WWW.City.Asaka.lg.jp:8443", "www.city.asaka.lg.jp"),
        ("https://portal/休暇/申請.pdf", "portal"),
        ("http://www.city.asaka.lg.jp/", ""),
        ("https://www.city.asaka.lg.jp@evil.example/", ""),
        ("https://www.city.asaka.lg.jp\\@evil.example/", ""),
        ("https://www.city.asaka.lg.jp /", ""),
        ("https://朝霞.jp/", ""),
        ("https://a/\u202ex", ""),
        ("https://a/" + "x" * 3_000, ""),
        ("javascript:alert(1)//https://a", ""),
        ("", ""),
    ],
)
def test_where_a_link_leads(url, host):
    """The host that a browser would open; nothing where that could be read in two ways."""
    assert host_of(url) == host

"""What HR fills into a form of a chat, read as a notice; and where a link leads."""

from dataclasses import fields, replace
from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asaka_bot.broadcasts.notice import Content, Plan, Repeat, RepeatKind, Template
from asaka_bot.channels.links import host_of
from asaka_bot.channels.notice_draft import Draft, Offer, Ready, folded, from_template, unfolded, written
from asaka_bot.channels.notice_reading import Wrong, problems_of, read
from asaka_bot.errors import AudienceError, NoticeError, Problem
from asaka_bot.outgoing import Link, Translation
from asaka_bot.tokyo import TOKYO
from tests.fakes.notices_in_chat import IN_FULL, NOW, TEMPLATES, TOPICS

OFFER = Offer(templates=TEMPLATES, topics=TOPICS)
FILLED_CONTENT = Content(title="題名", body="本文", confirm=True)
FILLED = Draft(title="題名", body="本文", audience="全員", confirm=True)


def test_fields_become_a_notice():
    """Answers are parted, days and moments are those of Tokyo."""
    draft = replace(
        FILLED, answers="参加、不参加,参加", respond_by="2026-11-30", later=True, day="2026-11-25", at="09:00"
    )
    ready = read(draft, OFFER, NOW)
    assert isinstance(ready, Ready)
    assert ready.content.answers == ("参加", "不参加")
    assert ready.plan.send_at == datetime(2026, 11, 25, 9, 0, tzinfo=TOKYO)


def test_a_day_without_the_tick_is_no_appointment():
    """Only 日時を選んで送る makes a notice wait."""
    ready = read(replace(FILLED, day="2026-11-25", at="09:00"), OFFER, NOW)
    assert isinstance(ready, Ready)
    assert ready.plan.send_at is None


def test_what_is_written_is_read_back():
    """A notice fills the form with what makes the same notice again."""
    content = Content(title="題名", body="一\n\n二", answers=("参加", "不参加"), confirm=True, urgent=True)
    plan = Plan(audience="全員", send_at=datetime(2026, 11, 25, 9, 0, tzinfo=TOKYO))
    assert read(written(content, plan), Offer(), NOW) == Ready(content=content, plan=plan)


DETAILED = replace(
    written(FILLED_CONTENT, Plan(audience="全員")), topics=("annual-leave", "gone", "harassment"),
    links="会場の　地図　https://a.example/map\n\n様式 https://a.example/x", title_en="Title", body_en="One.\n\nTwo.",
    posts="slack:C0123ABCD teams:19:a@thread.tacv2\nslack:C0123ABCD", post_web=True, source=" 計画 ", replies=False,
    repeat="nth-weekday", repeat_number="-1", repeat_weekday="2", repeat_at="08:05", repeat_until="2027-03-31",
)  # fmt: skip


def test_details_become_parts_of_the_notice():
    """Topics that there are, links a line each, languages, posts once each, and the repeat."""
    ready = read(DETAILED, OFFER, NOW)
    assert isinstance(ready, Ready)
    content, plan = ready.content, ready.plan
    assert content.topics == ("annual-leave", "harassment")
    links = (Link(label="会場の 地図", url="https://a.example/map"), Link(label="様式", url="https://a.example/x"))
    assert content.links == links
    assert content.translations == (Translation(language="en", title="Title", paragraphs=("One.", "Two.")),)
    assert (content.source, content.replies) == ("計画", False)
    assert [str(post) for post in plan.posts] == ["web:everyone", "slack:C0123ABCD", "teams:19:a@thread.tacv2"]
    kind = RepeatKind.NTH_WEEKDAY
    assert plan.repeat == Repeat(kind=kind, at=time(8, 5), weekday=2, number=-1, until=date(2027, 3, 31))


def test_what_is_emptied_goes():
    """くわしい設定 that a person clears are gone from the notice; what nobody could see stays."""
    empty = written(FILLED_CONTENT, Plan(audience="全員"))
    for content, plan in IN_FULL:
        ready = read(empty, OFFER, NOW, Ready(content=content, plan=plan))
        assert isinstance(ready, Ready)
        assert (ready.content.links, ready.content.source, ready.plan) == ((), "", Plan(audience="全員"))
        assert [each.language for each in ready.content.translations] == ["zh"]


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"links": "様式"}, "links"),
        ({"links": "https://a.example/x"}, "links"),
        ({"links": "様式 http://a.example/x"}, "links"),
        ({"links": "様式 https://a.example@evil.example/"}, "links"),
        ({"links": "様式 https://a.example/\n" * 6}, "links"),
        ({"topics": tuple(str(n) for n in range(6))}, "topics"),
        ({"title_en": ""}, "title_en"),
        ({"body_easy": "ほんぶん"}, "title_easy"),
        ({"body_en": "x" * 3_001}, "body_en"),
        ({"posts": "fax:1"}, "posts"),
        ({"repeat": "yearly", "repeat_day": "2月30日"}, "repeat_day"),
        ({"repeat_at": ""}, "repeat_at"),
        ({"repeat": "hourly"}, "repeat_at"),
        ({"repeat_until": "2026-11-01"}, "repeat"),
        ({"repeat_until": "あした"}, "repeat_until"),
        ({"later": True, "day": "2026-11-25", "at": "09:00"}, "repeat"),
        ({"urgent": True}, "repeat"),
        ({"source": "あ" * 201}, "source"),
        ({"audience": "", "posts": "", "post_web": False}, "audience"),
    ],
)
def test_what_is_wrong_in_the_details_is_told_at_its_field(given, name):
    """By the name that the forms have for it, and nowhere else."""
    topics = [(str(number), "話題") for number in range(6)]
    found = read(replace(DETAILED, **given), Offer(topics=(*TOPICS, *topics)), NOW)
    assert isinstance(found, Wrong)
    assert list(found.problems) == [name]
    assert found.problems[name].endswith("。")


def test_a_notice_to_channels_alone_needs_no_audience():
    """Posts are enough."""
    ready = read(replace(FILLED, audience="", posts="web:everyone"), OFFER, NOW)
    assert isinstance(ready, Ready)
    assert (ready.plan.audience, [str(post) for post in ready.plan.posts]) == ("", ["web:everyone"])


def test_a_template_brings_its_details_unseen():
    """While くわしい設定 are folded; a notice that is rewritten takes only what it does not have."""
    template = Template(id="x", label="x", content=IN_FULL[0][0], plan=Plan(audience="全員"))
    offer = Offer(templates=(template,), topics=TOPICS)
    draft = from_template(folded(FILLED), "x", offer.templates)
    assert (draft.title, draft.links, draft.replies) == ("題名", None, None)
    new = read(replace(draft, respond_by=""), offer, NOW)
    assert isinstance(new, Ready)
    assert (new.content.links, new.content.replies) == (template.content.links, False)
    base = Ready(content=replace(FILLED_CONTENT, source="計画"), plan=Plan())
    again = unfolded(draft, offer, base)
    assert (again.source, again.links) == ("計画", written(template.content, template.plan).links)
    assert again.replies is True


EVERY = [(part, each.name) for part in (Content, Plan) for each in fields(part)]


@pytest.mark.parametrize(("part", "name"), EVERY)
def test_what_the_form_does_not_show_is_kept(part, name):
    """書き直す: of every field of a notice, what it says stays, whichever way it leaves."""
    for content, plan in IN_FULL:
        base = Ready(content=content, plan=plan)
        ready = read(Draft(title="新しい題名"), OFFER, NOW, base)
        assert isinstance(ready, Ready)
        assert ready.content.title == "新しい題名"
        before, after = (base.content, ready.content) if part is Content else (base.plan, ready.plan)
        assert name == "title" or getattr(after, name) == getattr(before, name)


@pytest.mark.parametrize("hidden", [None, *(each.name for each in fields(Draft))])
def test_what_is_left_as_it_stands_is_kept_to_the_letter(hidden):
    """A form sent back untouched, with or without one of its fields, is the same notice: nothing is tidied or parted."""
    for content, plan in IN_FULL:
        base = Ready(content=content, plan=plan)
        draft = written(content, plan)
        assert read(replace(draft, **{hidden: None}) if hidden else draft, OFFER, NOW, base) == base


TEXT = st.text(max_size=60)


ANYTHING = {
    name: st.none() | (st.booleans() if "bool" in kind else st.lists(TEXT).map(tuple) if "tuple" in kind else TEXT)
    for name, kind in ((each.name, str(each.type)) for each in fields(Draft) if each.name != "template")
}


@given(st.builds(Draft, **ANYTHING), st.sampled_from([None, *IN_FULL]))
def test_whatever_is_typed_is_a_notice_or_problems(draft, base):
    """Nothing raises, and each problem names a field and says something."""
    found = read(draft, OFFER, NOW, base and Ready(content=base[0], plan=base[1]))
    if isinstance(found, Wrong):
        assert found.problems
        assert set(found.problems) <= {each.name for each in fields(Draft)}
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

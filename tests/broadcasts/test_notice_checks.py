"""What is wrong with a notice, and with which of its fields."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest

from asaka_bot.broadcasts.notice import Content, Plan, Repeat, RepeatKind
from asaka_bot.broadcasts.notice_checks import problems, shape_problems
from asaka_bot.broadcasts.notice_templates import TEMPLATES
from asaka_bot.outgoing import Address, Link, Translation
from asaka_bot.tokyo import TOKYO

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=TOKYO)
GOOD, TO_ALL = Content(title="題名", body="本文", confirm=True), Plan(audience="全員")
WEEKLY = Repeat(kind=RepeatKind.WEEKLY, at=time(9))
SAFE, UNSAFE = Link(label="様式", url="https://a.example/"), Link(label="様式", url="http://a.example/")


def english(title: str, *paragraphs: str) -> tuple[Translation, ...]:
    return (Translation(language="en", title=title, paragraphs=paragraphs),)


@pytest.mark.parametrize(
    ("content", "plan", "found"),
    [
        ({"title": " "}, {}, [("title", 0)]),
        ({"title": "あ" * 101}, {}, [("title", 0)]),
        ({"title": "〔研修名〕", "body": "〔日〕"}, {}, [("title", 0), ("body", 0)]),
        ({"body": "あ" * 3_001}, {}, [("body", 0)]),
        ({"source": "あ" * 201}, {}, [("source", 0)]),
        ({"topics": ("a", "b", "c", "d", "e", "f")}, {}, [("topics", 0)]),
        ({"links": (SAFE, UNSAFE, UNSAFE)}, {}, [("links", 2), ("links", 3)]),
        ({"links": (SAFE,) * 6}, {}, [("links", 0)]),
        ({"answers": ("はい", "い" * 21, "はい")}, {}, [("answers", 2), ("answers", 3)]),
        ({"answers": tuple("一二三四五")}, {}, [("answers", 0)]),
        ({"translations": english("", "text")}, {}, [("title-en", 0)]),
        ({"translations": english("Title")}, {}, [("body-en", 0)]),
        ({"translations": english("x" * 101, "y" * 3_001)}, {}, [("title-en", 0), ("body-en", 0)]),
        ({"respond_by": date(2026, 11, 23)}, {}, [("respond_by", 0)]),
        ({"respond_by": date(2026, 11, 30), "confirm": False}, {}, [("respond_by", 0)]),
        ({"respond_by": date(2026, 11, 30)}, {"repeat": WEEKLY}, [("respond_by", 0)]),
        ({"urgent": True}, {"repeat": WEEKLY}, [("repeat", 0)]),
        ({}, {"repeat": replace(WEEKLY, until=date(2026, 11, 23))}, [("repeat", 0)]),
        ({}, {"repeat": WEEKLY, "send_at": NOW + timedelta(days=1)}, [("repeat", 0)]),
        ({}, {"send_at": NOW}, [("send_at", 0)]),
        ({}, {"send_at": NOW + timedelta(days=401)}, [("send_at", 0)]),
        ({}, {"audience": ""}, [("audience", 0)]),
        ({}, {"posts": (Address(channel="fax", to="1"),)}, [("posts", 0)]),
        ({}, {"posts": (Address(channel="slack", to="C1"),) * 21}, [("posts", 0)]),
        ({}, {}, []),
    ],
)
def test_each_problem_names_its_field(content, plan, found):
    """By the name that `Content` and `Plan` have for it; of several links or answers the one that is meant."""
    said = problems(replace(GOOD, **content), replace(TO_ALL, **plan), NOW)
    assert [(each.field, each.item) for each in said] == found
    assert all(each.text for each in said)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda each: each.id)
def test_every_template_can_be_kept(template):
    """Nothing of what a template brings is more than a notice may hold."""
    assert shape_problems(template.content, template.plan) == ()

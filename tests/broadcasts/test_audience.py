"""Audiences: how they are written, and whom they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asaka_bot.broadcasts.audience import (
    AtWorkplace,
    Contacts,
    Either,
    Everyone,
    Except,
    InOffice,
    Listed,
    OfEmployment,
    OfPosition,
    One,
    expand,
)
from asaka_bot.broadcasts.audience_text import as_text, parse
from asaka_bot.broadcasts.invented_staff import invented_staff
from asaka_bot.broadcasts.staff import Employment, Position
from asaka_bot.errors import AudienceError
from asaka_bot.outgoing import Address, ContactPoint
from tests.fakes.staff import people, person

STAFF = [
    person(1, office=("総務部",), title="部長"),
    person(2, office=("総務部", "職員課"), title="課長", workplace="本庁舎"),
    person(3, office=("総務部", "職員課", "庶務係"), title="主任"),
    person(4, office=("総務部", "財政課", "庶務係"), employment=Employment.FIXED_TERM, email=""),
    person(5, office=("福祉部", "福祉相談課"), workplace="図書館 本館"),
    person(6, office=("総務部", "職員課"), active=False),
]
NAMES = st.sampled_from(["職員課", "総務部", "図書館 本館", "A(B)"])
SIMPLE = st.one_of(
    st.just(Everyone()),
    st.builds(InOffice, office=st.sampled_from([("総務部",), ("総務部", "職員課"), ("課(分室)",)])),
    st.builds(OfPosition, position=st.sampled_from(Position)),
    st.builds(OfEmployment, employment=st.sampled_from(Employment)),
    st.builds(AtWorkplace, workplace=NAMES),
    st.builds(Listed, name=NAMES),
    st.builds(One, staff_id=st.sampled_from(["1", "10-023"])),
)
AUDIENCES = st.recursive(
    SIMPLE,
    lambda inner: st.one_of(st.builds(Either, first=inner, second=inner), st.builds(Except, first=inner, second=inner)),
    max_leaves=8,
)


def ids(text, lists=None):
    found = expand(parse(text), STAFF, Contacts(), lists)
    return "".join(one.person.staff_id for one in found)


@given(AUDIENCES)
def test_what_is_written_is_read_back(audience):
    """Every audience has a text that means the same."""
    written = parse(as_text(audience))
    assert as_text(written) == as_text(audience)
    assert written == audience


@pytest.mark.parametrize(
    ("text", "whom"),
    [
        ("全員", "51234"),
        ("所属:総務部", "1234"),
        ("所属：総務部／職員課", "23"),
        ("所属:職員課", "23"),
        ("所属:職員課/庶務係", "3"),
        ("職位:所属長", "2"),
        ("職位:管理職員", "12"),
        ("任用:会計年度", "4"),
        ('勤務場所:"図書館 本館"', "5"),
        ("名簿:研修", "53"),
        ("person:5 + office:職員課", "523"),
        ("全員 − 所属:総務部", "5"),
        ("全員 除く （職位:管理職員 または 職員:5）", "34"),
        ("全員 - 所属:総務部 + 職員:2", "52"),
    ],
)
def test_whom_an_audience_means(text, whom):
    """Each once, by office, rank and number; who has left is never in it."""
    assert ids(text, {"研修": frozenset({"3", "5", "6", "99"})}) == whom


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "宛先が空です"),
        ("職員課", "「職員課」が分かりません"),
        ("課:職員課", "「課:職員課」が分かりません"),
        ("所属:", "名前がありません"),
        ("職位:えらい人", "職位「えらい人」はありません"),
        ("任用:派遣", "任用形態「派遣」はありません"),
        ("全員 +", "途中で終わっています"),
        ("全員 職員:1", "「職員:1」の前に「\\+」か「-」が必要"),
        ("(全員", "閉じていません"),
        ("全員)", "前に「\\(」がありません"),
        ('勤務場所:"本庁舎', "引用符"),
        ("(" * 40 + "全員", "深すぎます"),
        ("全員 + " * 400 + "全員", "長すぎます"),
        ("所属:庶務係", "2つあります（総務部/職員課/庶務係、総務部/財政課/庶務係）"),
        ("所属:職員", "いまの名簿にありません"),
        ("職員:6", "職員番号 6の職員は、いまの名簿にいません"),
        ("勤務場所:月", "いまの名簿にいません"),
        ("名簿:月", "「月」という名簿はありません"),
    ],
)
def test_mistakes_are_named(text, said):
    """What is wrong, with the word."""
    with pytest.raises(AudienceError, match=said):
        ids(text)


def test_who_is_unreachable_and_why():
    """No address in the directory, never met, gone, or reached on every platform where the bot is known."""
    points = [
        ContactPoint(channel="teams", user="t", address="a:1", email="S1@city-asaka.example"),
        ContactPoint(channel="slack", user="U1", address="D1", email="s1@city-asaka.example"),
        ContactPoint(channel="slack", user="U2", address="D2", email="s2@city-asaka.example", reachable=False),
        ContactPoint(channel="slack", user="U9", address="D9"),
    ]
    found = {one.person.staff_id: one for one in expand(Everyone(), STAFF, Contacts.of(points))}
    assert found["1"].addresses == (Address(channel="slack", to="D1"), Address(channel="teams", to="a:1"))
    assert found["1"].unreachable == ""
    assert "削除" in found["2"].unreachable
    assert "つながっていません" in found["3"].unreachable
    assert "メールアドレスがありません" in found["4"].unreachable


@given(people(st.booleans()))
def test_an_exception_and_what_it_takes_away_are_all(found):
    """Who is meant and who is excepted together are everyone, and nobody is in both."""

    def chosen(text):
        return {one.person.staff_id for one in expand(parse(text), found, Contacts())}

    assert chosen("全員 - 職位:管理職員") | chosen("職位:管理職員") == chosen("全員")
    assert not chosen("全員 - 職位:管理職員") & chosen("職位:管理職員")


def test_the_invented_city_hall():
    """The same seed gives the same people; 49 課, each with somebody who leads it, no name twice."""
    staff = invented_staff(1000, seed=3)
    assert staff == invented_staff(1000, seed=3)
    assert staff != invented_staff(1000, seed=4)
    assert len({each.office[:2] for each in staff if len(each.office) > 1}) == 49
    assert len({each.name for each in staff}) == len({each.staff_id for each in staff}) == 1000
    assert len(expand(parse("職位:所属長"), staff, Contacts())) >= 49
    assert len({each.office[:2] for each in invented_staff(49)}) == 49

"""Notices on Teams: how they look, what a press does, what people write back."""

import asyncio
from types import SimpleNamespace

import pytest

from asaka_bot.channels.teams.announcement import message_card
from asaka_bot.channels.teams.inbound import Kind, Person, Place, Pressed
from asaka_bot.channels.teams.notice_dialogue import AGAIN, EMPTY, TROUBLE, NoticeDialogue, my_notices
from asaka_bot.channels.teams.notice_writing import NoticeDesk
from asaka_bot.channels.teams.parts import Shown, as_json
from asaka_bot.channels.teams.pressed import MyNotices, Respond, WriteBack, read, written
from asaka_bot.channels.teams.render import NEUTRAL
from asaka_bot.channels.without_notices import WithoutWriting
from asaka_bot.outgoing import Link, Message, Response, Translation
from asaka_bot.tokyo import now_in_tokyo
from tests.channels.teams import cards
from tests.channels.teams.bot import Silent
from tests.channels.teams.contacts import Log
from tests.channels.teams.test_render import golden, payloads
from tests.fakes.notices_in_chat import CHOICE, CONFIRMED, NOTICE, MemoryResponses, my_notice

PERSON = Person(id="29:1", user="aad-1")
CONFIRM = Respond(delivery="mark-1", response="confirm")
URGENT_WORDS = "もう死にたいです"


@pytest.mark.parametrize(("name", "sent"), [("notice", NOTICE), ("notice-urgent", CHOICE), ("notice-done", CONFIRMED)])
def test_a_notice_looks_as_it_did(name, sent):
    """A notice to confirm, an urgent one with answers, and one that was confirmed have their golden files."""
    shown = message_card(sent, "mark-1")
    tree = cards.check(shown.card)
    golden(name, {"summary": shown.summary, "card": tree})
    assert cards.keeps_the_schema(tree)
    assert not cards.live_parts(tree)


def test_buttons_carry_marker_and_response_and_nothing_else():
    """What travels in a button is the delivery and the response's id."""
    tree = as_json(message_card(CHOICE, "mark-1").card)
    assert [a["data"] for a in cards.actions(tree, "respond")] == [
        {"delivery": "mark-1", "response": f"answer-{n}"} for n in (1, 2, 3)
    ]
    assert [a["data"] for a in cards.actions(tree, "reply")] == [{"delivery": "mark-1"}]


def test_a_preview_has_no_buttons_of_a_notice():
    """Without a delivery nobody could tell whose press it was."""
    tree = as_json(message_card(NOTICE).card)
    assert [a["verb"] for a in cards.actions(tree)] == ["menu"]


def test_translations_wait_behind_their_language():
    """Each language opens below a button that says it in that language."""
    tree = as_json(message_card(NOTICE, "m").card)
    openers = [e for e in cards.elements(tree) if e["type"] == "Action.ToggleVisibility"]
    assert [e["title"] for e in openers] == ["English", "やさしい日本語"]
    hidden = [e for e in cards.elements(tree) if e.get("isVisible") is False]
    assert "The dates are set." in cards.texts(hidden)


def test_links_show_where_they_lead():
    """The host stands behind the label, and what isn't plain https is no link."""
    links = tuple(
        Link(label="市の規則", url=url) for url in ("https://evil.example/a", "http://a.jp", "https://a@b.jp")
    )
    texts = [
        t.replace("\u200b", "")
        for t in cards.texts(as_json(message_card(Message(title="題", paragraphs=(), links=links)).card))
    ]
    assert "[市の規則](https://evil.example/a)（evil.example）" in texts
    assert texts.count("市の規則") == 2


def filled(text: str) -> Message:
    """A notice with `text` in every field that people fill."""
    return Message(
        title=text,
        paragraphs=(text,),
        source=text,
        urgent=True,
        due=text,
        links=(Link(label=text, url="https://example.com/a"), Link(label=text, url=f"http://{text}")),
        responses=tuple(Response(id=f"answer-{n}", label=text) for n in range(1, 5)),
        replies=True,
        translations=(Translation(language="en", title=text, paragraphs=(text,)),) * 2,
    )


def test_markup_in_a_notice_stays_text():
    """X6: of 500 payloads in title, body, link, answer, translation, list and sentence, none makes anything live."""
    for text in payloads():
        for shown in (message_card(filled(text), "m"), my_notices([my_notice(title=text)], text)):
            tree = as_json(shown.card)
            assert not cards.live_parts(tree), cards.live_parts(tree)
            assert not cards.live_parts({"type": "TextBlock", "text": shown.summary})
            assert "msteams" not in tree


def test_a_huge_notice_keeps_its_buttons():
    """Cut to what Teams takes, with all that there is to press."""
    tree = cards.check(message_card(filled("長" * 9_000), "m").card)
    assert len(cards.actions(tree, "respond")) == 4
    assert cards.actions(tree, "reply")


@pytest.mark.parametrize("press", [CONFIRM, Respond(delivery="m", response="answer-4", listed=True), MyNotices()])
def test_presses_come_back(press):
    """What is written into a button is read back from it."""
    assert read(*written(press)) == press


def test_a_reply_comes_back_with_its_text():
    """The text is the input of the form; foreign values are cut, and without a delivery it is no press of ours."""
    verb, said = written(WriteBack(delivery="m"))
    assert read(verb, said | {"reply": " 出張です "}) == WriteBack(delivery="m", text="出張です")
    assert read(verb, said | {"reply": ["x"]}) == WriteBack(delivery="m")
    assert len(read(verb, said | {"reply": "あ" * 9_000}).text) == 2_000
    assert read(verb, {"reply": "x"}) is None
    assert read("respond", {"delivery": "m", "response": 5}) is None


def pressed(press: object, kind: Kind = Kind.PERSONAL, event: str = "e1") -> Pressed:
    place = Place(conversation="a:1", kind=kind, service_url="http://127.0.0.1", tenant="t")
    return Pressed(event=event, place=place, person=PERSON, press=press)


@pytest.fixture
def answer(service):
    """What Teams shows in answer to presses, and what has happened meanwhile."""

    def go(*every: Pressed, **given):
        async def inside():
            responses, connector = MemoryResponses(**given), Silent()
            dialogue = NoticeDialogue(service, responses, Log(), connector, NoticeDesk(WithoutWriting(), now_in_tokyo))
            shown = [await dialogue.answer(each, each.press) for each in every]
            return SimpleNamespace(shown=shown, responses=responses, posted=connector.posted)

        return asyncio.run(inside())

    return go


def test_a_press_is_answered_with_the_card_as_it_reads_now(answer):
    """In the personal chat the confirmed notice stands in place of the pressed one."""
    done = answer(pressed(CONFIRM))
    assert done.responses.pressed == [("teams", "aad-1", "mark-1", "confirm")]
    assert "11月24日（火）に確認しました。" in cards.texts(as_json(done.shown[0].card))


def test_a_press_that_changes_nothing_is_answered_with_the_sentence(answer):
    """Where the notice stays as it is, the person reads a sentence."""
    assert answer(pressed(CONFIRM), after=None).shown == ["確認しました。ありがとうございます。"]


@pytest.mark.parametrize("kind", [Kind.GROUP, Kind.CHANNEL])
def test_others_in_a_conversation_see_no_change(answer, kind):
    """In a group or channel only the presser reads the sentence; the card stays for all."""
    assert answer(pressed(CONFIRM, kind)).shown == ["確認しました。ありがとうございます。"]


def test_a_press_delivered_again_counts_once(answer):
    """Copies of one press are one; another press reaches the feature as well."""
    done = answer(pressed(CONFIRM), pressed(CONFIRM), pressed(CONFIRM, event="e2"))
    assert done.shown[1] == AGAIN
    assert len(done.responses.pressed) == 2


def test_a_press_that_fails_says_so(answer):
    """The person learns that nothing was counted."""
    assert answer(pressed(CONFIRM), broken=True).shown == [TROUBLE]


def test_a_reply_reaches_hr_as_written(answer):
    """The text goes with the delivery's marker; the sentence confirms it."""
    done = answer(pressed(WriteBack(delivery="mark-1", text="この日は<出張>です。")))
    assert done.responses.replies == [("teams", "aad-1", "mark-1", "この日は<出張>です。")]
    assert (done.shown, done.posted) == (["職員課に届きました。"], [])


def test_an_empty_reply_goes_nowhere(answer):
    """Nothing written, nothing sent."""
    done = answer(pressed(WriteBack(delivery="mark-1")))
    assert (done.shown, done.responses.replies) == ([EMPTY], [])


def test_a_reply_with_signs_of_danger_brings_the_contacts(answer):
    """In the personal chat they stand as a message of their own, and the reply arrives as agreed."""
    done = answer(pressed(WriteBack(delivery="mark-1", text=URGENT_WORDS)))
    [(conversation, contacts)] = done.posted
    assert (conversation, "いま頼れる相談先があります" in contacts) == ("a:1", True)
    assert done.shown == ["職員課に届きました。"]
    assert len(done.responses.replies) == 1


def test_a_cry_for_help_in_a_group_is_seen_by_nobody_else(answer):
    """There the contacts are the answer to the press, which only the person sees."""
    done = answer(pressed(WriteBack(delivery="mark-1", text=URGENT_WORDS), Kind.GROUP))
    assert done.posted == []
    assert "いま頼れる相談先があります" in cards.texts(as_json(done.shown[0].card))


def test_my_notices_are_a_card():
    """Those to confirm are marked and have a button that stays in the list; the notification says nothing."""
    shown = my_notices([my_notice(3), my_notice(2, wants=False)])
    tree = cards.check(shown.card)
    golden("notices-mine", {"summary": shown.summary, "card": tree})
    assert cards.keeps_the_schema(tree)
    assert shown.summary == NEUTRAL
    [confirm] = cards.actions(tree, "respond")
    assert confirm["data"] == {"delivery": "mark-3", "response": "confirm", "listed": "yes"}


def test_a_press_in_the_list_draws_it_anew(answer):
    """The sentence stands on top, and the mark is gone."""
    done = answer(
        pressed(Respond(delivery="mark-1", response="confirm", listed=True)), listed=[my_notice(1), my_notice(2)]
    )
    assert isinstance(done.shown[0], Shown)
    texts = cards.texts(as_json(done.shown[0].card))
    assert "確認しました。ありがとうございます。" in texts
    assert texts.count("【未確認】") == 1


def test_an_empty_list_says_so():
    """Nothing to show is no error."""
    assert "新しいお知らせはありません。" in cards.texts(as_json(my_notices([]).card))


def test_a_notice_without_responses_has_no_buttons_of_them():
    """What replaces a confirmed or recalled notice offers nothing to press but the menu."""
    tree = as_json(message_card(Message(title="取り消しました", paragraphs=("本文",)), "mark-1").card)
    assert [a["verb"] for a in cards.actions(tree)] == ["menu"]

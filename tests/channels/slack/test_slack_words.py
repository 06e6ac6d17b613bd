"""Small parts: what was typed, what is shown, what is remembered."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asaka_bot.answering.conversation import Context
from asaka_bot.channels.slack import heard, mrkdwn
from asaka_bot.channels.slack.conversations import Conversations, Key
from asaka_bot.channels.slack.payload import name_of, part, place_of_message, place_of_press, team_of, word
from asaka_bot.channels.slack.signature import genuine
from tests.fakes.slack_bot import SECRET


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("<@U0BOT> 年休は？", "年休は？"),
        ("<@U0BOT|bot>年休は？<!here>", "年休は？"),
        ("<https://example.com|資料>と<https://example.com/x>", "資料とhttps://example.com/x"),
        ("<#C1|総務課>の休み", "総務課の休み"),
        ("1 &lt; 2 &amp;amp; 3", "1 < 2 &amp; 3"),
        ("あ" * 3_000, "あ" * 1_000),
        (None, ""),
        (["x"], ""),
    ],
)
def test_what_was_typed(text, typed):
    """Slack's markup becomes what the person wrote."""
    assert heard.typed(text) == typed


@given(st.text(max_size=400), st.integers(min_value=1, max_value=120))
def test_cut_texts_are_short_and_escaped(text, most):
    """Whatever the text: never too long, never a bare sign, never half an entity."""
    shown = mrkdwn.cut_escaped(text, most)
    assert len(shown) <= most
    assert "<" not in shown
    assert ">" not in shown
    assert shown.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "").count("&") == 0


@pytest.mark.parametrize("url", ["javascript:alert(1)", "https://x>y", "https://x|y", "ftp://x", "", "https://x y"])
def test_strange_addresses_become_no_link(url):
    """Only addresses of the web become links."""
    assert mrkdwn.link(url, "資料") == "資料"


def key(user: str = "U1", **given: str) -> Key:
    return Key(**{"team": "T", "channel": "C", "thread": "1", "user": user} | given)


def test_conversations_expire_and_are_bounded(now):
    """After ten minutes a conversation is forgotten; beyond the bound the oldest is."""
    kept = Conversations(most=3)
    for number in range(5):
        kept.put(key(f"U{number}"), Context(topic="annual-leave", at=now), now)
    assert len(kept) == 3
    assert kept.get(key("U0"), now) is None
    assert kept.get(key("U4"), now) is not None
    assert kept.get(key("U4"), now + timedelta(minutes=10)) is None
    later = now + timedelta(minutes=11)
    kept.put(key("U9"), Context(at=later), later)
    assert len(kept) == 1


def test_conversations_are_apart(now):
    """Another person, thread or channel is another conversation."""
    kept = Conversations()
    kept.put(key(), Context(topic="annual-leave", at=now), now)
    for other in (key("U2"), key(thread="2"), key(channel="D"), key(team="T2")):
        assert kept.get(other, now) is None


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["user", "channel", "message", "container", "team", "id", "team_id", "thread_ts", "response_url"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@given(JUNK)
def test_payloads_of_any_shape_are_read(junk):
    """Whatever is missing or of the wrong kind reads as empty; nothing raises."""
    body = junk if isinstance(junk, dict) else {"user": junk, "channel": junk, "message": junk, "container": junk}
    for place in (place_of_press(body), place_of_message(body, body)):
        assert isinstance(place.user, str)
        assert isinstance(place.channel, str)
    assert isinstance(team_of(body), str)
    assert word(junk, "id") == "" or isinstance(junk, dict)
    assert part(junk, "user", "id") == {} or isinstance(junk, dict)


def test_names_of_events_tell_nothing():
    """An event's name holds neither person nor channel, and differs with every part."""
    name = name_of("said", "T1", "D1", "1.1")
    assert len(name) == 40
    assert name != name_of("said", "T1", "D11", ".1")
    assert "D1" not in name


@given(st.binary(max_size=80), st.binary(max_size=80), st.binary(max_size=80))
def test_no_header_breaks_the_check(body, stamp, signature):
    """Random bytes are never genuine and never an error."""
    assert genuine(body, stamp, signature, SECRET, 1_700_000_000.0) is False

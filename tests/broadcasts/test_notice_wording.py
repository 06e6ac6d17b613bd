"""Moments of notices as people read them."""

from datetime import UTC, datetime

from asaka_bot.broadcasts.notice_wording import answered, moment_text
from asaka_bot.outgoing import Message
from asaka_bot.tokyo import clock

MOMENT = datetime(2026, 11, 22, 0, 5, tzinfo=UTC)


def test_hours_have_no_zero_before_them():
    """9:05 in Tokyo, alone, with its day, and in what stands in the place of a button."""
    assert clock(MOMENT) == "9:05"
    assert moment_text(MOMENT) == "11月22日 9:05"
    assert answered(Message(title="題名", paragraphs=()), answer="", at=MOMENT).due == "確認しました（11月22日 9:05）。"

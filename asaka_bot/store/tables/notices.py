"""Notices of HR: their text, whom they mean, and what came back."""

from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from asaka_bot.store.tables.columns import Id, Moment, metadata

# Notices of HR, one row each; a day of a repeating notice is a row of its own.
notice = Table(
    "notice",
    metadata,
    Column("id", Id, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("state", String(10), nullable=False, index=True),  # broadcasts.notice.NoticeState
    Column("content", Text, nullable=False),  # broadcasts.notice.Content as JSON
    Column("plan", Text, nullable=False),  # broadcasts.notice.Plan as JSON
    Column("digest", String(64), nullable=False),  # of title and text, to find the same one again
    Column("made_by", String(120), nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("submitted_by", String(120)),
    Column("submitted_at", Moment),
    Column("approved_by", String(120)),
    Column("approved_at", Moment),
    Column("reviewed_by", String(120)),  # of an urgent one, afterwards
    Column("reviewed_at", Moment),
    Column("due_at", Moment, index=True),  # scheduled: when it leaves; a repeating one: its next day
    Column("sent_at", Moment, index=True),
    Column("ended_by", String(120)),
    Column("ended_at", Moment),
    Column("note", Text, nullable=False),
    Column("recipients", Integer, nullable=False),  # people, as frozen
    Column("unreachable", Integer, nullable=False),  # of these
    Column("agreed", Text, nullable=False),  # JSON: the questions that were agreed to
    Column("series", Id, ForeignKey("notice.id")),
    Column("series_day", Date),
    UniqueConstraint("series", "series_day"),
)

# The messages that carry a notice: the first, and one for each 再通知.
notice_message = Table(
    "notice_message",
    metadata,
    Column("message_id", Id, ForeignKey("message.id"), primary_key=True),
    Column("notice", Id, ForeignKey("notice.id"), nullable=False),
    Column("round", Integer, nullable=False),  # 0: the notice itself
    Column("sent_by", String(120)),  # of a 再通知
    UniqueConstraint("notice", "round"),
)

# Whom a notice means, frozen when it was submitted, with what each of them answered.
notice_recipient = Table(
    "notice_recipient",
    metadata,
    Column("notice", Id, ForeignKey("notice.id"), primary_key=True),
    Column("staff_id", String(20), primary_key=True),
    Column("name", String(100), nullable=False),
    Column("office", String(200), nullable=False),
    Column("title", String(100), nullable=False),
    Column("place", Integer, nullable=False),  # in the order of the directory
    Column("listed", Boolean, nullable=False),  # False: no recipient, but confirmed below a channel post
    Column("unreachable", Text),  # why there is no address
    Column("confirmed_at", Moment),
    Column("confirmed_by", String(120)),  # 代理確認: who did it for them
    Column("confirmed_on", String(20)),  # the channel
    Column("answer", Integer),  # 1 to 4
    Column("answered_at", Moment),
    Index("notice_recipient_confirmed", "notice", "confirmed_at"),
)

# What people wrote back to HR.
notice_reply = Table(
    "notice_reply",
    metadata,
    Column("id", Id, primary_key=True),
    Column("notice", Id, ForeignKey("notice.id"), nullable=False),
    Column("staff_id", String(20), nullable=False),
    Column("text", Text, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("handled_by", String(120)),
    Column("handled_at", Moment),
)

"""Decided days of the reminders, HR's pauses, and moments to remember."""

from sqlalchemy import Column, Date, ForeignKey, String, Table, Text, UniqueConstraint

from asaka_bot.store.tables.columns import Id, Moment, metadata

# Each due day of each rule, decided once, with what was decided.
occurrence = Table(
    "occurrence",
    metadata,
    Column("id", Id, primary_key=True),
    Column("rule", String(80), nullable=False),
    Column("local_date", Date, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("title", Text, nullable=False),
    Column("audience", String(80), nullable=False),
    Column("status", String(10), nullable=False),  # reminders.occurrences.Status
    Column("note", Text, nullable=False),  # why it was merged, skipped, suspended or missed
    Column("message_id", Id, ForeignKey("message.id")),
    Column("decided_at", Moment, nullable=False),
    UniqueConstraint("rule", "local_date"),
)

# HR pauses all rules, or one, from one day to another.
suspension = Table(
    "suspension",
    metadata,
    Column("id", Id, primary_key=True),
    Column("rule", String(80)),  # None: every rule
    Column("first_day", Date, nullable=False),
    Column("last_day", Date, nullable=False),
    Column("reason", Text, nullable=False),
    Column("made_by", String(120), nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("ended_at", Moment),  # resumed before its last day
    Column("ended_by", String(120)),
)

# Moments to remember by name: the first start, below which nothing counts as missed.
milestone = Table(
    "milestone",
    metadata,
    Column("name", String(120), primary_key=True),
    Column("moment", Moment, nullable=False),
)

"""The tables of the database."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

metadata = MetaData()


class Moment(TypeDecorator[datetime]):
    """An aware moment; SQLite, which knows no time zones, keeps it in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Refuse a moment without a zone: it could mean anything."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """An aware moment in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# SQLite counts rows up by itself in a column that is INTEGER and nothing else.
_Id = BigInteger().with_variant(Integer, "sqlite")

# One row a press of 役に立った / 立たなかった. It names no person and no moment, the month only; for sensitive
# topics neither facet nor question is kept.
feedback = Table(
    "feedback",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("month", String(7), nullable=False, index=True),  # 2026-11
    Column("topic", String(80), nullable=False),
    Column("facet", String(20)),
    Column("helpful", Boolean, nullable=False),
    Column("question", Text),
)

# What leaves, once; its deliveries say to whom.
message = Table(
    "message",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("kind", String(20), nullable=False),  # outgoing.Kind
    Column("origin", String(80), nullable=False),  # the rule or notice it comes from
    Column("content", Text, nullable=False),  # outgoing.Message as JSON
    Column("priority", Integer, nullable=False),  # the smaller leaves first
    Column("when_uncertain", String(10), nullable=False),  # outgoing.WhenUncertain
    Column("until", Moment),  # later than this it does not leave any more
    Column("withdrawn_at", Moment),  # what comes back from the platform later does not leave again either
    Column("created_at", Moment, nullable=False),
)

# The outbox: one row for each recipient and channel of a message.
delivery = Table(
    "delivery",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("marker", String(32), nullable=False, unique=True),
    Column("message_id", _Id, ForeignKey("message.id"), nullable=False),
    Column("recipient", String(120), nullable=False),  # the person or audience meant
    Column("channel", String(20), nullable=False),
    Column("address", String(200), nullable=False),
    Column("priority", Integer, nullable=False),  # of the message; here for the index
    Column("state", String(10), nullable=False),  # delivery.outbox.State
    Column("attempts", Integer, nullable=False),
    Column("due_at", Moment, nullable=False),  # pending: not before; unknown: when to look it up
    Column("started_at", Moment),  # of the last call
    Column("lease_holder", String(40)),  # sending, or being looked up: the replica
    Column("lease_until", Moment),  # afterwards another replica takes over
    Column("finished_at", Moment),
    Column("platform_ref", String(200)),
    Column("reason", Text),  # why it is unknown, held, dead or cancelled
    UniqueConstraint("message_id", "recipient", "channel"),
    Index("delivery_waiting", "state", "channel", "priority", "due_at", "id"),
)

# When an address may be written to again; a row appears with the first delivery to it.
destination = Table(
    "destination",
    metadata,
    Column("channel", String(20), primary_key=True),
    Column("address", String(200), primary_key=True),
    Column("free_at", Moment, nullable=False),
)

# When a platform as a whole may be called again, shared by all replicas.
pace = Table(
    "pace",
    metadata,
    Column("channel", String(20), primary_key=True),
    Column("free_at", Moment, nullable=False),
)

# Each due day of each rule, decided once, with what was decided.
occurrence = Table(
    "occurrence",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("rule", String(80), nullable=False),
    Column("local_date", Date, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("title", Text, nullable=False),
    Column("audience", String(80), nullable=False),
    Column("status", String(10), nullable=False),  # reminders.occurrences.Status
    Column("note", Text, nullable=False),  # why it was merged, skipped, suspended or missed
    Column("message_id", _Id, ForeignKey("message.id")),
    Column("decided_at", Moment, nullable=False),
    UniqueConstraint("rule", "local_date"),
)

# HR pauses all rules, or one, from one day to another.
suspension = Table(
    "suspension",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("rule", String(80)),  # None: every rule
    Column("first_day", Date, nullable=False),
    Column("last_day", Date, nullable=False),
    Column("reason", Text, nullable=False),
    Column("made_by", String(120), nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("ended_at", Moment),  # resumed before its last day
    Column("ended_by", String(120)),
)

# What the web chat has received, for each audience. The marker makes a second arrival impossible.
inbox = Table(
    "inbox",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("marker", String(32), nullable=False, unique=True),
    Column("address", String(200), nullable=False, index=True),
    Column("content", Text, nullable=False),
    Column("received_at", Moment, nullable=False),
)

# Nothing leaves while a row here is not released: after a restore it is unknown what has left since the copy.
sending_hold = Table(
    "sending_hold",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("since", Moment, nullable=False),
    Column("released_at", Moment),
    Column("released_by", String(120)),
)

# Moments to remember by name: the first start, below which nothing counts as missed.
milestone = Table(
    "milestone",
    metadata,
    Column("name", String(120), primary_key=True),
    Column("moment", Moment, nullable=False),
)

# Links printed at start that sign a person in once; only their digests are kept.
sign_in_link = Table(
    "sign_in_link",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("person", String(120), nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("used_at", Moment),
)

# People of HR who are signed in; only the digest of what the browser holds is kept.
hr_session = Table(
    "hr_session",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("person", String(120), nullable=False),
    Column("csrf", String(64), nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
)

# Events of platforms that have been acted on, so that one delivered again does nothing; kept for a few days.
seen_event = Table(
    "seen_event",
    metadata,
    Column("channel", String(20), primary_key=True),
    Column("event", String(200), primary_key=True),
    Column("seen_at", Moment, nullable=False, index=True),
)

# Where people are reached on a platform, learned at first contact.
contact_point = Table(
    "contact_point",
    metadata,
    Column("channel", String(20), primary_key=True),
    Column("user", String(120), primary_key=True),
    Column("address", String(300), nullable=False),
    Column("email", String(254), nullable=False, index=True),
    Column("service_url", String(300), nullable=False),
    Column("tenant", String(120), nullable=False),
    Column("reachable", Boolean, nullable=False),
    Column("learned_at", Moment, nullable=False),
)

# What people of HR did, each row chained to the one before (`asaka_bot.audit`). Triggers refuse to change or remove rows.
audit = Table(
    "audit",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=False),  # without gaps, so that a missing row shows
    Column("at", Moment, nullable=False),
    Column("person", String(120), nullable=False),
    Column("action", String(40), nullable=False),  # audit.Action
    Column("subject", String(200), nullable=False),
    Column("details", Text, nullable=False),  # canonical JSON
    Column("previous", String(64), nullable=False, unique=True),  # no two rows follow on the same one
    Column("digest", String(64), nullable=False),
)

# Who works at city hall, as the last import knows them. Who has left stays, inactive, for the undo and for receipts.
person = Table(
    "person",
    metadata,
    Column("staff_id", String(20), primary_key=True),
    Column("name", String(100), nullable=False),
    Column("office", String(200), nullable=False),  # 総務部/職員課/人事係
    Column("title", String(100), nullable=False),
    Column("employment", String(20), nullable=False),  # broadcasts.staff.Employment
    Column("email", String(254), nullable=False, index=True),  # in lower case
    Column("workplace", String(100), nullable=False),
    Column("active", Boolean, nullable=False),
)

# Each import, with what it takes to undo it.
staff_import = Table(
    "staff_import",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("made_by", String(120), nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("file", String(200), nullable=False),  # its name
    Column("joined", Integer, nullable=False),
    Column("moved", Integer, nullable=False),
    Column("left", Integer, nullable=False),
    Column("unchanged", Integer, nullable=False),
    Column("changes", Text, nullable=False),  # JSON: each person touched, before and after
    Column("undone_at", Moment),
    Column("undone_by", String(120)),
)

# What an import would change, until a person confirms it or an hour has passed.
staff_draft = Table(
    "staff_draft",
    metadata,
    Column("token", String(64), primary_key=True),
    Column("made_by", String(120), nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("file", String(200), nullable=False),
    Column("basis", String(64), nullable=False),  # the directory that it was compared with
    Column("changes", Text, nullable=False),  # as in staff_import
    Column("unchanged", Integer, nullable=False),
    Column("ignored", Text, nullable=False),  # headings that were not read, a line each
)

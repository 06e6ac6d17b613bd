"""The HR console: sign-in, roles, settings, the audit log, and votes on answers."""

from sqlalchemy import Boolean, Column, Integer, String, Table, Text

from asaka_bot.store.tables.columns import Id, Moment, metadata

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

# Links printed at start that sign a person in once; only their digests are kept.
sign_in_link = Table(
    "sign_in_link",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("person", String(120), nullable=False),
    Column("role", String(10)),  # roles.HrRole that comes with the link; None: the one that the person was given
    Column("expires_at", Moment, nullable=False),
    Column("used_at", Moment),
)

# People of HR who are signed in; only the digest of what the browser holds is kept.
hr_session = Table(
    "hr_session",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("person", String(120), nullable=False),
    Column("role", String(10)),  # as in sign_in_link
    Column("csrf", String(64), nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
)

# What people of HR did, each row chained to the one before (`asaka_bot.audit`). Triggers refuse to change or remove rows.
audit = Table(
    "audit",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),  # without gaps, so that a missing row shows
    Column("at", Moment, nullable=False),
    Column("person", String(120), nullable=False),
    Column("action", String(40), nullable=False),  # audit.Action
    Column("subject", String(200), nullable=False),
    Column("details", Text, nullable=False),  # canonical JSON
    Column("previous", String(64), nullable=False, unique=True),  # no two rows follow on the same one
    Column("digest", String(64), nullable=False),
)

# Who has which role, by e-mail in lower case.
hr_role = Table(
    "hr_role",
    metadata,
    Column("person", String(254), primary_key=True),
    Column("role", String(10), nullable=False),  # roles.HrRole
    Column("given_by", String(120), nullable=False),
    Column("given_at", Moment, nullable=False),
)

# What an admin has set in the console; what isn't here has its default.
hr_setting = Table(
    "hr_setting",
    metadata,
    Column("name", String(60), primary_key=True),
    Column("value", String(200), nullable=False),
    Column("changed_by", String(120), nullable=False),
    Column("changed_at", Moment, nullable=False),
)

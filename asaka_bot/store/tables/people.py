"""Who works at city hall, and where platforms reach them."""

from sqlalchemy import Boolean, Column, Index, Integer, String, Table, Text

from asaka_bot.store.tables.columns import Id, Moment, metadata

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
    Index("contact_point_at", "channel", "address"),
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
    Column("id", Id, primary_key=True),
    Column("made_by", String(120), nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("file", String(200), nullable=False),  # its name
    Column("joined", Integer, nullable=False),
    Column("moved", Integer, nullable=False),
    Column("left", Integer, nullable=False),
    Column("unchanged", Integer, nullable=False),
    Column("changes", Text, nullable=False),  # JSON: each person touched, before and after; empty after 400 days
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

# People whom HR has given a name together.
staff_list = Table(
    "staff_list",
    metadata,
    Column("name", String(60), primary_key=True),
    Column("members", Text, nullable=False),  # JSON: staff ids
    Column("made_by", String(120), nullable=False),
    Column("made_at", Moment, nullable=False),
)

"""What leaves: messages, their deliveries, the budgets, and the inbox of the web chat."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from asaka_bot.store.tables.columns import Id, Moment, metadata

# What leaves, once; its deliveries say to whom.
message = Table(
    "message",
    metadata,
    Column("id", Id, primary_key=True),
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
    Column("id", Id, primary_key=True),
    Column("marker", String(32), nullable=False, unique=True),
    Column("message_id", Id, ForeignKey("message.id"), nullable=False),
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
    Column(
        "update_at", Moment, index=True
    ),  # what stands at the platform is to be replaced, not before; None: it is right
    UniqueConstraint("message_id", "recipient", "channel"),
    Index("delivery_recipient", "recipient"),
    Index("delivery_platform_ref", "platform_ref"),
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

# What the web chat has received, for each audience. The marker makes a second arrival impossible.
inbox = Table(
    "inbox",
    metadata,
    Column("id", Id, primary_key=True),
    Column("marker", String(32), nullable=False, unique=True),
    Column("address", String(200), nullable=False, index=True),
    Column("content", Text, nullable=False),
    Column("received_at", Moment, nullable=False),
)

# A platform that takes nothing from the bot at present; its deliveries wait until the row is gone.
outage = Table(
    "outage",
    metadata,
    Column("channel", String(20), primary_key=True),
    Column("reason", Text, nullable=False),
    Column("since", Moment, nullable=False),
)

# Nothing leaves while a row here is not released: after a restore it is unknown what has left since the copy.
sending_hold = Table(
    "sending_hold",
    metadata,
    Column("id", Id, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("since", Moment, nullable=False),
    Column("released_at", Moment),
    Column("released_by", String(120)),
)

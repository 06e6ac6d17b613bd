"""Events of platforms acted on once, and where people are reached."""

import sqlalchemy as sa
from alembic import op

from asaka_bot.store.tables import Moment

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "seen_event",
        sa.Column("channel", sa.String(20), primary_key=True),
        sa.Column("event", sa.String(200), primary_key=True),
        sa.Column("seen_at", Moment, nullable=False),
    )
    op.create_index("ix_seen_event_seen_at", "seen_event", ["seen_at"])
    op.create_table(
        "contact_point",
        sa.Column("channel", sa.String(20), primary_key=True),
        sa.Column("user", sa.String(120), primary_key=True),
        sa.Column("address", sa.String(300), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("service_url", sa.String(300), nullable=False),
        sa.Column("tenant", sa.String(120), nullable=False),
        sa.Column("reachable", sa.Boolean, nullable=False),
        sa.Column("learned_at", Moment, nullable=False),
    )
    op.create_index("ix_contact_point_email", "contact_point", ["email"])


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("contact_point")
    op.drop_table("seen_event")

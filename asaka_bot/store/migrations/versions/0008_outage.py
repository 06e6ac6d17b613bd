"""Platforms that take nothing from the bot at present."""

import sqlalchemy as sa
from alembic import op

from asaka_bot.store.tables import Moment

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "outage",
        sa.Column("channel", sa.String(20), primary_key=True),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("since", Moment, nullable=False),
    )

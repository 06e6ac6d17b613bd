"""The staff directory, the imports that made it, and those that wait for a confirmation."""

import sqlalchemy as sa
from alembic import op

from asaka_bot.store.tables import Moment

revision = "0005"
down_revision = "0004"

_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "person",
        sa.Column("staff_id", sa.String(20), primary_key=True),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("office", sa.String(200), nullable=False),
        sa.Column("title", sa.String(100), nullable=False),
        sa.Column("employment", sa.String(20), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("workplace", sa.String(100), nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
    )
    op.create_index("ix_person_email", "person", ["email"])
    op.create_table(
        "staff_import",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("made_by", sa.String(120), nullable=False),
        sa.Column("made_at", Moment, nullable=False),
        sa.Column("file", sa.String(200), nullable=False),
        sa.Column("joined", sa.Integer, nullable=False),
        sa.Column("moved", sa.Integer, nullable=False),
        sa.Column("left", sa.Integer, nullable=False),
        sa.Column("unchanged", sa.Integer, nullable=False),
        sa.Column("changes", sa.Text, nullable=False),
        sa.Column("undone_at", Moment),
        sa.Column("undone_by", sa.String(120)),
    )
    op.create_table(
        "staff_draft",
        sa.Column("token", sa.String(64), primary_key=True),
        sa.Column("made_by", sa.String(120), nullable=False),
        sa.Column("expires_at", Moment, nullable=False),
        sa.Column("file", sa.String(200), nullable=False),
        sa.Column("basis", sa.String(64), nullable=False),
        sa.Column("changes", sa.Text, nullable=False),
        sa.Column("unchanged", sa.Integer, nullable=False),
        sa.Column("ignored", sa.Text, nullable=False),
    )


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("staff_draft")
    op.drop_table("staff_import")
    op.drop_table("person")

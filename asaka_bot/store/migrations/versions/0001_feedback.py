"""The table of feedback on answers."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "feedback",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("month", sa.String(7), nullable=False, index=True),
        sa.Column("topic", sa.String(80), nullable=False),
        sa.Column("facet", sa.String(20)),
        sa.Column("helpful", sa.Boolean, nullable=False),
        sa.Column("question", sa.Text),
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("feedback")

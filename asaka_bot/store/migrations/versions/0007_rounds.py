"""Who sent each 再通知."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the column."""
    op.add_column("notice_message", sa.Column("sent_by", sa.String(120)))

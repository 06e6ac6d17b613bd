"""Notices of HR with their recipients and replies; named lists, roles and settings; replacing what was sent."""

import sqlalchemy as sa
from alembic import op

from asaka_bot.store.tables import Moment

revision = "0006"
down_revision = "0005"

_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Create the tables."""
    op.add_column("delivery", sa.Column("update_at", Moment))
    op.create_index("ix_delivery_update_at", "delivery", ["update_at"])
    op.create_index("delivery_recipient", "delivery", ["recipient"])
    op.create_index("delivery_platform_ref", "delivery", ["platform_ref"])
    op.create_index("contact_point_at", "contact_point", ["channel", "address"])
    op.add_column("sign_in_link", sa.Column("role", sa.String(10)))
    op.add_column("hr_session", sa.Column("role", sa.String(10)))
    # Links and sessions from before there were roles: whoever held one could do everything.
    op.execute("UPDATE sign_in_link SET role = 'admin'")
    op.execute("UPDATE hr_session SET role = 'admin'")
    _create_notices()
    _create_responses()
    op.create_table(
        "staff_list",
        sa.Column("name", sa.String(60), primary_key=True),
        sa.Column("members", sa.Text, nullable=False),
        sa.Column("made_by", sa.String(120), nullable=False),
        sa.Column("made_at", Moment, nullable=False),
    )
    op.create_table(
        "hr_role",
        sa.Column("person", sa.String(254), primary_key=True),
        sa.Column("role", sa.String(10), nullable=False),
        sa.Column("given_by", sa.String(120), nullable=False),
        sa.Column("given_at", Moment, nullable=False),
    )
    op.create_table(
        "hr_setting",
        sa.Column("name", sa.String(60), primary_key=True),
        sa.Column("value", sa.String(200), nullable=False),
        sa.Column("changed_by", sa.String(120), nullable=False),
        sa.Column("changed_at", Moment, nullable=False),
    )


def _create_notices() -> None:
    op.create_table(
        "notice",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("plan", sa.Text, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("made_by", sa.String(120), nullable=False),
        sa.Column("made_at", Moment, nullable=False),
        sa.Column("submitted_by", sa.String(120)),
        sa.Column("submitted_at", Moment),
        sa.Column("approved_by", sa.String(120)),
        sa.Column("approved_at", Moment),
        sa.Column("reviewed_by", sa.String(120)),
        sa.Column("reviewed_at", Moment),
        sa.Column("due_at", Moment),
        sa.Column("sent_at", Moment),
        sa.Column("ended_by", sa.String(120)),
        sa.Column("ended_at", Moment),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("recipients", sa.Integer, nullable=False),
        sa.Column("unreachable", sa.Integer, nullable=False),
        sa.Column("agreed", sa.Text, nullable=False),
        sa.Column("series", _ID, sa.ForeignKey("notice.id")),
        sa.Column("series_day", sa.Date),
        sa.UniqueConstraint("series", "series_day"),
    )
    for column in ("state", "due_at", "sent_at"):
        op.create_index(f"ix_notice_{column}", "notice", [column])
    op.create_table(
        "notice_message",
        sa.Column("message_id", _ID, sa.ForeignKey("message.id"), primary_key=True),
        sa.Column("notice", _ID, sa.ForeignKey("notice.id"), nullable=False),
        sa.Column("round", sa.Integer, nullable=False),
        sa.UniqueConstraint("notice", "round"),
    )


def _create_responses() -> None:
    op.create_table(
        "notice_recipient",
        sa.Column("notice", _ID, sa.ForeignKey("notice.id"), primary_key=True),
        sa.Column("staff_id", sa.String(20), primary_key=True),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("office", sa.String(200), nullable=False),
        sa.Column("title", sa.String(100), nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("listed", sa.Boolean, nullable=False),
        sa.Column("unreachable", sa.Text),
        sa.Column("confirmed_at", Moment),
        sa.Column("confirmed_by", sa.String(120)),
        sa.Column("confirmed_on", sa.String(20)),
        sa.Column("answer", sa.Integer),
        sa.Column("answered_at", Moment),
    )
    op.create_index("notice_recipient_confirmed", "notice_recipient", ["notice", "confirmed_at"])
    op.create_table(
        "notice_reply",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("notice", _ID, sa.ForeignKey("notice.id"), nullable=False),
        sa.Column("staff_id", sa.String(20), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("received_at", Moment, nullable=False),
        sa.Column("handled_by", sa.String(120)),
        sa.Column("handled_at", Moment),
    )

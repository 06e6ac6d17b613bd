"""The tables of the database."""

from sqlalchemy import Boolean, Column, Integer, MetaData, String, Table, Text

metadata = MetaData()

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

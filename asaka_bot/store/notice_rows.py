"""Rows of notices -> what the features work with."""

import json
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Row, Select, func, literal, or_, select, true

from asaka_bot.broadcasts.notice import Content, Notice, NoticeState, Plan
from asaka_bot.broadcasts.staff import Office, office_text
from asaka_bot.store.tables import notice, notice_message, notice_recipient

_CONTENT = TypeAdapter(Content)
_PLAN = TypeAdapter(Plan)


def written_content(content: Content) -> str:
    """The content as it stands in the database."""
    return _CONTENT.dump_json(content).decode()


def written_plan(plan: Plan) -> str:
    """The plan as it stands in the database."""
    return _PLAN.dump_json(plan).decode()


def written_agreed(agreed: frozenset[str]) -> str:
    """The questions that were agreed to, as they stand in the database."""
    return json.dumps(sorted(agreed))


def agreed_in(row: Row[Any]) -> frozenset[str]:
    """What `written_agreed` wrote."""
    return frozenset(json.loads(row.agreed))


def notices() -> Select[Any]:
    """All columns of notices, with how many have confirmed and how many rounds have left."""
    confirmed = (
        select(func.count())
        .select_from(notice_recipient)
        .where(
            notice_recipient.c.notice == notice.c.id,
            notice_recipient.c.confirmed_at.is_not(None),
            notice_recipient.c.listed,
        )
    )
    rounds = select(func.max(notice_message.c.round)).where(notice_message.c.notice == notice.c.id)
    return select(notice, confirmed.scalar_subquery().label("confirmed"), rounds.scalar_subquery().label("rounds"))


def uncounted() -> Select[Any]:
    """The same without the counts, for presses, which come thick."""
    return select(notice, literal(0).label("confirmed"), literal(0).label("rounds"))


def notice_of(row: Row[Any]) -> Notice:
    """The notice in a row of `notices`."""
    return Notice(
        id=row.id,
        version=row.version,
        state=NoticeState(row.state),
        content=_CONTENT.validate_json(row.content),
        plan=_PLAN.validate_json(row.plan),
        made_by=row.made_by,
        made_at=row.made_at,
        submitted_by=row.submitted_by or "",
        submitted_at=row.submitted_at,
        recipients=row.recipients,
        unreachable=row.unreachable,
        approved_by=row.approved_by or "",
        approved_at=row.approved_at,
        reviewed_by=row.reviewed_by or "",
        reviewed_at=row.reviewed_at,
        sent_at=row.sent_at,
        ended_by=row.ended_by or "",
        ended_at=row.ended_at,
        note=row.note,
        series=row.series,
        confirmed=row.confirmed,
        rounds=row.rounds or 0,
    )


def in_office(office: Office) -> ColumnElement[bool]:
    """Recipients of an office and all below it; all of them for an empty one."""
    if not office:
        return true()
    text = office_text(office)
    return or_(notice_recipient.c.office == text, notice_recipient.c.office.startswith(f"{text}/", autoescape=True))

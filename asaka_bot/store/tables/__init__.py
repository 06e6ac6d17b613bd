"""The tables of the database."""

from asaka_bot.store.tables.columns import Moment, metadata
from asaka_bot.store.tables.hr import audit, feedback, hr_role, hr_session, hr_setting, sign_in_link
from asaka_bot.store.tables.notices import notice, notice_message, notice_recipient, notice_reply
from asaka_bot.store.tables.outbox import delivery, destination, inbox, message, outage, pace, sending_hold
from asaka_bot.store.tables.people import contact_point, person, seen_event, staff_draft, staff_import, staff_list
from asaka_bot.store.tables.reminders import milestone, occurrence, suspension

__all__ = [
    "Moment",
    "audit",
    "contact_point",
    "delivery",
    "destination",
    "feedback",
    "hr_role",
    "hr_session",
    "hr_setting",
    "inbox",
    "message",
    "metadata",
    "milestone",
    "notice",
    "notice_message",
    "notice_recipient",
    "notice_reply",
    "occurrence",
    "outage",
    "pace",
    "person",
    "seen_event",
    "sending_hold",
    "sign_in_link",
    "staff_draft",
    "staff_import",
    "staff_list",
    "suspension",
]

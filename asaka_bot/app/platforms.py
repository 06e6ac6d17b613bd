"""The platforms that are configured, wired to the features; their libraries are loaded only where they are needed."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from asaka_bot.app.notice_responses import NoticeResponses
from asaka_bot.app.notice_writing import NoticeWriter
from asaka_bot.app.reminder_desk import ReminderDesk
from asaka_bot.channels.answers import AnswerService
from asaka_bot.settings import Settings
from asaka_bot.store.feedback import FeedbackStore
from asaka_bot.store.outages import Outages
from asaka_bot.store.platforms import AddressBook, EventLog

if TYPE_CHECKING:
    from asaka_bot.channels.slack.app import SlackChannel
    from asaka_bot.channels.teams.channel import TeamsChannel


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatFeatures:
    """What every chat offers."""

    events: EventLog
    contacts: AddressBook
    feedback: FeedbackStore
    outages: Outages
    reminders: ReminderDesk
    responses: NoticeResponses
    writing: NoticeWriter


def slack_channel(settings: Settings, service: AnswerService, features: ChatFeatures) -> "SlackChannel | None":
    """The Slack channel, None where it isn't configured."""
    if settings.slack is None:
        return None
    from asaka_bot.app.slack_week import SlackWeek
    from asaka_bot.channels.slack.app import Ports, make_slack

    ports = Ports(
        events=features.events,
        contacts=features.contacts,
        feedback=features.feedback,
        outages=features.outages,
        week=SlackWeek(features.reminders.occurrences),
        responses=features.responses,
        writing=features.writing,
        console_url=settings.public_url,
    )
    return make_slack(settings.slack, service, ports)


def teams_channel(settings: Settings, service: AnswerService, features: ChatFeatures) -> "TeamsChannel | None":
    """The Teams channel, None where it isn't configured; Microsoft's SDK takes a second to import."""
    if settings.teams is None:
        return None
    from asaka_bot.channels.teams.channel import make_teams
    from asaka_bot.channels.teams.ports import Ports

    ports = Ports(
        events=features.events,
        contacts=features.contacts,
        feedback=features.feedback,
        responses=features.responses,
        writing=features.writing,
        console_url=settings.public_url,
    )
    return make_teams(settings.teams, service, ports)

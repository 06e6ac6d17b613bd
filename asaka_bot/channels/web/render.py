"""A channel-neutral reply -> the values that the templates show."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from asaka_bot.answering.facets import BUTTONS
from asaka_bot.answering.life_events import LifeEvent
from asaka_bot.channels.web.calendar_file import Given, given_of
from asaka_bot.knowledge.model import Contact, KnowledgeBase, Role
from asaka_bot.messages import Decision, Reply, Tag, UrgentLine

__all__ = ["BADGES", "SUGGESTIONS", "Call", "ReplyView", "UrgentView", "mail_link", "prepared_text", "view"]

# What each badge means, in the words of the legend.
BADGES: Mapping[Tag, str] = {}

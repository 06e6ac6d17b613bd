"""What the tests of the Slack channel share."""

import pytest

from asaka_bot.answering.answer import Engine
from asaka_bot.channels.answers import AnswerService, EngineThread


@pytest.fixture
def service(engine: Engine) -> AnswerService:
    """A service of the test's own: its lock belongs to one event loop."""
    return AnswerService(EngineThread(engine))

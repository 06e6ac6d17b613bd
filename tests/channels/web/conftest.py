"""The real engine for the tests of the web chat; temporary until tests/conftest.py provides `service`."""

import warnings
from pathlib import Path

import pytest

from asaka_bot.answering.answer import Engine
from asaka_bot.app import AnswerService
from asaka_bot.knowledge import files


@pytest.fixture(scope="session")
def service() -> AnswerService:
    """The shipped knowledge, with the trained weights kept in var/cache."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # answering.lexical calls SudachiPy's Dictionary.create()
        return AnswerService(Engine(files.load(files.SHIPPED), cache=Path("var/cache")))

"""The clock on the wall of city hall."""

from datetime import datetime
from zoneinfo import ZoneInfo

TOKYO = ZoneInfo("Asia/Tokyo")


def now_in_tokyo() -> datetime:
    """The present moment, as rules and people of Asaka read it."""
    return datetime.now(TOKYO)

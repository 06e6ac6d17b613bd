"""The clock on the wall of city hall."""

from datetime import datetime
from zoneinfo import ZoneInfo

TOKYO = ZoneInfo("Asia/Tokyo")


def now_in_tokyo() -> datetime:
    """The present moment, as rules and people of Asaka read it."""
    return datetime.now(TOKYO)


def clock(at: datetime) -> str:
    """9:05, in Tokyo: the hour has no zero before it, wherever people read one."""
    local = at.astimezone(TOKYO)
    return f"{local.hour}:{local:%M}"

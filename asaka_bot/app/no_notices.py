"""Stands where the notices will be, until they are wired: there are none, and nothing can be done with them."""

from collections.abc import Sequence
from typing import cast

from asaka_bot.hr_console.notice_ports import Notices


class _NoNotices:
    async def latest(self, *_: object, **__: object) -> Sequence[object]:
        return ()

    async def replies(self, *_: object, **__: object) -> Sequence[object]:
        return ()

    async def lists(self, *_: object) -> Sequence[object]:
        return ()

    def templates(self) -> Sequence[object]:
        return ()

    def topics(self) -> Sequence[object]:
        return ()


def no_notices() -> Notices:
    """A list without notices."""
    return cast(Notices, _NoNotices())

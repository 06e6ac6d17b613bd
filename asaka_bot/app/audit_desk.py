"""The audit log for those who may read it."""

from collections.abc import Sequence

from asaka_bot.audit import Entry, Verdict
from asaka_bot.roles import Actor, Permission
from asaka_bot.store.audit import AuditLog


class AuditDesk:
    """Implements `hr_console.ports.Audit`."""

    def __init__(self, log: AuditLog) -> None:
        self._log = log

    async def latest(self, actor: Actor, limit: int, before: int | None = None) -> Sequence[Entry]:
        """The newest entries first; with `before` those older than the entry of that id."""
        actor.require(Permission.READ_AUDIT)
        return await self._log.latest(limit, before)

    async def verify(self, actor: Actor, noted: str | None = None) -> Verdict:
        """Whether the log is as it was written; `noted` is a head that was written down and must be in it."""
        actor.require(Permission.READ_AUDIT)
        return await self._log.verify(noted)

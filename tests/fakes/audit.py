"""An audit log in memory, which behaves as the real one does."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from asaka_bot.audit import Action, Details, Entry, Verdict, seal, verify
from asaka_bot.roles import Actor, Permission
from asaka_bot.tokyo import TOKYO

_BEGAN = datetime(2026, 11, 20, 9, 0, tzinfo=TOKYO)


@dataclass
class MemoryAudit:
    """Entries in a list; tests may tamper with it."""

    kept: list[Entry] = field(default_factory=list)

    def add(self, person: str, action: Action, subject: str, **details: str | int | None) -> None:
        last = (self.kept[-1].id, self.kept[-1].digest) if self.kept else None
        at = _BEGAN + timedelta(minutes=len(self.kept))
        written: Details = details
        self.kept.append(seal(last, at=at, person=person, action=action, subject=subject, details=written))

    async def latest(self, actor: Actor, limit: int, before: int | None = None) -> Sequence[Entry]:
        actor.require(Permission.READ_AUDIT)
        older = [entry for entry in self.kept if before is None or entry.id < before]
        return older[::-1][:limit]

    async def verify(self, actor: Actor, noted: str | None = None) -> Verdict:
        actor.require(Permission.READ_AUDIT)
        return verify(self.kept, noted)


def one_of_each() -> MemoryAudit:
    """Everything that people can do, done once."""
    log = MemoryAudit()
    days = {"first": "2026-12-02", "last": "2026-12-04"}
    log.add("職員課", Action.SIGN_IN, "0123456789ab")
    log.add("山田", Action.PAUSE, "1", rule="no-overtime-wednesday", **days)
    log.add("佐藤", Action.RESUME, "1", rule="no-overtime-wednesday", **days)
    log.add("山田", Action.PAUSE, "2", rule=None, first="2026-12-02", last="2026-12-02")
    log.add("山田", Action.TEST, "no-overtime-friday", to="web:hr-test", message=7)
    log.add("コマンド", Action.TEST, "no-longer-there", to="slack:C0123", message=8)
    log.add("人事 花子", Action.DECIDE, "abcdef0123456789", decision="resend", message=3)
    log.add("人事 花子", Action.DECIDE, "fedcba9876543210", decision="sent", message=3)
    log.add("山田", Action.RELEASE, "1", holds=1)
    log.add("コマンド", Action.BACKUP, "控え.db", rows=120)
    log.add("コマンド", Action.RESTORE, "控え.db", rows=120)
    log.add("人事 花子", Action.STAFF_IMPORT, "4", joined=31, moved=212, left=28)
    log.add("人事 花子", Action.STAFF_UNDO, "4")
    for action in (Action.NOTICE_WRITE, Action.NOTICE_DISCARD, Action.NOTICE_TEST, Action.NOTICE_REVIEW):
        log.add("人事 花子", action, "12")
    log.add("人事 花子", Action.NOTICE_SUBMIT, "12", people=813, state="awaiting")
    log.add("人事 太郎", Action.NOTICE_SEND_BACK, "12")
    log.add("人事 太郎", Action.NOTICE_APPROVE, "12")
    log.add("予約", Action.NOTICE_SEND, "12", people=813, unreachable=21, posts=0)
    log.add("人事 花子", Action.NOTICE_EDIT, "12", replaced=600)
    log.add("人事 花子", Action.NOTICE_REMIND, "12", people=120, round=1)
    log.add("人事 花子", Action.NOTICE_PROXY, "12", staff="10023")
    log.add("人事 花子", Action.NOTICE_EXPORT, "12", people=813)
    log.add("人事 花子", Action.NOTICE_CANCEL, "12", stopped=40)
    log.add("人事 花子", Action.NOTICE_RECALL, "12", replaced=700)
    log.add("人事 花子", Action.REPLY_HANDLED, "3")
    log.add("人事 花子", Action.LIST_KEEP, "研修担当", people=12)
    log.add("人事 花子", Action.LIST_REMOVE, "研修担当")
    log.add("職員課", Action.ROLE_GIVE, "hanako@city.example", before=None, role="editor")
    log.add("職員課", Action.ROLE_GIVE, "hanako@city.example", before="editor", role=None)
    log.add("hanako@city.example", Action.SETTING_CHANGE, "approval_above", before=30, value=50)
    log.add("職員課", Action.SIGN_OUT, "0123456789ab")
    return log

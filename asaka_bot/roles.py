"""Who may do what in HR's work: one table of roles, asked by every feature before it acts."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from asaka_bot.errors import NotPermittedError


class HrRole(StrEnum):
    """What a person is for HR; each may do what those before it may."""

    VIEWER = "viewer"  # 閲覧: sees figures, without names
    EDITOR = "editor"  # 作成: writes and sends notices, steers reminders
    APPROVER = "approver"  # 承認: approves what others wrote, imports staff, reads the audit log
    ADMIN = "admin"  # 管理: says who has which role, changes settings

    @property
    def label(self) -> str:
        """As it is shown."""
        return {"viewer": "閲覧", "editor": "作成", "approver": "承認", "admin": "管理"}[self.value]


class Permission(StrEnum):
    """One thing that not everybody may do; the value is how an error names it."""

    SEE = "人事コンソールを見ること"
    SEE_NAMES = "職員の名前を見ること"
    STEER_REMINDERS = "リマインダーの休止・再開・試し送り"
    SETTLE_DELIVERIES = "到達不明の配信を決めること"
    WRITE_NOTICES = "お知らせの作成・送信"
    FOLLOW_UP = "再通知・代理確認・返信への対応・書き出し"
    APPROVE_NOTICES = "お知らせの承認"
    IMPORT_STAFF = "職員名簿の取り込み"
    READ_AUDIT = "操作の記録を見ること"
    RELEASE_SENDING = "止まっている送信の再開"
    ASSIGN_ROLES = "権限と設定を変えること"


_ADDED: Mapping[HrRole, frozenset[Permission]] = {
    HrRole.VIEWER: frozenset({Permission.SEE}),
    HrRole.EDITOR: frozenset(
        {
            Permission.SEE_NAMES,
            Permission.STEER_REMINDERS,
            Permission.SETTLE_DELIVERIES,
            Permission.WRITE_NOTICES,
            Permission.FOLLOW_UP,
        }
    ),
    HrRole.APPROVER: frozenset(
        {
            Permission.APPROVE_NOTICES,
            Permission.IMPORT_STAFF,
            Permission.READ_AUDIT,
            Permission.RELEASE_SENDING,
        }
    ),
    HrRole.ADMIN: frozenset({Permission.ASSIGN_ROLES}),
}


def allowed(role: HrRole | None) -> frozenset[Permission]:
    """All that a role may do; nothing without a role."""
    if role is None:
        return frozenset()
    ranks = list(HrRole)
    return frozenset().union(*(_ADDED[each] for each in ranks[: ranks.index(role) + 1]))


_LONGEST_EMAIL = 120  # what the columns of the audit log and of sessions take
_EMAIL = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~.-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+")


def email_of(text: str) -> str:
    """The e-mail address in lower case by which a person is known; empty where the text is none.

    ASCII alone: other alphabets have letters whose lower case is a plain one, and would pass for somebody else.
    """
    plain = text.strip()
    found = plain.lower() if plain.isascii() and len(plain) <= _LONGEST_EMAIL else ""
    return found if _EMAIL.fullmatch(found) else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acts. ``person`` is what the audit log calls them: the e-mail in lower case, or the name on a link."""

    person: str
    role: HrRole | None = None
    name: str = ""  # as shown; empty: as `person`
    staff_id: str = ""  # where the staff directory knows them
    heads: tuple[str, ...] = ()  # 所属長: the office that they lead, the way down the tree
    left: bool = False  # the staff directory knows them only as somebody who has left

    def may(self, permission: Permission) -> bool:
        """Whether the table lets them."""
        return permission in allowed(self.role)

    def require(self, permission: Permission) -> None:
        """Raises `NotPermittedError` where the table doesn't let them."""
        if not self.may(permission):
            raise NotPermittedError(self.refusal(permission))

    def refusal(self, permission: Permission) -> str:
        """What they are told where the table doesn't let them: what, which role they have, and whom to ask."""
        return (
            f"{permission.value}は、いまの権限（{self.role.label if self.role else 'なし'}）ではできません。"
            "必要なときは、権限を管理している職員課の担当に頼んでください"
        )

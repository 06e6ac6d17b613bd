"""Roles in memory, which behave as the real ones do."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from asaka_bot.broadcasts.office_rules import OfficeRules
from asaka_bot.errors import RoleError, StoreError
from asaka_bot.hr_console.ports import RoleLine
from asaka_bot.roles import Actor, HrRole, Permission, email_of
from asaka_bot.tokyo import TOKYO

ADMIN = Actor(person="職員課", role=HrRole.ADMIN)
_GIVEN_AT = datetime(2026, 11, 20, 9, 0, tzinfo=TOKYO)


@dataclass
class MemoryRoles:
    """Roles in memory; `known` are those of whom the staff directory knows more than a role."""

    given: dict[str, HrRole] = field(default_factory=dict)
    known: dict[str, Actor] = field(default_factory=dict)
    current: OfficeRules = field(default_factory=OfficeRules)
    failing: bool = False

    async def actor_of(self, person: str) -> Actor:
        if self.failing:
            raise StoreError("gone")
        email = email_of(person)
        known = self.known.get(email, Actor(person=email or person))
        return known if known.left else replace(known, role=self.given.get(email))

    async def people(self, actor: Actor) -> Sequence[RoleLine]:
        actor.require(Permission.ASSIGN_ROLES)
        return [
            RoleLine(
                person=person,
                role=role,
                name=self.known[person].name if person in self.known else "",
                left=person in self.known and self.known[person].left,
                named=False,
                given_by="職員課",
                given_at=_GIVEN_AT,
            )
            for person, role in sorted(self.given.items())
        ]

    async def give(self, actor: Actor, person: str, role: HrRole | None) -> bool:
        actor.require(Permission.ASSIGN_ROLES)
        email = email_of(person)
        if not email:
            raise RoleError("メールアドレスの形ではありません")
        before = self.given.get(email)
        others = [each for each, kept in self.given.items() if kept is HrRole.ADMIN and each != email]
        if before is HrRole.ADMIN and role is not HrRole.ADMIN and not others:
            raise RoleError("管理の権限を持つ人がいなくなります")
        self.given.pop(email, None)
        if role is not None:
            self.given[email] = role
        return before is not role

    async def rules(self, actor: Actor) -> OfficeRules:
        actor.require(Permission.SEE)
        return self.current

    async def change_rules(self, actor: Actor, rules: OfficeRules) -> int:
        actor.require(Permission.ASSIGN_ROLES)
        changed = sum(getattr(rules, name) != getattr(self.current, name) for name in ("approval_above", "most_rounds"))
        self.current = rules
        return changed

"""Who a person is for HR: their role, and what the staff directory knows of them."""

from collections.abc import Awaitable, Callable, Sequence
from collections.abc import Set as AbstractSet

from sqlalchemy.exc import SQLAlchemyError

from asaka_bot.broadcasts.office_rules import OfficeRules
from asaka_bot.broadcasts.staff import Position
from asaka_bot.errors import StoreError
from asaka_bot.hr_console.ports import RoleLine
from asaka_bot.roles import Actor, HrRole, Permission, email_of
from asaka_bot.store.hr_settings import HrSettings
from asaka_bot.store.roles import RoleStore
from asaka_bot.store.staff import StaffStore


class RoleDesk:
    """Implements `hr_console.ports.Roles`; chats ask `actor_of` too."""

    def __init__(
        self,
        roles: RoleStore,
        rules: HrSettings,
        staff: StaffStore,
        admins: AbstractSet[str],
        configuration: Callable[[], Awaitable[Sequence[tuple[str, str]]]] | None = None,
    ) -> None:
        """`admins` are always admins, as long as they have not left city hall: e-mails in lower case.

        `configuration` tells what the environment has decided, without secrets.
        """
        self._roles, self._rules, self._staff, self._admins = roles, rules, staff, admins
        self._configuration = configuration

    async def actor_of(self, person: str) -> Actor:
        """The person as features ask who it is; looked up anew each time, so that changes act at once.

        Whoever is no e-mail address has no role, nor has whoever is known only as having left.

        Raises:
            StoreError: it can't be looked up; then nothing is allowed.
        """
        email = email_of(person)
        if not email:
            return Actor(person=person)
        try:
            found = await self._staff.known_by(email)
            role = HrRole.ADMIN if email in self._admins else await self._roles.role_of(email)
        except (SQLAlchemyError, OSError) as error:
            raise StoreError("権限を確かめられません。しばらくしてから、もう一度お試しください") from error
        active = [one for one in found if one.active]
        if found and not active:
            return Actor(person=email, left=True)
        if len(active) != 1:  # nobody, or an address that several people share: then it is no one of them
            return Actor(person=email, role=role)
        (one,) = active
        heads = one.office if one.position is Position.HEAD else ()
        return Actor(person=email, role=role, name=one.name, staff_id=one.staff_id, heads=heads)

    async def people(self, actor: Actor) -> Sequence[RoleLine]:
        """Everybody with a role."""
        actor.require(Permission.ASSIGN_ROLES)
        given = {each.person: each for each in await self._roles.all()}
        lines = []
        for email in sorted(given.keys() | self._admins):
            known, row = await self.actor_of(email), given.get(email)
            named = email in self._admins
            lines.append(
                RoleLine(
                    person=email,
                    role=HrRole.ADMIN if named or row is None else row.role,
                    name=known.name,
                    left=known.left,
                    named=named,
                    given_by=row.given_by if row and not named else "",
                    given_at=row.given_at if row and not named else None,
                )
            )
        return lines

    async def give(self, actor: Actor, person: str, role: HrRole | None) -> bool:
        """Give a role, or none; False where nothing changes. Raises `RoleError` as `RoleStore.give` does."""
        actor.require(Permission.ASSIGN_ROLES)
        return await self._roles.give(person, role, actor.person)

    async def rules(self, actor: Actor) -> OfficeRules:
        """The rules of the office."""
        actor.require(Permission.SEE)
        return await self._rules.read()

    async def change_rules(self, actor: Actor, rules: OfficeRules) -> int:
        """Change them; how many of them are new."""
        actor.require(Permission.ASSIGN_ROLES)
        return await self._rules.change(rules, actor.person)

    async def configuration(self, actor: Actor) -> Sequence[tuple[str, str]]:
        """What the environment has decided, without secrets: names and values."""
        actor.require(Permission.ASSIGN_ROLES)
        return await self._configuration() if self._configuration else ()

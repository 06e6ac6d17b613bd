"""Who may come to which address of the console: whatever isn't in the table needs at least to see the console.

The features check the same roles themselves; the table spares everybody a page whose every button would be refused.
"""

from collections.abc import Mapping

from asaka_bot.roles import Actor, Permission

HOME, NOTICES, SIGN_OUT = "/hr", "/hr/notices", "/hr/sign-out"
_FOR_ALL = (SIGN_OUT,)
_NEEDS: Mapping[str, Permission] = {
    "/hr/reminders/pause": Permission.STEER_REMINDERS,
    "/hr/reminders/resume": Permission.STEER_REMINDERS,
    "/hr/reminders/test": Permission.STEER_REMINDERS,
    "/hr/deliveries/decide": Permission.SETTLE_DELIVERIES,
    "/hr/deliveries/release": Permission.RELEASE_SENDING,
    "/hr/staff": Permission.SEE_NAMES,
    "/hr/staff/load": Permission.IMPORT_STAFF,
    "/hr/staff/check": Permission.IMPORT_STAFF,
    "/hr/staff/confirm": Permission.IMPORT_STAFF,
    "/hr/staff/undo": Permission.IMPORT_STAFF,
    "/hr/audit": Permission.READ_AUDIT,
    "/hr/settings": Permission.ASSIGN_ROLES,
    "/hr/settings/role": Permission.ASSIGN_ROLES,
    "/hr/settings/rules": Permission.ASSIGN_ROLES,
}


def needed(path: str) -> Permission:
    """What an address needs."""
    return _NEEDS.get(path, Permission.SEE)


def may_enter(actor: Actor, path: str) -> bool:
    """Whether the actor may come to the address. 所属長 see the notices of their office without any role of HR."""
    of_notices = path == NOTICES or path.startswith(f"{NOTICES}/")
    return path in _FOR_ALL or actor.may(needed(path)) or (bool(actor.heads) and of_notices)

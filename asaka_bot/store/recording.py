"""Writing down what became of deliveries, and until when an address wants to be left alone."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import bindparam, case, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from asaka_bot.delivery.outbox import FINAL, Change, State
from asaka_bot.store.database import upsert
from asaka_bot.store.tables import Moment, delivery, destination

# What is certain about a call is worth writing also where a stranger took its replica for dead and put the delivery
# into `unknown` or `held`, and that it arrived even where it waits again. A guess overrules no decision.
_OPEN = (State.SENDING, State.UNKNOWN)
_OVERRULED = {
    State.SENT: (*_OPEN, State.HELD, State.PENDING),
    State.DEAD: (*_OPEN, State.HELD),
    State.PENDING: (*_OPEN, State.HELD),
    State.UNKNOWN: _OPEN,
    State.HELD: _OPEN,
}


async def write(connection: AsyncConnection, changes: Sequence[Change], now: datetime) -> None:
    """Write the changes that still apply; those of an earlier call than the last one don't."""
    for state, overruled in _OVERRULED.items():
        rows = [
            {
                "its_marker": change.marker,
                "its_attempts": change.attempts,
                "its_due_at": change.due_at,
                "its_ref": change.platform_ref,
                "its_reason": change.reason,
            }
            for change in changes
            if change.state is state
        ]
        if not rows:
            continue
        await connection.execute(
            update(delivery)
            .where(
                delivery.c.marker == bindparam("its_marker"),
                delivery.c.attempts == bindparam("its_attempts"),
                or_(*(delivery.c.state == one for one in overruled)),  # IN would forbid many rows at once
            )
            .values(
                state=state,
                due_at=func.coalesce(bindparam("its_due_at", type_=Moment), delivery.c.due_at),
                platform_ref=func.coalesce(bindparam("its_ref"), delivery.c.platform_ref),
                reason=bindparam("its_reason"),
                finished_at=now if state in FINAL else None,
                lease_holder=None,
                lease_until=None,
            ),
            rows,
        )
    await _leave_alone(connection, changes)


async def _leave_alone(connection: AsyncConnection, changes: Sequence[Change]) -> None:
    asked = {change.marker: change.destination_free_at for change in changes if change.destination_free_at}
    if not asked:
        return
    where = select(delivery.c.marker, delivery.c.channel, delivery.c.address).where(delivery.c.marker.in_(asked))
    rows = (await connection.execute(where)).all()
    await occupy(connection, {(row.channel, row.address): asked[row.marker] for row in rows})


async def occupy(connection: AsyncConnection, until: Mapping[tuple[str, str], datetime]) -> None:
    """Leave these (channel, address) alone until the moments given, or longer where that was asked before."""
    # In the order of the addresses, so that two replicas never wait for each other's rows.
    rows = [
        {"channel": channel, "address": address, "free_at": moment}
        for (channel, address), moment in sorted(until.items())
    ]
    added = upsert(connection, destination)
    new, old = added.excluded.free_at, destination.c.free_at
    later = case((new > old, new), else_=old)
    index = [destination.c.channel, destination.c.address]
    await connection.execute(added.on_conflict_do_update(index_elements=index, set_={"free_at": later}), rows)

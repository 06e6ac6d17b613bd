"""What has come due: each occurrence leaves, or it is written down why it does not. Nothing is passed over in silence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby

from asaka_bot.reminders.occurrences import Occurrence, Status
from asaka_bot.tokyo import clock

Key = tuple[str, date]  # (rule, local date): decided once, for ever

_LATE = "送れる時刻（{until}）までにボットが動いていなかったため、送っていません。"
_RESTORED = "控えから戻したデータで動き始める前の分なので、送っていません。"
_HOST_GONE = "同じ日の「{host}」を送った後に加わったため、送っていません。"
_HOST_LATE = "まとめて送るはずの「{host}」を送れなかったため、送っていません。"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the database knows that bears on what is due."""

    decided: Mapping[Key, Status]
    since: Mapping[str, datetime]  # when each rule was first seen: what was over by then concerns nobody
    quiet_until: datetime | None  # sending was held until then; nothing from before leaves any more


def due(planned: Sequence[Occurrence], known: Known, now: datetime) -> tuple[tuple[Occurrence, ...], ...]:
    """Groups of occurrences to be written down together, each in one transaction; the first of a group may be sent."""
    groups = []
    for _, together in groupby(sorted(planned, key=_readers), key=_readers):
        groups.extend(_groups(tuple(together), known, now))
    return tuple(groups)


def next_due(planned: Sequence[Occurrence], known: Known, now: datetime) -> datetime | None:
    """When the next undecided occurrence comes due, as far as `planned` reaches."""
    coming = [o.due_at for o in planned if (o.rule, o.day) not in known.decided and o.due_at > now]
    return min(coming, default=None)


def _readers(occurrence: Occurrence) -> tuple[date, str, list[str]]:
    """Those of one day for the same people are one message."""
    return occurrence.day, occurrence.audience, sorted(str(address) for address in occurrence.destinations)


def _groups(together: Sequence[Occurrence], known: Known, now: datetime) -> list[tuple[Occurrence, ...]]:
    open_ones = [o for o in together if (o.rule, o.day) not in known.decided and o.until >= known.since[o.rule]]
    groups: list[tuple[Occurrence, ...]] = [
        (o,) for o in open_ones if o.status in (Status.SKIPPED, Status.SUSPENDED) and o.due_at <= now
    ]
    host = next((o for o in together if o.status is Status.PLANNED), None)
    if host is None or host.due_at > now:
        return groups
    merged = [o for o in open_ones if o.status is Status.MERGED]
    if host not in open_ones:
        groups += [(_missed(o, _HOST_GONE.format(host=host.title)),) for o in merged]
        return groups
    reason = _why_not(host, known, now)
    if reason is None:
        groups.append((replace(host, status=Status.SENT), *merged))
    else:
        missed_with_it = (_missed(o, _HOST_LATE.format(host=host.title)) for o in merged)
        groups.append((_missed(host, reason), *missed_with_it))
    return groups


def _why_not(host: Occurrence, known: Known, now: datetime) -> str | None:
    if known.quiet_until is not None and host.due_at <= known.quiet_until:
        return _RESTORED
    if now > host.until:
        return _LATE.format(until=clock(host.until))
    return None


def _missed(occurrence: Occurrence, note: str) -> Occurrence:
    kept = f"{occurrence.note} {note}".strip() if occurrence.status is Status.PLANNED else note
    return replace(occurrence, status=Status.MISSED, note=kept, message=None)

"""HR pauses one rule or all of them for a while: a typhoon, an election, the assembly in session."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspension:
    """What comes due in it is never sent, also not afterwards; it ends by itself after `last_day`."""

    id: int
    rule: str | None  # None: every rule
    first_day: date
    last_day: date
    reason: str
    made_by: str
    ended_at: datetime | None = None  # HR resumed before the last day

    def covers(self, rule: str, day: date, due_at: datetime) -> bool:
        """Whether a reminder due then falls in it; what came due before HR resumed stays suspended."""
        if self.rule not in (None, rule) or not self.first_day <= day <= self.last_day:
            return False
        return self.ended_at is None or due_at < self.ended_at


def covering(suspensions: Iterable[Suspension], rule: str, day: date, due_at: datetime) -> Suspension | None:
    """The suspension in which a reminder falls; one made for the rule itself tells more than one for all."""
    found = [s for s in suspensions if s.covers(rule, day, due_at)]
    return min(found, key=lambda s: (s.rule is None, s.id), default=None)

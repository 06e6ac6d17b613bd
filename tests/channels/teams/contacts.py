"""What Teams needs of the rest of the product, in memory."""

from dataclasses import dataclass, field, replace

from asaka_bot.outgoing import ContactPoint


@dataclass(slots=True)
class Book:
    """An address book that behaves as the one in the database."""

    points: dict[tuple[str, str], ContactPoint] = field(default_factory=dict)

    async def learn(self, point):
        known = self.points.get((point.channel, point.user))
        email = point.email.lower() or (known.email if known else "")
        self.points[point.channel, point.user] = replace(point, email=email)

    async def find(self, channel, user):
        return self.points.get((channel, user))

    async def at(self, channel, address):
        return next((p for p in self.points.values() if (p.channel, p.address) == (channel, address)), None)

    async def set_reachable(self, channel, user, reachable):
        if (channel, user) in self.points:
            self.points[channel, user] = replace(self.points[channel, user], reachable=reachable)


@dataclass(slots=True)
class Log:
    """Events seen so far."""

    seen: set = field(default_factory=set)

    async def first_time(self, channel, event):
        new = (channel, event) not in self.seen
        self.seen.add((channel, event))
        return new

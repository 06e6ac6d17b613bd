"""The running product between a Slack and a Teams of ours, and 1,000 people whom notices reach in different ways."""

import itertools
import multiprocessing
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time

import httpx2

from asaka_bot.app import hr_link
from asaka_bot.broadcasts.invented_staff import invented_staff
from asaka_bot.broadcasts.staff import Person
from asaka_bot.channels.teams.pressed import Respond
from asaka_bot.hr_console.sessions import SIGN_IN, digest_of
from asaka_bot.outgoing import ContactPoint
from asaka_bot.reminders import files as schedules
from asaka_bot.roles import HrRole
from asaka_bot.settings import Settings
from asaka_bot.store.database import open_database
from asaka_bot.store.platforms import AddressBook
from asaka_bot.store.sessions import Sessions
from asaka_bot.tokyo import TOKYO, now_in_tokyo
from tests.fakes.server import Running
from tests.proofs.requests import Told, slack_respond, teams_press

STAFF = invented_staff(1_000)
ELSEWHERE = 187  # people who are told in another way
MEANT = len(STAFF) - ELSEWHERE
ON_TEAMS = 250
EARLY = 3  # people on each platform who confirm while others still wait
OIDC = {  # people can have accounts, so that the web inbox reaches them; the provider is never asked
    "ASAKA_PUBLIC_URL": "http://127.0.0.1:8080",
    "ASAKA_OIDC_ISSUER": "http://127.0.0.1:9/tenant",
    "ASAKA_OIDC_CLIENT_ID": "client",
    "ASAKA_OIDC_CLIENT_SECRET": "secret",
}


class SettableClock:
    """A clock in the place of the database's own: it goes on from where the test sets it, in every process."""

    def __init__(self, moment: datetime) -> None:
        self._ahead_seconds = multiprocessing.Value("d", 0.0)
        self.set(moment)

    def set(self, moment: datetime) -> None:
        self._ahead_seconds.value = moment.timestamp() - time.time()

    async def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self._ahead_seconds.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """The product that runs, and the platforms around it."""

    url: str
    clock: SettableClock
    settings: Settings
    slack: Running
    teams: Running
    links: dict[str, str]
    on_slack: tuple[Person, ...]
    on_teams: tuple[Person, ...]
    on_web: tuple[Person, ...]
    told_elsewhere: tuple[Person, ...]

    def ask(self, question: str) -> list[tuple]:
        """Look into the database."""
        with closing(sqlite3.connect(f"file:{self.settings.data_dir / 'asaka.db'}?mode=ro", uri=True)) as database:
            return database.execute(question).fetchall()

    def tell(self, told: Told) -> None:
        """Let a platform deliver a request."""
        with httpx2.Client(trust_env=False, timeout=30.0) as client:
            assert client.post(f"{self.url}{told.path}", content=told.body, headers=told.headers()).status_code == 200

    def press_on_slack(self, number: int, copy: dict) -> None:
        """確認しました below a copy, in the direct messages of whom it was for."""
        user = f"U{copy['to'][1:]}"
        self.tell(slack_respond(number, copy["marker"], copy["ref"], channel=copy["to"], user=user))

    def press_on_teams(self, number: int, copy: dict) -> None:
        """The same on Teams."""
        press = Respond(delivery=copy["marker"], response="confirm")
        where = {"service_url": self.teams.url, "conversation": copy["to"], "user": copy["to"]}
        self.tell(teams_press(number, press, **where))


async def introduce(house: House) -> None:
    """People have written to the bot before; each gets a link to sign in with."""
    engine = await open_database(house.settings.database)
    book = AddressBook(engine)
    for channel, people in (("slack", house.on_slack), ("teams", house.on_teams)):
        for person in people:
            user = f"U{person.staff_id}"
            point = ContactPoint(
                channel=channel, user=user, address=user, email=person.email, service_url=house.teams.url
            )
            await book.learn(point)
    # As an account signs in: no role comes along.
    reader = house.on_web[0].email
    later = now_in_tokyo() + timedelta(hours=1)
    await Sessions(engine).add_link(digest=digest_of("reader"), person=reader, role=None, expires_at=later)
    await engine.dispose()
    house.links["reader"] = f"{house.url}{SIGN_IN}?token=reader"
    for person, role in (("人事 花子", HrRole.EDITOR), ("人事 太郎", HrRole.APPROVER)):
        house.links[person] = await hr_link(house.settings, house.url, person=person, role=role)


def working_days() -> Iterator[date]:
    """The days on which city hall is open, from tomorrow on."""
    calendar = schedules.load(schedules.SHIPPED).calendar
    days = (now_in_tokyo().date() + timedelta(days=count) for count in itertools.count(1))
    return (day for day in days if calendar.is_working(day))


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """A moment in Tokyo."""
    return datetime.combine(day, clock_time(hour, minute), TOKYO)


def copies(house: House) -> Counter[str]:
    """How many copies have arrived with each person, wherever they are reached, by staff id."""
    on_platforms = [line["to"][1:] for each in (house.slack, house.teams) for line in each.accepted()]
    on_web = house.ask("SELECT address FROM inbox WHERE address LIKE '%staff-%'")
    return Counter([*on_platforms, *(to.rpartition("staff-")[2] for (to,) in on_web)])


def await_copies(house: House, total: int) -> Counter[str]:
    """Wait until so many copies have arrived and stay so many; how many each person has."""
    end = time.monotonic() + 240  # Slack takes 7.5 a second
    while copies(house).total() < total:
        assert time.monotonic() < end
        time.sleep(0.1)
    time.sleep(1)
    found = copies(house)
    assert found.total() == total
    return found

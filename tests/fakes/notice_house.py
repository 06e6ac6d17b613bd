"""The running product between a Slack and a Teams of ours, and 1,000 people whom notices reach in different ways."""

import asyncio
import sqlite3
import time
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any

import httpx2

from asaka_bot.app import hr_link
from asaka_bot.app.notice_desk import NoticeDesk
from asaka_bot.app.notice_parts import NoticeParts, notice_parts
from asaka_bot.broadcasts.invented_staff import invented_staff
from asaka_bot.broadcasts.notice_checks import Hours
from asaka_bot.broadcasts.staff import Person
from asaka_bot.channels.teams.pressed import Respond
from asaka_bot.hr_console.sessions import SIGN_IN, digest_of
from asaka_bot.outgoing import ContactPoint
from asaka_bot.reminders import files as schedules
from asaka_bot.reminders.calendar import WorkingDays
from asaka_bot.roles import Actor, HrRole
from asaka_bot.settings import Settings
from asaka_bot.store.database import open_database
from asaka_bot.store.platforms import AddressBook
from asaka_bot.store.sessions import Sessions
from asaka_bot.tokyo import now_in_tokyo
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


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """The product that runs, and the platforms around it."""

    url: str
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
        with httpx2.Client(trust_env=False) as client:
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


def in_a_thread(work: Coroutine[Any, Any, Any]) -> Any:
    """Playwright runs the event loop of the test's own thread."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


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


def is_working_time() -> bool:
    return Hours(is_working=schedules.load(schedules.SHIPPED).calendar.is_working).are_on(now_in_tokyo())


class _OpenHours(Hours):
    def are_on(self, moment: object) -> bool:  # noqa: ARG002
        return True


class _OpenParts(NoticeParts):
    @property
    def hours(self) -> Hours:
        return _OpenHours(is_working=self.calendar.is_working)


async def remind_at_any_time(settings: Settings) -> int:
    engine = await open_database(settings.database)
    parts = notice_parts(engine, {}, WorkingDays(), web=True)
    desk = NoticeDesk(_OpenParts(**{each.name: getattr(parts, each.name) for each in fields(parts)}))
    try:
        return await desk.remind(Actor(person="人事 花子", role=HrRole.EDITOR), 1)
    finally:
        await engine.dispose()


def await_copies(platform: Running, before: int) -> set[str]:
    """Wait for copies beyond the first so many; whose they are."""
    end = time.monotonic() + 15
    while not (found := platform.accepted()[before:]):
        assert time.monotonic() < end
        time.sleep(0.1)
    return {copy["to"] for copy in found}

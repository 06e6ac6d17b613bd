"""D6: every event delivered four times, over two replicas; pytest -n 0 -m slow tests/proofs/test_d6_redelivery.py."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import httpx2
import pytest

from asaka_bot.channels.slack.buttons import Pressed
from asaka_bot.channels.teams.pressed import Show
from tests.fakes.server import Running, running
from tests.proofs.lives import sqlite_in
from tests.proofs.replicas import environment, replicas
from tests.proofs.requests import Told, slack_event, slack_press, teams_message, teams_press

QUESTION, TOPIC = "夏季休暇はありますか", "annual-leave"
PEOPLE = 40
UNDER_WAY = 40
BUSY = (429, 503)  # then a platform comes again
APART = 60  # deliveries of the same event lie at most so many others apart


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that a person did: where its one effect will stand, and the four requests that tell it."""

    place: str
    copies: tuple[Told, Told, Told, Told]


def events(count: int, service_url: str) -> Iterator[Event]:
    """Messages, mentions (which arrive in two forms) and presses, each in a conversation of its own."""
    for n in range(count):
        person = f"U{n % PEOPLE:04d}"
        teams = {"service_url": service_url, "conversation": f"a:{n}", "user": person}
        match n % 5:
            case 0:
                said = slack_event(n, QUESTION, channel=f"D{n:05d}", user=person)
                yield Event(place=f"D{n:05d}", copies=(said,) * 4)
            case 1:
                forms = [
                    slack_event(n, f"<@U0BOT> {QUESTION}", channel=f"C{n:05d}", user=person, kind=kind)
                    for kind in ("message", "app_mention")
                ]
                yield Event(place=f"C{n:05d}", copies=(*forms, *forms))
            case 2:
                yield Event(
                    place=f"D{n:05d}",
                    copies=(slack_press(n, Pressed(topic=TOPIC), channel=f"D{n:05d}", user=person),) * 4,
                )
            case 3:
                yield Event(place=f"a:{n}", copies=(teams_message(n, QUESTION, **teams),) * 4)
            case 4:
                yield Event(place=f"a:{n}", copies=(teams_press(n, Show(topic=TOPIC), **teams),) * 4)


def deliver(told: Sequence[Told], urls: Sequence[str], chance: random.Random) -> Counter[int]:
    """Tell all of it until it is acknowledged, each time to any of the replicas; the statuses of the answers."""

    async def run() -> Counter[int]:
        limits = httpx2.Limits(max_connections=UNDER_WAY)
        async with httpx2.AsyncClient(trust_env=False, timeout=30, limits=limits) as client:
            free = asyncio.Semaphore(UNDER_WAY)

            async def one(request: Told, url: str) -> int:
                async with free:
                    while True:
                        try:
                            answer = await client.post(
                                url + request.path, content=request.body, headers=request.headers()
                            )
                        except httpx2.TransportError:  # the server closed an idle connection at this moment
                            continue
                        if answer.status_code not in BUSY:
                            return answer.status_code
                        await asyncio.sleep(1)

            return Counter(await asyncio.gather(*(one(request, chance.choice(urls)) for request in told)))

    return asyncio.run(run())


def arrived(slack: Running, teams: Running) -> Counter[str]:
    return Counter(line["to"] for server in (slack, teams) for line in server.accepted())


@pytest.mark.parametrize(
    ("count", "database"),
    [(30, "sqlite"), pytest.param(1000, "postgresql", marks=pytest.mark.slow)],
    ids=["small", "full"],
)
def test_one_effect_each(engine, tmp_path, request, figures, count, database):
    """Whatever is delivered again, and to whichever replica, is answered once."""
    chance = random.Random(6)
    url = sqlite_in(tmp_path) if database == "sqlite" else request.getfixturevalue(database)
    with running("slack_server", tmp_path) as slack, running("teams_server", tmp_path) as teams:
        given = environment(tmp_path, slack.url, ASAKA_DATABASE_URL=url)
        happened = list(events(count, teams.url))
        told = [(n + chance.uniform(0, APART / 4), copy) for n, event in enumerate(happened) for copy in event.copies]
        with replicas(engine, given, tmp_path, 2) as both:
            began = time.monotonic()
            in_turn = [copy for _, copy in sorted(told, key=lambda each: each[0])]
            statuses = deliver(in_turn, [each.url for each in both], chance)
            delivered = time.monotonic()
            while len(arrived(slack, teams)) < count and time.monotonic() < delivered + 120:
                time.sleep(0.1)
        # The replicas have finished what was under way: nothing more can arrive.
        effects = arrived(slack, teams)
        figures(
            "D6 redelivery",
            database=database,
            events=count,
            deliveries=statuses.total(),
            effects=effects.total(),
            lost=sum(not effects[event.place] for event in happened),
            doubled=sum(effects[event.place] > 1 for event in happened),
            seconds=f"{time.monotonic() - began:.0f}",
        )
    assert statuses == {200: 4 * count}
    assert effects == {event.place: 1 for event in happened}

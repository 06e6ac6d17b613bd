"""The addresses of the calendars: which are open, and which need their key."""

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from asaka_bot.channels.web.calendar_feed import address, routes


class Calendars:
    """A calendar that names its audience."""

    async def ics(self, audience: str) -> bytes:
        return f"BEGIN:VCALENDAR\r\nX-FOR:{audience}\r\nEND:VCALENDAR\r\n".encode()


@pytest.fixture
def client() -> TestClient:
    return TestClient(Starlette(routes=routes(Calendars(), "secret")))


@pytest.mark.parametrize(
    ("path", "audience"),
    [
        ("/calendar.ics", "everyone"),
        ("/calendar/everyone.ics", "everyone"),
        ("/calendar/managers.ics", "managers"),
        (address("secret", "everyone"), "everyone"),
        (address("secret", "managers"), "managers"),
        (address("secret", "hr"), "hr"),
    ],
)
def test_calendars(client, path, audience):
    """Each address gives the calendar of its audience."""
    response = client.get(path)
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/calendar; charset=utf-8"
    assert f"X-FOR:{audience}\r\n" in response.text


@pytest.mark.parametrize("key", ["", "?key=", "?key=x", "?key=ア", "?key=" + "0" * 40])
def test_calendar_of_hr_needs_its_key(client, key):
    """Without the key that HR sees in the console its calendar stays closed."""
    response = client.get(f"/calendar/hr.ics{key}")
    assert response.status_code == 403
    assert "VCALENDAR" not in response.text


def test_another_installation_has_another_key():
    """The key is made from the secret of the installation, and stays as long as that does."""
    assert address("secret", "hr") == address("secret", "hr")
    assert address("secret", "hr") != address("other", "hr")


@pytest.mark.parametrize("audience", ["nobody", "..%2Fhr", "hr%00"])
def test_unknown_calendars(client, audience):
    """There are no other calendars."""
    assert client.get(f"/calendar/{audience}.ics").status_code == 404

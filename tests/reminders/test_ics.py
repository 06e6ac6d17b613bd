"""The calendar feed: as icalendar reads it, and as a client that subscribes over HTTP sees it."""

import threading
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import icalendar
import pytest
from icalevents import icalevents

from asaka_bot.reminders.ics import feed
from asaka_bot.reminders.occurrences import Status, occurrences
from asaka_bot.reminders.rules import Audience
from asaka_bot.reminders.suspension import Suspension
from asaka_bot.tokyo import TOKYO

FIRST, LAST = date(2026, 4, 1), date(2027, 3, 31)
TYPHOON = Suspension(
    id=1, rule=None, first_day=date(2026, 9, 9), last_day=date(2026, 9, 9), reason="台風", made_by="hr"
)


@pytest.fixture(scope="module")
def year(shipped):
    return occurrences(shipped, FIRST, LAST, [TYPHOON])


def read(content: bytes) -> dict[str, icalendar.Event]:
    return {str(e["uid"]): e for e in icalendar.Calendar.from_ical(content).events}


def test_events_are_what_is_sent_and_what_was_cancelled(shipped, year):
    """One event a message; merged and skipped ones have none; suspended ones are cancelled."""
    events = read(feed(shipped, year))
    shown = {f"{o.rule}-{o.day:%Y%m%d}@asaka-bot": o for o in year if o.status in (Status.PLANNED, Status.SUSPENDED)}
    assert set(events) == set(shown)
    for uid, each in shown.items():
        event = events[uid]
        assert event.start == each.due_at
        assert event.start.tzinfo is not None
        assert str(event["summary"]) == each.title
        assert str(event["status"]) == ("CANCELLED" if each.status is Status.SUSPENDED else "CONFIRMED")
        assert each.message is None or all(line in str(event["description"]) for line in each.message.also)
    assert str(events["no-overtime-wednesday-20260909@asaka-bot"]["status"]) == "CANCELLED"


def test_lines_are_short_and_the_zone_is_tokyo(shipped, year):
    """RFC 5545: at most 75 bytes a line; the time zone stands in the file."""
    content = feed(shipped, year)
    assert max(len(line) for line in content.split(b"\r\n")) <= 75
    zones = [str(z["tzid"]) for z in icalendar.Calendar.from_ical(content).timezones]
    assert zones == ["Asia/Tokyo"]
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT6H" in content


def test_the_feed_is_the_same_from_call_to_call(shipped, year):
    assert feed(shipped, year) == feed(shipped, occurrences(shipped, FIRST, LAST, [TYPHOON]))


@pytest.mark.parametrize("audience", Audience)
def test_each_audience_gets_its_own_and_only_hr_reads_notes(shipped, year, audience):
    content = feed(shipped, year, audience)
    events = read(content)
    rules = {o.rule for o in year if o.audience is audience}
    assert {uid.partition("@")[0].rpartition("-")[0] for uid in events} <= rules
    assert events
    assert any("要確認" in str(e.get("description", "")) for e in events.values()) is (audience is Audience.HR)


def test_an_empty_stretch_is_a_calendar_without_events(shipped):
    assert read(feed(shipped, ())) == {}


@pytest.fixture
def address(shipped, year) -> Iterator[str]:
    """A local server that gives the feed away."""
    content = feed(shipped, year, Audience.EVERYONE)

    class Feed(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/calendar; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Nothing on the terminal."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Feed)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/calendar.ics"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_client_that_subscribes_sees_the_year(address, year):
    """icalevents, as a subscriber, finds every message at its time in Tokyo, and its text."""
    start = datetime(2026, 4, 1, tzinfo=TOKYO)
    seen = icalevents.events(url=address, start=start, end=start + timedelta(days=365))
    expected = {(o.due_at, o.title) for o in year if o.audience is Audience.EVERYONE and o.status is Status.PLANNED}
    found = {(e.start, e.summary) for e in seen if str(e.status) != "CANCELLED"}
    assert found == expected
    assert any("完全実施日" in e.description for e in seen)

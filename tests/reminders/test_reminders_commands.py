"""`asaka-bot reminders`: JSON as scripts rely on it, the year for people, iCalendar, and clear mistakes."""

import json
import shutil
from dataclasses import replace
from datetime import date
from io import StringIO

import icalendar
import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

from asaka_bot.channels.year_view import year_view
from asaka_bot.cli import cli
from asaka_bot.reminders import files
from asaka_bot.reminders.occurrences import Status, occurrences, with_decided
from asaka_bot.reminders.suspension import Suspension


@pytest.fixture
def run(monkeypatch):
    """Runs a command of `asaka-bot reminders` on a wide terminal."""
    monkeypatch.setattr("asaka_bot.cli.reminders.console._width", 200)

    def command(*words: str) -> Result:
        return CliRunner().invoke(cli, ["reminders", *words])

    return command


def test_preview_as_json(run):
    """The keys and values that scripts outside rely on, with dates in ISO or Japanese form."""
    done = run("preview", "--from", "令和8年9月23日", "--to", "2026-09-30", "--json")
    assert done.exit_code == 0
    rows = json.loads(done.stdout)
    assert [(r["date"], r["time"], r["rule"], r["audience"], r["status"]) for r in rows] == [
        ("2026-09-23", "09:00", "no-overtime-wednesday", "everyone", "skipped"),
        ("2026-09-25", "09:00", "no-overtime-friday", "everyone", "planned"),
        ("2026-09-30", "09:00", "on-time-leaving-week-eve", "everyone", "planned"),
        ("2026-09-30", "09:00", "no-overtime-wednesday", "everyone", "merged"),
    ]
    assert set(rows[0]) == {"date", "time", "rule", "title", "audience", "status", "note"}
    assert rows[0]["note"] == "秋分の日のため送りません。"
    assert "on-time-leaving-week-eve" in rows[3]["note"]


def test_preview_of_a_stretch_is_a_table(run):
    done = run("preview", "--from", "2026-10-01", "--to", "2026-10-07")
    assert done.exit_code == 0
    assert "定時退庁推進週間" in done.stdout
    assert "まとめ" in done.stdout


def test_preview_without_dates_is_the_fiscal_year(run):
    """Twelve months, a legend and counts."""
    done = run("preview")
    assert done.exit_code == 0
    assert all(f"{month}月" in done.stdout for month in range(1, 13))
    assert "閉庁日のため送らない" in done.stdout
    assert "要確認の日付" in done.stdout


def test_the_year_marks_what_is_merged_skipped_suspended_and_missed(shipped):
    """Every state has its mark in the month grid, and is counted below."""
    day = date(2026, 6, 10)
    pause = Suspension(id=1, rule=None, first_day=day, last_day=day, reason="選挙", made_by="hr")
    found = occurrences(shipped, date(2026, 4, 1), date(2027, 3, 31), [pause])
    missed = {(o.rule, o.day): replace(o, status=Status.MISSED) for o in found if o.day == date(2026, 6, 12)}
    drawn = Console(width=110, record=True, file=StringIO())
    drawn.print(year_view(shipped, 2026, with_decided(found, missed)))
    text = drawn.export_text()
    assert all(cell in text for cell in ("10×", "12!", "17+", "23-"))
    assert "休止 1件" in text
    assert "送れず 1件" in text


def test_ics(run):
    done = run("ics", "--audience", "managers", "--from", "2026-04-01", "--to", "2027-03-31")
    assert done.exit_code == 0
    events = icalendar.Calendar.from_ical(done.stdout_bytes).events
    assert [e.start.date().isoformat() for e in events] == ["2026-04-01", "2026-07-01", "2026-10-01", "2027-01-04"]


@pytest.mark.parametrize(
    "words",
    [
        ("preview", "--from", "2026-10-07", "--to", "2026-10-01"),
        ("preview", "--from", "2026-01-01", "--to", "2099-01-01"),
        ("ics", "--audience", "mayor"),
    ],
)
def test_wrong_usage(run, words):
    assert run(*words).exit_code == 2


def test_broken_schedules_stop_with_every_problem(run, monkeypatch, tmp_path):
    """The error that `main` prints names file and line."""
    shutil.copytree(files.SHIPPED, tmp_path / "schedules")
    broken = tmp_path / "schedules" / "leave.yaml"
    broken.write_text(broken.read_text(encoding="utf-8").replace('time: "10:00"', 'time: "10時"'), encoding="utf-8")
    monkeypatch.setenv("ASAKA_SCHEDULES_DIR", str(tmp_path / "schedules"))
    done = run("preview")
    assert done.exit_code == 1
    assert str(done.exception).count("schedules/leave.yaml:") == 3

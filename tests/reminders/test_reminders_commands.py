"""`asaka-bot reminders`: JSON as scripts rely on it, the year for people, iCalendar, and clear mistakes."""

import json
import shutil

import icalendar
import pytest
from typer.testing import CliRunner, Result

from asaka_bot.cli import cli
from asaka_bot.reminders import files


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

"""`asaka-bot audit`: the list for people and scripts, and the exit code that watches over the log."""

import asyncio
import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from asaka_bot import app as application
from asaka_bot.cli import cli
from asaka_bot.reminders import files
from asaka_bot.roles import Actor, HrRole
from asaka_bot.settings import Settings

YAMADA = Actor(person="山田", role=HrRole.EDITOR)
FIRST, LAST = date(2026, 12, 2), date(2026, 12, 4)


@pytest.fixture
def data(tmp_path: Path, monkeypatch) -> Path:
    """The data folder of the commands, without anything in it."""
    monkeypatch.setenv("ASAKA_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def paused(data: Path) -> Path:
    """The same after a rule was paused and resumed."""

    async def work():
        schedule = files.load(files.SHIPPED)
        async with application.open_reminders(Settings.model_validate({"ASAKA_DATA_DIR": data}), schedule) as desk:
            await desk.pause(YAMADA, "no-overtime-wednesday", FIRST, LAST, "台風")
            await desk.resume(replace(YAMADA, person="佐藤"), 1)

    asyncio.run(work())
    return data


def run(*words: str) -> Result:
    return CliRunner().invoke(cli, ["audit", *words])


def at_the_file(data: Path, *statements: str) -> None:
    with closing(sqlite3.connect(data / "asaka.db")) as database, database:
        for statement in statements:
            database.execute(statement)


@pytest.mark.usefixtures("paused")
def test_list_for_people():
    """One sentence a line, the newest first."""
    done = run("list")
    assert done.exit_code == 0
    first, second = done.stdout.splitlines()
    assert first.startswith("2. 令和")
    assert first.endswith("佐藤さんが、ノー残業デー（水曜）を再開しました（12月2日から12月4日までの休止）")
    assert second.endswith("山田さんが、ノー残業デー（水曜）を12月2日から12月4日まで止めました")
    assert len(run("list", "--limit", "1").stdout.splitlines()) == 1


@pytest.mark.usefixtures("paused")
def test_list_as_json():
    """The keys that scripts rely on."""
    newest, oldest = json.loads(run("list", "--json").stdout)
    assert set(newest) == {"id", "at", "person", "action", "subject", "details", "text", "digest"}
    assert (oldest["id"], oldest["person"], oldest["action"], oldest["subject"]) == (1, "山田", "reminder.pause", "1")
    assert oldest["details"] == {"rule": "no-overtime-wednesday", "first": "2026-12-02", "last": "2026-12-04"}


@pytest.mark.usefixtures("data")
def test_an_empty_log():
    """Nothing to list is no failure, and a log without entries holds."""
    assert "まだ記録がありません" in run("list").stdout
    assert json.loads(run("list", "--json").stdout) == []
    assert run("verify").exit_code == 0


@pytest.mark.usefixtures("paused")
def test_verify_a_whole_log():
    """The head is printed, and found again when it is given back."""
    found = json.loads(run("verify", "--json").stdout)
    assert (found["whole"], found["entries"], found["broken"]) == (True, 2, None)
    done = run("verify", "--head", found["head"].upper())
    assert done.exit_code == 0
    assert "2件の記録は、すべて書かれたときのままです。" in done.stdout
    assert found["head"] in done.stdout


def test_verify_a_log_that_was_tampered_with(paused):
    """Exit code 1, with the place and what to do."""
    at_the_file(paused, "DROP TRIGGER audit_no_update", "UPDATE audit SET person = '鈴木' WHERE id = 1")
    done = run("verify")
    assert done.exit_code == 1
    assert "番号1の記録が、書かれた後に変えられています。" in done.stdout
    assert "写して残し" in done.stdout
    broken = json.loads(run("verify", "--json").stdout)["broken"]
    assert (broken["id"], broken["fault"]) == (1, "changed")


def test_verify_a_log_whose_end_was_cut(paused):
    """Only the head that was written down tells."""
    head = json.loads(run("verify", "--json").stdout)["head"]
    at_the_file(paused, "DROP TRIGGER audit_no_delete", "DELETE FROM audit WHERE id = 2")
    assert run("verify").exit_code == 0
    done = run("verify", "--head", head)
    assert done.exit_code == 1
    assert "書き留めた照合値が、いまの記録の中にありません" in done.stdout


@pytest.mark.parametrize("words", [("verify", "--head", "abc"), ("list", "--limit", "0"), ("list", "--limit", "x")])
@pytest.mark.usefixtures("data")
def test_wrong_usage(words):
    """Exit code 2."""
    assert run(*words).exit_code == 2

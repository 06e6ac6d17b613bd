"""`asaka-bot notice`: from a draft to its end, as people and scripts use it."""

import functools
import json

import pytest
from typer.testing import CliRunner, Result

from asaka_bot.broadcasts.invented_staff import invented_staff
from asaka_bot.broadcasts.staff_file import as_excel
from asaka_bot.cli import cli
from asaka_bot.errors import AudienceError, NoticeError
from asaka_bot.knowledge import files

STAFF = invented_staff(40)
read_once = functools.cache(files.load)  # the knowledge, which each of the commands reads
ONE = f"職員:{STAFF[0].staff_id}"


@pytest.fixture
def run(monkeypatch, tmp_path):
    """Runs a command of `asaka-bot` over a database of the test's own that holds 40 people."""
    monkeypatch.setenv("ASAKA_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setattr("asaka_bot.channels.console.console._width", 200)
    monkeypatch.setattr(files, "load", read_once)
    (tmp_path / "名簿.xlsx").write_bytes(as_excel(STAFF))

    def command(*words: str, answer: str | None = None) -> Result:
        return CliRunner().invoke(cli, list(words), input=answer)

    assert command("staff", "import", str(tmp_path / "名簿.xlsx"), "--yes").exit_code == 0
    return command


def printed(result: Result):
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def new(run, *words: str) -> int:
    text = ("--title", "研修", "--body", "研修を行います。", "--confirm")
    return printed(run("notice", "new", *text, *words, "--json"))["id"]


def test_from_draft_to_outbox(run):
    """It is kept, shown, asks for agreement, and goes into the outbox; the status tells the rest."""
    number = str(new(run, "--to", ONE))
    shown = printed(run("notice", "preview", number, "--json"))
    assert (shown["people"], shown["text"][:2]) == (1, "研修")
    asked = run("notice", "send", number, "--json")
    assert asked.exit_code == 1
    agree = [word for each in json.loads(asked.stdout)["questions"] for word in ("--agree", each["id"])]
    assert printed(run("notice", "send", number, *agree, "--json"))["state"] == "sent"
    status = printed(run("notice", "status", number, "--json"))
    assert (status["people"], status["counts"]["unreachable"], status["confirmed"]) == (1, 1, 0)
    assert "宛先1人" in run("notice", "status", number).stdout
    assert printed(run("notice", "list", "--json"))[0]["state"] == "sent"


def test_to_many_it_waits_for_a_second_person(run):
    """A script can't approve; it can cancel."""
    number = str(new(run, "--to", "全員"))
    agree = ("--agree", "quiet-hours", "--agree", "unreachable")
    done = run("notice", "send", number, *agree)
    assert "承認を待っています" in done.stdout
    assert run("notice", "cancel", number, answer="n\n").exit_code == 1
    assert printed(run("notice", "cancel", number, "--yes", "--json")) == {"notice": int(number), "stopped": 0}


def test_a_template_and_a_file_are_starts(run, tmp_path):
    """What is given replaces what the template says."""
    (tmp_path / "本文.txt").write_text("\ufeffはじめまして。\n", encoding="utf-8")
    words = ("--template", "training", "--title", "AI研修", "--body-file", str(tmp_path / "本文.txt"), "--json")
    made = printed(run("notice", "new", *words))
    text = printed(run("notice", "preview", str(made["id"]), "--json"))["text"]
    assert text.startswith("AI研修\n\nはじめまして。")
    assert "第5-3-a①" in text
    assert any(each["id"] == "training" for each in printed(run("notice", "templates", "--json")))


@pytest.mark.parametrize(
    ("written", "moment"),
    [("2030-12-02 9:00", "2030-12-02T09:00:00+09:00"), ("令和12年12月2日 9時30分", "2030-12-02T09:30:00+09:00")],
)
def test_moments_are_read_as_people_write_them(run, written, moment):
    number = new(run, "--to", ONE, "--at", written)
    assert printed(run("notice", "preview", str(number), "--json"))["send_at"] == moment


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("status", "99"), NoticeError),
        (("send", "99"), NoticeError),
        (("new", "--title", "あ" * 101), NoticeError),
    ],
)
def test_mistakes_are_clear_errors(run, words, error):
    assert isinstance(run("notice", *words).exception, error)


@pytest.mark.parametrize(
    ("words", "fields"),
    [
        (("new", "--title", "あ" * 101, "--post", "fax:1"), ["title", "posts"]),
        (("new", "--title", "題名", *("--answer", "はい") * 2), ["answers"]),
        (("send", "99"), [""]),
    ],
)
def test_scripts_are_told_the_fields_of_a_refusal(run, words, fields):
    """With --json, as JSON on standard output; the command fails all the same."""
    refused = run("notice", *words, "--json")
    assert (refused.exit_code, isinstance(refused.exception, NoticeError)) == (1, True)
    assert [each["field"] for each in json.loads(refused.stdout)["problems"]] == fields
    assert all(each["text"] for each in json.loads(refused.stdout)["problems"])


def test_a_misspelt_audience_is_named(run):
    number = new(run, "--to", "所属:ない課")
    refused = run("notice", "preview", str(number), "--json")
    assert isinstance(refused.exception, AudienceError)
    assert json.loads(refused.stdout)["problems"][0]["field"] == "audience"


@pytest.mark.parametrize(
    "words",
    [
        ("--at", "あした"),
        ("--at", "2030-12-02 25:00"),
        ("--post", "everyone"),
        ("--template", "x"),
        ("--body-file", "/x"),
    ],
)
def test_wrong_options_say_how_to_write_them(run, words):
    assert run("notice", "new", "--title", "x", *words).exit_code == 2

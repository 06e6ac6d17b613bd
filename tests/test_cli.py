"""The commands as a person or a script runs them: exit codes, JSON keys, Japanese messages."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from asaka_bot.knowledge.files import SHIPPED
from tests.fakes.commands import commands

CACHE = Path(__file__).resolve().parents[1] / "var" / "cache"
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def given(engine, tmp_path_factory) -> dict[str, str]:  # noqa: ARG001 - once the engine stands, its weights are in the cache
    """An environment with the shared cache of trained weights, and a data folder of its own."""
    data = tmp_path_factory.mktemp("data")
    (data / "cache").symlink_to(CACHE)
    kept = {k: v for k, v in os.environ.items() if not k.startswith("ASAKA_")}
    return kept | {"ASAKA_DATA_DIR": str(data), "PYTHONUTF8": "1", "COLUMNS": "200"}


@pytest.fixture(scope="module")
def run(given: dict[str, str]) -> Iterator[Run]:
    """Runs `python -m asaka_bot` in that environment."""
    with commands(given) as ready:
        yield ready.run


@pytest.mark.parametrize(("words", "code"), [(("ask", "介護休暇は何日ですか"), 0), (("nonsense",), 2)])
def test_a_process_started_anew_does_the_same(run, given, words, code):
    """The commands below are forked from a process that has everything imported: exit code and output are as without."""
    anew = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "asaka_bot", *words],
        capture_output=True, text=True, encoding="utf-8", env=given, timeout=120, check=False,
    )  # fmt: skip
    forked = run(*words)
    assert anew.returncode == code
    assert (forked.returncode, forked.stdout, forked.stderr) == (anew.returncode, anew.stdout, anew.stderr)


@pytest.fixture
def knowledge_folder(tmp_path: Path) -> Path:
    """A small knowledge folder with two mistakes and an empty city value."""
    place = tmp_path / "mine"
    place.mkdir()
    (place / "topics.yaml").write_text(
        "category: {id: s, title: 棚}\ncertainty: law\nsources: [{id: law1, label: 法}]\ntopics:\n"
        "  - {id: one, title: 一, text: 説明。, related: [gone]}\n  - {id: two, title: 二}\n",
        encoding="utf-8",
    )
    (place / "city.yaml").write_text("values:\n  - {id: v, title: 空の値}\n", encoding="utf-8")
    return place


def japanese(text: str) -> bool:
    return bool(re.search(r"[ぁ-ん]", text)) and "Traceback" not in text


def test_ask_as_json(run):
    """`ask --json` has the keys that scripts outside rely on."""
    done = run("ask", "介護休暇は何日ですか", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    reply = json.loads(done.stdout)
    assert {"decision", "topics", "facet", "text", "sources", "choices", "contact"} <= set(reply)
    assert (reply["decision"], reply["topics"][0], reply["facet"]) == ("answer", "care-leave", "duration")
    assert 1 <= len(reply["topics"]) <= 5
    assert all(
        {"label", "locator", "certainty"} <= set(s) <= {"label", "locator", "certainty", "url"}
        for s in reply["sources"]
    )
    assert all(set(c) == {"topic", "title"} for c in reply["choices"])
    assert reply["contact"]["title"]


def test_ask_in_the_terminal(run):
    """Without --json a person reads text with sources and without markup."""
    done = run("ask", "介護休暇は何日ですか", "--role", "fixed-term")
    assert done.returncode == 0
    assert "【出典】" in done.stdout
    assert "[/" not in done.stdout


def test_ask_needs_a_known_role(run):
    """An unknown role is wrong usage, and the roles are named."""
    done = run("ask", "育休", "--role", "boss")
    assert done.returncode == 2
    assert "fixed-term" in done.stderr
    assert japanese(done.stderr)


def test_square_brackets_are_no_markup(run):
    """Brackets in a question reach the screen as they are, without an error of the terminal library."""
    assert run("ask", "[/red] [bold]育休[/] は？").returncode == 0


def test_chat_ends_with_its_word(run):
    """A conversation in the terminal: a question, a follow-up, a number, the end."""
    done = run("chat", typed="介護休暇は何日ですか\n給料は？\n1\n終わり\n")
    assert done.returncode == 0
    assert done.stdout.count("【介護休暇】") >= 2
    assert "Traceback" not in done.stderr


def test_chat_ends_with_the_input(run):
    """Ctrl+D is no error."""
    done = run("chat", typed="")
    assert (done.returncode, "Traceback" in done.stderr) == (0, False)


def test_evaluate_writes_predictions(run, tmp_path):
    """Predictions have one line for each question, with the agreed keys; --json prints the report."""
    questions, out = tmp_path / "q.jsonl", tmp_path / "p.jsonl"
    questions.write_text(
        '{"id": "a", "text": "育休はいつまで", "topics": ["childcare-leave"], "kind": "in"}\n'
        '{"id": "b", "turns": [{"text": "介護休暇は何日"}, {"text": "給料は？"}]}\n',
        encoding="utf-8",
    )
    done = run("evaluate", str(questions), "--predictions", str(out), "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["measures"]["in: right first"] == {"share": 1.0, "right": 1, "of": 1}
    single, conversation = (json.loads(line) for line in out.read_text(encoding="utf-8").splitlines())
    keys = {"decision", "topics", "facet", "text", "sources", "ms"}
    assert set(single) == keys | {"id"}
    assert [set(turn) for turn in conversation["turns"]] == [keys, keys]
    assert conversation["turns"][1]["topics"][0] == "care-leave"


def test_evaluate_of_a_bad_file(run, tmp_path):
    """A broken line is an error with its place."""
    bad = tmp_path / "bad.jsonl"
    bad.write_text("{broken\n", encoding="utf-8")
    done = run("evaluate", str(bad))
    assert done.returncode == 1
    assert "bad.jsonl:1:" in done.stderr
    assert japanese(done.stderr)


def test_evaluate_into_a_missing_folder(run, tmp_path):
    """Predictions that can't be written are an error in Japanese, not a traceback."""
    questions = tmp_path / "q.jsonl"
    questions.write_text('{"id": "a", "text": "育休はいつまで"}\n', encoding="utf-8")
    done = run("evaluate", str(questions), "--predictions", str(tmp_path / "no" / "p.jsonl"))
    assert done.returncode in (1, 2)
    assert japanese(done.stderr)


def test_check_of_the_shipped_knowledge(run):
    """The shipped knowledge has no problem."""
    done = run("check")
    assert (done.returncode, done.stderr) == (0, "")
    assert "問題はありません" in done.stdout


def test_check_prints_every_problem(run, knowledge_folder):
    """Problems come one a line with file and line, and make the command fail."""
    done = run("check", ASAKA_KNOWLEDGE_DIR=str(knowledge_folder))
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert [line.split(": ")[0] for line in lines if line.startswith("mine/")] == [
        "mine/topics.yaml:6",
        "mine/topics.yaml:5",
    ]


def test_check_todo(run):
    """--todo lists what HR has still to fill in, as file:line."""
    done = run("check", "--todo")
    assert done.returncode == 0
    assert re.search(r"^knowledge/city\.yaml:\d+: 「.+」.*記入", done.stdout, re.MULTILINE)
    assert re.search(r"^knowledge/contacts\.yaml:\d+: ", done.stdout, re.MULTILINE)


def test_check_as_json(run):
    """--json gives the same as data."""
    shown = json.loads(run("check", "--todo", "--json").stdout)
    assert shown["problems"] == []
    assert len(shown["todo"]) > 100


def test_life_events_as_json(run):
    """Dates in ISO form with id, title, basis, certainty and note."""
    done = run("life-events", "--due-date", "令和9年2月10日", "--multiple", "--json")
    assert done.returncode == 0
    rows = {row["id"]: row for row in json.loads(done.stdout)}
    assert rows["prenatal-leave-start"]["date"] == "2026-11-05"
    assert (rows["intention-window"]["start"], rows["intention-window"]["end"]) == ("2029-01-11", "2030-01-10")
    assert all({"id", "title", "basis", "certainty", "note"} <= set(row) for row in rows.values())


def test_life_events_in_the_terminal(run):
    """Without --json the days are written in Japanese."""
    assert "令和11年5月9日" in run("life-events", "--birth-date", "R8.5.10").stdout


@pytest.mark.parametrize("day", ["2027-02-30", "いつか", "1999-01-01"])
def test_life_events_of_a_bad_day(run, day):
    """A day that doesn't exist or can't be counted from is an error in Japanese."""
    done = run("life-events", "--due-date", day)
    assert done.returncode == 1
    assert japanese(done.stderr)


@pytest.mark.parametrize(
    "words",
    [
        ("ask",),
        ("nonsense",),
        ("ask", "育休", "--colour"),
        ("life-events",),
        ("evaluate",),
        ("serve", "--port", "many"),
        ("check", "extra"),
    ],
)
def test_wrong_usage(run, words):
    """Wrong words are answered in Japanese with exit code 2."""
    done = run(*words)
    assert done.returncode == 2
    assert done.stdout == ""
    assert japanese(done.stderr)


def test_no_command_shows_the_help(run):
    """Without a command the commands are listed."""
    done = run()
    assert done.returncode == 2
    assert "life-events" in done.stdout + done.stderr


def test_wrong_setting_stops_with_one_line(run):
    """A misspelt variable is named."""
    done = run("check", ASAKA_LOG_LEVL="INFO")
    assert done.returncode == 1
    assert "ASAKA_LOG_LEVL" in done.stderr
    assert japanese(done.stderr)


def test_broken_knowledge_stops_an_answer(run, knowledge_folder):
    """No answer is given from a knowledge base with problems; all are named."""
    done = run("ask", "一", ASAKA_KNOWLEDGE_DIR=str(knowledge_folder))
    assert done.returncode == 1
    assert "mine/topics.yaml:5" in done.stderr
    assert "mine/topics.yaml:6" in done.stderr


def test_feedback_of_a_new_database(run):
    """Without feedback there is an empty list, and a sentence for people."""
    assert json.loads(run("feedback", "--json").stdout) == []
    assert "まだ" in run("feedback").stdout


def test_feedback_of_an_unreachable_database(run):
    """A database that can't be reached is an error that says what to check, without the password."""
    address = "postgresql+psycopg://nobody:hunter2@127.0.0.1:1/none"
    done = run("feedback", ASAKA_DATABASE_URL=address)
    assert done.returncode == 1
    assert "ASAKA_DATABASE_URL" in done.stderr
    assert "hunter2" not in done.stdout + done.stderr


def test_knowledge_folder_is_where_it_is_expected():
    """The commands above ran over the folder beside the package."""
    assert (SHIPPED / "urgent.yaml").is_file()


def test_hr_link_is_fresh_each_time(run):
    """`hr-link` prints one address to open, a new one each time."""
    first, second = (run("hr-link", "--url", "https://bot.asaka.example/") for _ in range(2))
    assert first.returncode == second.returncode == 0
    assert re.fullmatch(r"https://bot\.asaka\.example/hr/sign-in\?token=[\w-]{43}\n", first.stdout)
    assert first.stdout != second.stdout
    assert json.loads(run("hr-link", "--json").stdout)["link"].startswith("http://127.0.0.1:8080/hr/sign-in?token=")


def test_hr_link_needs_an_address(run):
    """An address without http:// is a wrong usage."""
    done = run("hr-link", "--url", "bot.asaka.example")
    assert done.returncode == 2
    assert japanese(done.stderr)


@pytest.mark.parametrize("words", [("--role", "king"), ("--person", " "), ("--person", "あ" * 121)])
def test_hr_link_for_nobody_or_as_nothing(run, words):
    """A role that isn't one, and a name that can't be kept, are a wrong usage."""
    done = run("hr-link", *words)
    assert done.returncode == 2
    assert japanese(done.stderr)

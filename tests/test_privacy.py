"""What people write about private matters stays nowhere: not in the database, not in the log, not on the screen of the server."""

import logging
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from asaka_bot.app.application import make_app
from asaka_bot.messages import plain_text
from asaka_bot.settings import Settings
from tests.fakes.feedback import offered

CANARY = "カナリア7391"
SENSITIVE = [
    "上司の{}からパワハラを受けています",
    "{}課長に無理やりさわられました",
    "もう死にたいです。{}",
    "生理痛がひどくて休みたい、{}です",
    "不妊治療をしています。{}病院に通うための休暇はありますか",
    "妊娠しました。つわりがつらい。{}",
    "流産しました。{}で休めますか",
    "夫の{}に殴られています",
    "障害があることを{}に知られたくありません",
    "うつ病と診断されました。{}",
    "マタハラを{}から受けた",
    "カスハラの客は{}という人です",
    "子どもを{}の前でたたいてしまいました",
    "母{}の介護で限界です、手を上げてしまう",
    "同僚の{}が消えたいと言っています",
    "元夫の{}につきまとわれています",
    "発達障害の配慮を{}主査に申し出たい",
    "ハラスメントの相談を外部の{}にしたい",
    "部下の{}からセクハラの訴えがありました",
    "眠れず涙が出ます。{}",
]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.model_validate({"ASAKA_DATA_DIR": tmp_path / "data", "ASAKA_LOG_LEVEL": "DEBUG"})


@pytest.fixture
def client(settings, service):
    with TestClient(make_app(settings, service)) as running:
        yield running


def kept_bytes(folder: Path) -> bytes:
    """All that lies in the data folder: the database with its journal, the key."""
    return b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())


def test_sensitive_questions_leave_no_trace(client, settings, engine, now, caplog, capfd):
    """Twenty private questions, asked and voted on, are found neither in files nor in logs nor in the output."""
    caplog.set_level(logging.DEBUG)
    for question in SENSITIVE:
        asked = question.format(CANARY)
        engine.reply(asked, now=now)
        page = client.post("/ask", data={"question": asked}).text
        client.post("/feedback", data=offered(page) | {"helpful": "no"})
        client.post("/feedback", data={"topic": "harassment-consultation", "helpful": "no", "question": asked})
    output = capfd.readouterr()
    assert CANARY.encode() not in kept_bytes(settings.data_dir)
    assert CANARY not in caplog.text + output.out + output.err
    assert all(
        question.split("{}")[0][:8] not in caplog.text for question in SENSITIVE if len(question.split("{}")[0]) > 7
    )


def test_the_canary_would_be_found(client, settings):
    """The same search does find the question of an everyday topic that was voted on: the test above can fail."""
    page = client.post("/ask", data={"question": (asked := "年休は1年に何日もらえますか")}).text
    client.post("/feedback", data=offered(page) | {"helpful": "no"})
    assert asked.encode() in kept_bytes(settings.data_dir)


def test_votes_on_sensitive_topics_keep_the_topic_alone(client, settings, knowledge):
    """For a sensitive topic neither the question nor the side that was asked about is stored."""
    for topic in (t.id for t in knowledge.topics.values() if t.sensitive):
        client.post("/feedback", data={"topic": topic, "facet": "pay", "helpful": "yes", "question": CANARY})
    with closing(sqlite3.connect(settings.data_dir / "asaka.db")) as database:
        rows = database.execute("SELECT facet, question FROM feedback").fetchall()
    assert len(rows) >= 10
    assert set(rows) == {(None, None)}


def test_questions_with_a_birth_are_not_offered_for_storing(client):
    """A page with a table of dates doesn't carry the question to the vote: it promised to keep no date."""
    html = client.post("/ask", data={"question": f"予定日は令和9年2月10日、{CANARY}です。産休はいつから？"}).text
    feedback = html.partition('action="/feedback"')[2].partition("</form>")[0]
    assert feedback
    assert CANARY not in feedback


@pytest.mark.parametrize("question", SENSITIVE)
def test_replies_to_private_questions_repeat_nothing(engine, now, question):
    """The answer itself doesn't echo what was written."""
    reply, context = engine.reply(question.format(CANARY), now=now)
    assert CANARY not in plain_text(reply)
    assert CANARY not in repr(reply)
    assert CANARY not in repr(context)


def test_page_titles_of_private_answers_are_neutral(client):
    """The browser's history shows 「お答え」, not the matter."""
    html = client.post("/ask", data={"question": f"パワハラを{CANARY}から受けています"}).text
    title = html.partition("<title>")[2].partition("</title>")[0]
    assert CANARY not in title
    assert "ハラ" not in title

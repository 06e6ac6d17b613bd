"""`asaka-bot staff`: import with a dry run, undo, list, sample and audiences, as people and scripts use them."""

import json
from dataclasses import replace

import pytest
from typer.testing import CliRunner, Result

from asaka_bot.broadcasts.invented_staff import invented_staff
from asaka_bot.broadcasts.staff_file import as_excel
from asaka_bot.cli import cli
from asaka_bot.errors import AudienceError, StaffError, StaffFileError


@pytest.fixture
def run(monkeypatch, tmp_path):
    """Runs a command of `asaka-bot staff` over a database of the test's own."""
    monkeypatch.setenv("ASAKA_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setattr("asaka_bot.channels.console.console._width", 200)

    def command(*words: str, answer: str | None = None) -> Result:
        return CliRunner().invoke(cli, ["staff", *words], input=answer)

    return command


@pytest.fixture
def file(tmp_path):
    """Writes people into a file."""

    def write(people, name="名簿.xlsx") -> str:
        (tmp_path / name).write_bytes(as_excel(people))
        return str(tmp_path / name)

    return write


STAFF = invented_staff(60)


def test_a_dry_run_changes_nothing(run, file):
    done = run("import", file(STAFF), "--dry-run")
    assert done.exit_code == 0
    assert "新しい職員 60人、異動など 0人、いなくなる職員 0人、変わらない職員 0人" in done.stdout
    assert "ほか30人" in done.stdout
    assert json.loads(run("list", "--json").stdout) == []


def test_an_import_asks_first(run, file):
    """A no changes nothing, a yes imports."""
    path = file(STAFF)
    assert run("import", path, answer="n\n").exit_code == 1
    assert json.loads(run("list", "--json").stdout) == []
    assert "取り込みました" in run("import", path, answer="y\n").stdout
    assert "変えるものはありません" in run("import", path).stdout


def test_moves_say_what_changed(run, file):
    run("import", file(STAFF), "--yes")
    moved = [replace(STAFF[0], office=("総務部", "職員課"), title="部長"), *STAFF[1:-1]]
    found = json.loads(run("import", file(moved), "--yes", "--json").stdout)
    assert (len(found["joined"]), len(found["moved"]), len(found["left"]), found["unchanged"]) == (0, 1, 1, 58)
    assert found["moved"][0]["changes"][0].endswith("→ 総務部/職員課")
    assert (found["applied"], found["import"]) == (True, 2)


def test_json_without_yes_only_looks(run, file):
    found = json.loads(run("import", file(STAFF), "--json").stdout)
    assert (len(found["joined"]), found["applied"], found["import"]) == (60, False, None)


def test_conflicts_change_nothing(run, file):
    """Each with row and column; the exit code tells scripts."""
    done = run("import", file([STAFF[0], replace(STAFF[1], email="x")]), "--yes")
    assert done.exit_code == 1
    assert "行3・メール: メールアドレスの形ではありません" in done.stdout
    done = run("import", file([STAFF[0], STAFF[0]]), "--yes", "--json")
    assert done.exit_code == 1
    assert len(json.loads(done.stdout)["conflicts"]) == 2
    assert json.loads(run("list", "--json").stdout) == []


def test_many_leaving_at_once_needs_a_flag(run, file):
    run("import", file(STAFF), "--yes")
    few = file(STAFF[:30])
    refused = run("import", few, "--yes")
    assert isinstance(refused.exception, StaffError)
    assert "30人がいなくなります" in str(refused.exception)
    assert run("import", few, "--yes", "--confirm-mass-leaving").exit_code == 0
    assert len(json.loads(run("list", "--json").stdout)) == 30


def test_undo(run, file):
    """It asks, says which import, and brings everybody back."""
    run("import", file(STAFF), "--yes")
    run("import", file(STAFF[:50]), "--yes")
    assert run("undo", answer="n\n").exit_code == 1
    assert "いなくなる10人" in run("undo", answer="y\n").stdout
    assert len(json.loads(run("list", "--json").stdout)) == 60
    assert json.loads(run("undo", "--yes", "--json").stdout)["import"] == 1
    assert isinstance(run("undo", "--yes").exception, StaffError)


def test_lists_by_office(run, file):
    """The table for people, and only the office that is asked for."""
    run("import", file(STAFF), "--yes")
    assert "職員名簿（1人）" in run("list", "--office", "総務部/職員課").stdout
    (person,) = json.loads(run("list", "--office", "職員課", "--json").stdout)
    assert (person["office"], person["position"]) == ("総務部/職員課", "所属長")
    assert isinstance(run("list", "--office", "月面課").exception, AudienceError)


def test_the_sample_can_be_imported(run, tmp_path):
    out = str(tmp_path / "sample.xlsx")
    assert run("sample", "--people", "200", "--out", out).exit_code == 0
    assert run("import", out, "--yes").exit_code == 0
    assert len(json.loads(run("list", "--json").stdout)) == 200


def test_audiences_show_who_is_unreachable(run, file):
    """Everybody by name, and why nobody of them is reached yet."""
    run("import", file(STAFF), "--yes")
    found = json.loads(run("audience", "職位:所属長 - 所属:職員課", "--json").stdout)
    assert found["audience"] == "職位:所属長 - 所属:職員課"
    assert found["count"] == found["unreachable"] == len(found["recipients"])
    assert "つながっていません" in found["recipients"][0]["unreachable"]
    shown = run("audience", "所属:職員課").stdout
    assert "1人（うち届かない人 1人）" in shown


@pytest.mark.parametrize(
    ("words", "code", "error"),
    [
        (("import", "no-such-file.xlsx"), 2, None),
        (("import", "pyproject.toml"), 1, None),
        (("import", "/dev/null"), 1, StaffFileError),
        (("sample", "--out", "x.csv"), 2, None),
        (("sample", "--out", "/no/such/folder/x.xlsx"), 2, None),
        (("sample", "--people", "0", "--out", "x.xlsx"), 2, None),
        (("audience", "職員課"), 1, AudienceError),
        (("list", "--office"), 2, None),
    ],
)
def test_wrong_usage(run, words, code, error):
    done = run(*words)
    assert done.exit_code == code
    assert error is None or isinstance(done.exception, error)

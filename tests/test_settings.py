"""The environment becomes settings; every mistake names the variable and what to put there."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from asaka_bot import settings
from asaka_bot.errors import SettingsError
from asaka_bot.knowledge.files import SHIPPED


def test_defaults_need_nothing():
    """An empty environment runs on SQLite in var/ with the shipped knowledge."""
    found = settings.load({})
    assert found.database == "sqlite+aiosqlite:///var/asaka.db"
    assert found.knowledge_dir == SHIPPED
    assert found.cache_dir == Path("var/cache")
    assert found.log_level == "INFO"


def test_values_are_taken_over():
    """Each variable reaches its setting."""
    found = settings.load(
        {
            "ASAKA_DATA_DIR": "/data",
            "ASAKA_KNOWLEDGE_DIR": "/k",
            "ASAKA_SCHEDULES_DIR": "/s",
            "ASAKA_DATABASE_URL": "postgresql+psycopg://u@h/n",
            "ASAKA_LOG_LEVEL": "debug",
        }
    )
    assert (found.data_dir, found.knowledge_dir, found.schedules_dir) == (Path("/data"), Path("/k"), Path("/s"))
    assert found.database == "postgresql+psycopg://u@h/n"
    assert found.log_level == "DEBUG"
    assert found.cache_dir == Path("/data/cache")


def test_data_dir_moves_the_database():
    """SQLite lies in the data folder."""
    assert settings.load({"ASAKA_DATA_DIR": "/data"}).database == "sqlite+aiosqlite:////data/asaka.db"


@pytest.mark.parametrize("value", ["", "  ", "\t"])
def test_empty_counts_as_not_set(value):
    """A line `ASAKA_DATABASE_URL=` in a file of settings is no mistake."""
    assert settings.load({"ASAKA_DATABASE_URL": value, "ASAKA_LOG_LEVEL": value}) == settings.load({})


def test_variables_of_others_are_ignored():
    """Only ASAKA_… is ours to judge."""
    assert settings.load({"PATH": "/bin", "LOG_LEVEL": "loud"}) == settings.load({})


@pytest.mark.parametrize(
    ("name", "value", "hint"),
    [
        ("ASAKA_LOG_LEVEL", "loud", "INFO"),
        ("ASAKA_DATABASE_URL", "mysql://x", "postgresql+psycopg://"),
        ("ASAKA_DATABASE_URL", "postgres://x", "postgresql+psycopg://"),
        ("ASAKA_DATABASE_URL", "asaka.db", "sqlite+aiosqlite:///"),
        ("ASAKA_DATABSE_URL", "sqlite+aiosqlite:///x", "ASAKA_DATABASE_URL"),
        ("ASAKA_X", "1", "つづり"),
    ],
)
def test_mistakes_name_variable_and_remedy(name, value, hint):
    """A wrong value or a misspelt name stops the start with one line."""
    with pytest.raises(SettingsError) as caught:
        settings.load({name: value})
    assert name in str(caught.value)
    assert hint in str(caught.value)
    assert "\n" not in str(caught.value)


def test_mistake_does_not_repeat_a_password():
    """The value of a database address may hold a password: it isn't printed."""
    with pytest.raises(SettingsError) as caught:
        settings.load({"ASAKA_DATABASE_URL": "mysql://u:hunter2@h/n"})
    assert "hunter2" not in str(caught.value)


def test_settings_do_not_change():
    """Nobody changes a setting while the product runs."""
    with pytest.raises(ValidationError):
        settings.load({}).log_level = "DEBUG"


GUID = "11111111-1111-4111-8111-111111111111"
TEAMS = {"TEAMS_CLIENT_ID": GUID, "TEAMS_CLIENT_SECRET": "hunter2", "TEAMS_TENANT_ID": GUID}


def test_teams_is_optional_and_whole():
    """Teams is used where all three variables stand, or for local work."""
    assert settings.load({}).teams is None
    found = settings.load(TEAMS).teams
    assert found is not None
    assert (found.client_id, found.tenant_id, found.local) == (GUID, GUID, False)
    assert "hunter2" not in repr(found)
    local = settings.load({"ASAKA_TEAMS_LOCAL": "1"}).teams
    assert local is not None
    assert local.local
    local.check_host("127.0.0.1")
    with pytest.raises(SettingsError, match="--host"):
        local.check_host("0.0.0.0")  # noqa: S104 - refused


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({k: v for k, v in TEAMS.items() if k != "TEAMS_CLIENT_ID"}, "TEAMS_CLIENT_ID"),
        ({k: v for k, v in TEAMS.items() if k != "TEAMS_CLIENT_SECRET"}, "TEAMS_CLIENT_SECRET"),
        ({k: v for k, v in TEAMS.items() if k != "TEAMS_TENANT_ID"}, "TEAMS_TENANT_ID"),
        (TEAMS | {"TEAMS_CLIENT_ID": "asaka-bot"}, "TEAMS_CLIENT_ID"),
        (TEAMS | {"TEAMS_TENANT_ID": "hunter2"}, "TEAMS_TENANT_ID"),
        (TEAMS | {"ASAKA_TEAMS_LOCAL": "1"}, "ASAKA_TEAMS_LOCAL"),
        ({"TEAMS_CLIENT_SECRET": "hunter2", "ASAKA_TEAMS_LOCAL": "1"}, "ASAKA_TEAMS_LOCAL"),
        ({"ASAKA_TEAMS_LOCAL": "yes"}, "ASAKA_TEAMS_LOCAL"),
    ],
)
def test_half_of_teams_stops_the_start(given, name):
    """Half-set or contradictory variables stop the start with one line that says which and what to do."""
    with pytest.raises(SettingsError) as caught:
        settings.load(given)
    assert name in str(caught.value)
    assert "ください" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "hunter2" not in str(caught.value)


ACCOUNTS = {
    "ASAKA_OIDC_ISSUER": "https://login.microsoftonline.com/00000000-0000-0000-0000-000000000001/v2.0/",
    "ASAKA_OIDC_CLIENT_ID": "an-id",
    "ASAKA_OIDC_CLIENT_SECRET": "a secret",
    "ASAKA_PUBLIC_URL": "https://bot.city.example/",
}


def test_accounts_are_read():
    """Slashes at the ends are dropped; without any of it people sign in by links."""
    accounts = settings.load(ACCOUNTS).accounts
    assert accounts is not None
    assert accounts.issuer.endswith("/v2.0")
    assert accounts.public_url == "https://bot.city.example"
    assert settings.load({}).accounts is None
    alone = settings.load({"ASAKA_PUBLIC_URL": "http://127.0.0.1:8080"})
    assert (alone.accounts, alone.public_url) == (None, "http://127.0.0.1:8080")


@pytest.mark.parametrize("missing", ACCOUNTS)
def test_half_set_accounts_stop_the_start(missing):
    """One line names what is missing and what to put there."""
    with pytest.raises(SettingsError, match=missing) as raised:
        settings.load({name: value for name, value in ACCOUNTS.items() if name != missing})
    assert "書いてください" in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ASAKA_OIDC_ISSUER", "http://login.example/t"),
        ("ASAKA_OIDC_ISSUER", "login.example"),
        ("ASAKA_OIDC_ISSUER", "https://login.example/t?x=1"),
        ("ASAKA_OIDC_ISSUER", "https://a:b@login.example/t"),
        ("ASAKA_OIDC_ISSUER", "https://login.microsoftonline.com/common/v2.0"),
        ("ASAKA_OIDC_ISSUER", "https://login.microsoftonline.com/organizations/v2.0"),
        ("ASAKA_PUBLIC_URL", "http://bot.city.example"),
        ("ASAKA_PUBLIC_URL", "https://bot.city.example/hr"),
        ("ASAKA_PUBLIC_URL", "https://bot.city.example:port"),
        ("ASAKA_HR_ADMINS", "a@city.example,nobody"),
        ("ASAKA_HR_ADMINS", "a@city.example b@city.example"),
    ],
)
def test_values_that_would_let_others_in_or_nobody(name, value):
    """Are refused at the start, each with what to write."""
    with pytest.raises(SettingsError, match=name):
        settings.load({**ACCOUNTS, name: value})


def test_admins_are_known_in_lower_case():
    """However they are written."""
    assert settings.load({"ASAKA_HR_ADMINS": " A@City.example , b@city.example,"}).hr_admins == {
        "a@city.example",
        "b@city.example",
    }

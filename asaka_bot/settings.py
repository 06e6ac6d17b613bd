"""Environment -> frozen Settings; every error says which variable is wrong and what to put there."""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError

from asaka_bot import account_settings
from asaka_bot.account_settings import AccountSettings
from asaka_bot.errors import SettingsError
from asaka_bot.knowledge.files import SHIPPED
from asaka_bot.roles import email_of

_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


def _level(value: str) -> str:
    if value.upper() not in _LEVELS:
        raise ValueError(f"{'・'.join(_LEVELS)} のどれかにしてください")
    return value.upper()


def _database(value: str) -> str:
    if not value.startswith(("sqlite+aiosqlite://", "postgresql+psycopg://")):
        raise ValueError("sqlite+aiosqlite:///ファイル か postgresql+psycopg://利用者@ホスト/名前 の形で書いてください")
    return value


def _token(beginning: str) -> Callable[[str], str]:
    def check(value: str) -> str:
        if not value.startswith(beginning) or not value.isascii() or not value.isprintable() or " " in value:
            raise ValueError(f"{beginning} で始まるトークンを、そのまま貼り付けてください")
        return value

    return check


def _secret(value: str) -> str:
    if value.startswith("xox") or not value.isascii() or not value.isprintable() or " " in value:
        raise ValueError("アプリの「Basic Information」の「Signing Secret」を、そのまま貼り付けてください")
    return value


def _api_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise ValueError("http://ホスト:ポート/api/ の形で書いてください")
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/') or '/api'}/"


def _emails(value: object) -> object:
    if not isinstance(value, str):
        return value
    given = [part.strip() for part in value.split(",") if part.strip()]
    wrong = [part for part in given if not email_of(part)]
    if wrong:
        raise ValueError("メールアドレスを、半角のコンマで区切って書いてください（例: a@city.example,b@city.example）")
    return frozenset(map(email_of, given))


@dataclass(frozen=True, slots=True, kw_only=True)
class Slack:
    """How the bot reaches Slack, and Slack the bot."""

    bot_token: str = field(repr=False)
    signing_secret: str | None = field(default=None, repr=False)  # set: events come in over HTTP
    app_token: str | None = field(default=None, repr=False)  # set: events come in over Socket Mode
    api_url: str = "https://slack.com/api/"


class TeamsSettings(BaseModel):
    """Teams: a single-tenant bot in Entra, or local work without any proof of who calls."""

    model_config = ConfigDict(frozen=True)

    client_id: str = Field(default="", alias="TEAMS_CLIENT_ID")
    client_secret: SecretStr = Field(default=SecretStr(""), alias="TEAMS_CLIENT_SECRET")
    tenant_id: str = Field(default="", alias="TEAMS_TENANT_ID")
    local: bool = Field(default=False, alias="ASAKA_TEAMS_LOCAL")

    def check_host(self, host: str) -> None:
        """Local work listens on this computer only. Raises `SettingsError` for any other host."""
        if self.local and host not in ("127.0.0.1", "localhost", "::1"):
            raise SettingsError(
                f"ASAKA_TEAMS_LOCAL=1 のときは、--host {host} では動かせません。だれからの要求も確かめないためです。"
                "--host を外すか、ASAKA_TEAMS_LOCAL を消してください"
            )


class Settings(BaseModel):
    """What the environment decides; the defaults run everything on SQLite in ``var/``."""

    model_config = ConfigDict(frozen=True)

    data_dir: Path = Field(default=Path("var"), alias="ASAKA_DATA_DIR")
    knowledge_dir: Path = Field(default=SHIPPED, alias="ASAKA_KNOWLEDGE_DIR")
    schedules_dir: Path = Field(default=SHIPPED.parent / "schedules", alias="ASAKA_SCHEDULES_DIR")
    database_url: Annotated[str, AfterValidator(_database)] | None = Field(default=None, alias="ASAKA_DATABASE_URL")
    log_level: Annotated[str, AfterValidator(_level)] = Field(default="INFO", alias="ASAKA_LOG_LEVEL")
    slack_bot_token: Annotated[str, AfterValidator(_token("xoxb-"))] | None = Field(
        default=None, alias="SLACK_BOT_TOKEN", repr=False
    )
    slack_signing_secret: Annotated[str, AfterValidator(_secret)] | None = Field(
        default=None, alias="SLACK_SIGNING_SECRET", repr=False
    )
    slack_app_token: Annotated[str, AfterValidator(_token("xapp-"))] | None = Field(
        default=None, alias="SLACK_APP_TOKEN", repr=False
    )
    slack_api_url: Annotated[str, AfterValidator(_api_url)] = Field(
        default="https://slack.com/api/", alias="ASAKA_SLACK_API_URL"
    )

    hr_admins: Annotated[frozenset[str], BeforeValidator(_emails)] = Field(default=frozenset(), alias="ASAKA_HR_ADMINS")
    public_url: str = ""  # ASAKA_PUBLIC_URL, without a slash at its end
    accounts: AccountSettings | None = None  # None: HR signs in by links alone
    teams: TeamsSettings | None = None  # None: Teams is not used

    @property
    def slack(self) -> Slack | None:
        """Slack, where it is configured.

        Raises:
            SettingsError: the variables of Slack are half set.
        """
        receiving = {"SLACK_SIGNING_SECRET": self.slack_signing_secret, "SLACK_APP_TOKEN": self.slack_app_token}
        set_alone = [name for name, value in receiving.items() if value]
        if "slack_api_url" in self.model_fields_set:
            set_alone.append("ASAKA_SLACK_API_URL")
        if self.slack_bot_token is None:
            if set_alone:
                raise SettingsError(
                    f"環境変数 {set_alone[0]} がありますが、SLACK_BOT_TOKEN がありません。"
                    "アプリの「OAuth & Permissions」にある、xoxb- で始まるトークンを入れてください"
                )
            return None
        if not any(receiving.values()):
            raise SettingsError(
                "環境変数 SLACK_BOT_TOKEN がありますが、質問の受け取り方が決まっていません。"
                "SLACK_APP_TOKEN（Socket Mode）か SLACK_SIGNING_SECRET（HTTP）も入れてください"
            )
        return Slack(
            bot_token=self.slack_bot_token,
            signing_secret=self.slack_signing_secret,
            app_token=self.slack_app_token,
            api_url=self.slack_api_url,
        )

    @property
    def cache_dir(self) -> Path:
        """Where vectors and trained weights are kept; may be deleted at any time."""
        return self.data_dir / "cache"

    @property
    def database(self) -> str:
        """The URL of the database: SQLite in the data folder unless told otherwise."""
        return self.database_url or f"sqlite+aiosqlite:///{self.data_dir / 'asaka.db'}"


def load(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings; an empty variable counts as not set.

    Raises:
        SettingsError: a variable has a value that can't be used.
    """
    given = {k: v for k, v in (os.environ if environment is None else environment).items() if v.strip()}
    known = {field.alias for field in Settings.model_fields.values() if field.alias}
    teams, accounts = _teams(given), account_settings.read_accounts(given)
    unknown = sorted(
        key for key in given if key.startswith("ASAKA_") and key not in known | _TEAMS.keys() | account_settings.NAMES
    )
    if unknown:
        raise SettingsError(
            f"環境変数 {unknown[0]} はありません。つづりを確かめてください（使える名前: {'、'.join(sorted(known | {'ASAKA_TEAMS_LOCAL'} | account_settings.NAMES))}）"
        )
    try:
        own = {key: value.strip() for key, value in given.items() if key in known}
        others = {"teams": teams, "accounts": accounts, "public_url": account_settings.read_public_url(given)}
        settings = Settings.model_validate(own | others)
    except ValidationError as error:
        detail = error.errors()[0]
        reason = str(detail.get("ctx", {}).get("error", "値が正しくありません"))
        raise SettingsError(f"環境変数 {detail['loc'][0]} の値が使えません。{reason}") from error
    _ = settings.slack  # a half-set Slack stops the start, whatever the command
    return settings


_TEAMS = {
    "TEAMS_CLIENT_ID": "Entra管理センターの「アプリケーション (クライアント) ID」",
    "TEAMS_CLIENT_SECRET": "Entra管理センターの「証明書とシークレット」で作ったシークレットの値",
    "TEAMS_TENANT_ID": "Entra管理センターの「ディレクトリ (テナント) ID」",
    "ASAKA_TEAMS_LOCAL": "1（手元で試すときだけ）",
}
_GUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")


def _teams(given: Mapping[str, str]) -> TeamsSettings | None:
    """The settings of Teams, None where none is given; half of them, or real ones beside local work, are a mistake."""
    found = {name: given[name].strip() for name in _TEAMS if name in given}
    local = found.pop("ASAKA_TEAMS_LOCAL", "0")
    if local not in ("0", "1"):
        raise SettingsError(
            "環境変数 ASAKA_TEAMS_LOCAL の値が使えません。手元で試すときは1にし、そうでなければ消してください"
        )
    if local == "1":
        if found:
            raise SettingsError(
                f"環境変数 ASAKA_TEAMS_LOCAL と {next(iter(found))} は同時に使えません。"
                "手元で試すときは TEAMS_ で始まる変数を、本番では ASAKA_TEAMS_LOCAL を消してください"
            )
        return TeamsSettings.model_validate({"ASAKA_TEAMS_LOCAL": True})
    if not found:
        return None
    for name in (name for name in _TEAMS if name.startswith("TEAMS_")):
        if name not in found:
            raise SettingsError(
                f"環境変数 {name} がありません。{_TEAMS[name]}を書いてください（Teamsを使わないときは、TEAMS_ で始まる変数をすべて消してください）"
            )
        if name != "TEAMS_CLIENT_SECRET" and not _GUID.fullmatch(found[name]):
            raise SettingsError(
                f"環境変数 {name} の値が使えません。{_TEAMS[name]}（英数字とハイフンの36文字）を書いてください"
            )
    return TeamsSettings.model_validate(found)

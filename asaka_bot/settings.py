"""Environment -> frozen Settings; every error says which variable is wrong and what to put there."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from asaka_bot.errors import SettingsError
from asaka_bot.knowledge.files import SHIPPED

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Slack:
    """How the bot reaches Slack, and Slack the bot."""

    bot_token: str = field(repr=False)
    signing_secret: str | None = field(default=None, repr=False)  # set: events come in over HTTP
    app_token: str | None = field(default=None, repr=False)  # set: events come in over Socket Mode
    api_url: str = "https://slack.com/api/"


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
    known = {field.alias for field in Settings.model_fields.values()}
    unknown = sorted(key for key in given if key.startswith("ASAKA_") and key not in known)
    if unknown:
        raise SettingsError(
            f"環境変数 {unknown[0]} はありません。つづりを確かめてください（使える名前: {'、'.join(sorted(map(str, known)))}）"
        )
    try:
        settings = Settings.model_validate({key: value.strip() for key, value in given.items() if key in known})
    except ValidationError as error:
        detail = error.errors()[0]
        reason = str(detail.get("ctx", {}).get("error", "値が正しくありません"))
        raise SettingsError(f"環境変数 {detail['loc'][0]} の値が使えません。{reason}") from error
    _ = settings.slack  # a half-set Slack stops the start, whatever the command
    return settings

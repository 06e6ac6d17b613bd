"""Environment -> frozen Settings; every error says which variable is wrong and what to put there."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError

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

    teams: TeamsSettings | None = None  # None: Teams is not used

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
    teams = _teams(given)
    unknown = sorted(key for key in given if key.startswith("ASAKA_") and key not in known | _TEAMS.keys())
    if unknown:
        raise SettingsError(
            f"環境変数 {unknown[0]} はありません。つづりを確かめてください（使える名前: {'、'.join(sorted(map(str, known | {'ASAKA_TEAMS_LOCAL'})))}）"
        )
    try:
        return Settings.model_validate({key: value for key, value in given.items() if key in known} | {"teams": teams})
    except ValidationError as error:
        detail = error.errors()[0]
        reason = str(detail.get("ctx", {}).get("error", "値が正しくありません"))
        raise SettingsError(f"環境変数 {detail['loc'][0]} の値が使えません。{reason}") from error


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

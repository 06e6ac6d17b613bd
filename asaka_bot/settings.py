"""Environment -> frozen Settings; every error says which variable is wrong and what to put there."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

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


class Settings(BaseModel):
    """What the environment decides; the defaults run everything on SQLite in ``var/``."""

    model_config = ConfigDict(frozen=True)

    data_dir: Path = Field(default=Path("var"), alias="ASAKA_DATA_DIR")
    knowledge_dir: Path = Field(default=SHIPPED, alias="ASAKA_KNOWLEDGE_DIR")
    schedules_dir: Path = Field(default=SHIPPED.parent / "schedules", alias="ASAKA_SCHEDULES_DIR")
    database_url: Annotated[str, AfterValidator(_database)] | None = Field(default=None, alias="ASAKA_DATABASE_URL")
    log_level: Annotated[str, AfterValidator(_level)] = Field(default="INFO", alias="ASAKA_LOG_LEVEL")

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
        return Settings.model_validate({key: value for key, value in given.items() if key in known})
    except ValidationError as error:
        detail = error.errors()[0]
        reason = str(detail.get("ctx", {}).get("error", "値が正しくありません"))
        raise SettingsError(f"環境変数 {detail['loc'][0]} の値が使えません。{reason}") from error

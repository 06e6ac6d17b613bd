"""What the environment has decided, for people to read: nothing in it is secret."""

import platform
from collections.abc import Awaitable, Callable, Sequence

from sqlalchemy import make_url

from asaka_bot import __version__
from asaka_bot.delivery.outage import Outage
from asaka_bot.settings import Settings

_OFF = "使っていません"
_NAMES = {"slack": "Slack", "teams": "Teams"}  # of the channels


class Configuration:
    """The settings, with what a platform says of them."""

    def __init__(self, rows: Sequence[tuple[str, str]], outages: Callable[[], Awaitable[Sequence[Outage]]]) -> None:
        self._rows, self._outages = rows, outages

    async def now(self) -> Sequence[tuple[str, str]]:
        """Each setting by its name; where a platform takes nothing at present, why."""
        out = {_NAMES.get(each.channel, each.channel): each.reason for each in await self._outages()}
        return [
            (name, f"{value}　いまは送れません。{out[name]}" if name in out else value) for name, value in self._rows
        ]


def shown(settings: Settings) -> Sequence[tuple[str, str]]:
    """Each setting by its name. Only what is named here is shown: a new secret can't slip in."""
    return (
        ("版", f"Asaka Bot {__version__}（Python {platform.python_version()}）"),
        ("データベース", _database(settings)),
        ("データのフォルダー", str(settings.data_dir.absolute())),
        ("知識ベースのフォルダー", str(settings.knowledge_dir)),
        ("リマインダーのフォルダー", str(settings.schedules_dir)),
        ("ログの細かさ", settings.log_level),
        ("職員が開くアドレス", settings.public_url or "決めていません"),
        ("Slack", _slack(settings)),
        ("Teams", _teams(settings)),
        ("職員アカウント", _accounts(settings)),
        ("環境変数で決めた管理者", "、".join(sorted(settings.hr_admins)) or "いません"),
    )


def _database(settings: Settings) -> str:
    """Kind and place; the query of the address may hold passwords too, and is left out."""
    url = make_url(settings.database)
    if url.get_backend_name() == "sqlite":
        return f"SQLite（{url.database or 'メモリー'}）"
    where = f"{url.host or 'このコンピューター'}{f':{url.port}' if url.port else ''}"
    return f"PostgreSQL（{where}、データベース {url.database}、利用者 {url.username or '既定'}）"


def _slack(settings: Settings) -> str:
    if settings.slack is None:
        return _OFF
    ways = {"HTTP": settings.slack.signing_secret, "Socket Mode": settings.slack.app_token}
    return f"使っています（{'と'.join(name for name, value in ways.items() if value)}、{settings.slack.api_url}）"


def _teams(settings: Settings) -> str:
    if settings.teams is None:
        return _OFF
    if settings.teams.local:
        return "手元で試しています（だれからの要求も確かめません）"
    return f"使っています（アプリケーションID {settings.teams.client_id}、テナントID {settings.teams.tenant_id}）"


def _accounts(settings: Settings) -> str:
    if settings.accounts is None:
        return f"{_OFF}（1回限りのリンクで入ります）"
    return f"使っています（発行者 {settings.accounts.issuer}、アプリケーションID {settings.accounts.client_id}）"

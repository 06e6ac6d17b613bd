"""What still keeps Teams from working, and how to mend it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from asaka_bot.channels.teams.credentials import LOGIN, ClientSecret, TokenUnavailableError
from asaka_bot.channels.teams.keys import METADATA
from asaka_bot.settings import TeamsSettings

SERVICE = "https://smba.trafficmanager.net/teams/"
_TIMEOUT_SECONDS = 8.0
_FIREWALL = "庁内のファイアウォールとプロキシー（環境変数 HTTPS_PROXY）で、443番の外向きの通信を許してください"
# learn.microsoft.com: Microsoft Entra authentication and authorization error codes.
_REMEDIES: Mapping[str, str] = {
    "AADSTS7000215": "TEAMS_CLIENT_SECRET が違います。「証明書とシークレット」の「シークレットID」ではなく「値」を書いてください",
    "AADSTS7000222": "TEAMS_CLIENT_SECRET の期限が切れています。「証明書とシークレット」で新しいシークレットを作ってください",
    "AADSTS700016": "TEAMS_CLIENT_ID のアプリが、このテナントにありません。TEAMS_CLIENT_ID と TEAMS_TENANT_ID を確かめてください",
    "AADSTS90002": "TEAMS_TENANT_ID のテナントがありません。「ディレクトリ (テナント) ID」を確かめてください",
    "AADSTS7000112": "アプリが無効にされています。Entra管理センターの「エンタープライズ アプリケーション」で有効にしてください",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at; ``remedy`` is empty where it is well."""

    what: str
    remedy: str = ""

    @property
    def good(self) -> bool:
        """Whether nothing has to be done."""
        return not self.remedy


async def examine(
    settings: TeamsSettings | None, *, login: str = LOGIN, metadata: str = METADATA, service: str = SERVICE
) -> list[Finding]:
    """Look at the variables, the token, and the servers that have to be reached."""
    if settings is None:
        missing = "TEAMS_CLIENT_ID、TEAMS_CLIENT_SECRET、TEAMS_TENANT_ID を設定してください（READMEの「Microsoft Teamsで使う」）"
        return [Finding(what="環境変数", remedy=missing)]
    if settings.local:
        return [Finding(what="手元で試す設定（ASAKA_TEAMS_LOCAL=1）です。Microsoftには接続しません")]
    reached = await asyncio.gather(
        _token(settings, login), _reach("署名の鍵", metadata), _reach("Teamsの受け口", service)
    )
    return [Finding(what="環境変数（TEAMS_CLIENT_ID、TEAMS_CLIENT_SECRET、TEAMS_TENANT_ID）"), *reached]


async def _token(settings: TeamsSettings, login: str) -> Finding:
    secret = ClientSecret(
        client_id=settings.client_id,
        secret=settings.client_secret.get_secret_value(),
        tenant=settings.tenant_id,
        login=login,
    )
    what = "Microsoftからの資格情報の取得"
    try:
        await secret.token()
    except TokenUnavailableError as error:
        otherwise = (
            f"{error}（{error.code or '理由不明'}）。{_FIREWALL}。通信できているときは、3つの変数を確かめてください"
        )
        return Finding(what=what, remedy=_REMEDIES.get(error.code, otherwise))
    return Finding(what=what)


async def _reach(what: str, url: str) -> Finding:
    """Any answer at all shows that the server can be reached."""
    host = httpx.URL(url).host
    try:
        async with httpx.AsyncClient(timeout=_TIMEOUT_SECONDS) as client:
            await client.get(url)
    except httpx.HTTPError as error:
        return Finding(what=what, remedy=f"{host} に接続できません（{type(error).__name__}）。{_FIREWALL}")
    return Finding(what=f"{what}（{host}）")

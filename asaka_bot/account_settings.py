"""How people of HR sign in with their accounts: an OpenID Connect provider such as Entra ID, from the environment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from asaka_bot.errors import SettingsError

LOOPBACK = ("127.0.0.1", "localhost", "::1")
PUBLIC_URL = "ASAKA_PUBLIC_URL"
START_PATH = "/hr/sign-in/account"  # below the public address
CALLBACK_PATH = "/hr/sign-in/callback"
_OIDC = {
    "ASAKA_OIDC_ISSUER": "発行者（Entra IDなら https://login.microsoftonline.com/テナントID/v2.0）",
    "ASAKA_OIDC_CLIENT_ID": "Entra管理センターの「アプリケーション (クライアント) ID」",
    "ASAKA_OIDC_CLIENT_SECRET": "Entra管理センターの「証明書とシークレット」で作ったシークレットの値",
}
NAMES = frozenset({*_OIDC, PUBLIC_URL})
_OF_ANY_TENANT = ("common", "organizations", "consumers")


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSettings:
    """The provider, and what it knows the bot by."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    public_url: str  # without a slash at its end


def read_public_url(given: Mapping[str, str]) -> str:
    """The address at which browsers reach the bot, without a slash at its end; empty where none is given.

    Raises:
        SettingsError: it is no address that browsers keep the cookies of.
    """
    value = given.get(PUBLIC_URL, "").strip().rstrip("/")
    if value and (not _is_safe(value) or urlsplit(value).path):
        raise SettingsError(
            f"環境変数 {PUBLIC_URL} の値が使えません。職員が開くアドレスを、https://bot.city.example のように"
            "（手元で試すときは http://127.0.0.1:8080 のように）、パスを付けずに書いてください"
        )
    return value


def read_accounts(given: Mapping[str, str]) -> AccountSettings | None:
    """The provider, None where none is given.

    Raises:
        SettingsError: it is half set, or has a value that can't be used.
    """
    found = {name: given[name].strip() for name in _OIDC if name in given}
    public_url = read_public_url(given)
    if not found:
        return None
    for name, what in _OIDC.items():
        if name not in found:
            raise SettingsError(
                f"環境変数 {name} がありません。{what}を書いてください"
                "（職員アカウントでサインインしないときは、ASAKA_OIDC_ で始まる変数をすべて消してください）"
            )
    if not public_url:
        raise SettingsError(
            f"環境変数 {PUBLIC_URL} がありません。職員が開くアドレス（https://bot.city.example など）を書いてください。"
            "職員アカウントでサインインしたあとに、そこへ戻ります"
        )
    issuer = found["ASAKA_OIDC_ISSUER"].rstrip("/")
    if not _is_safe(issuer):
        raise SettingsError(
            "環境変数 ASAKA_OIDC_ISSUER の値が使えません。https:// で始まる発行者のアドレスを、"
            "/.well-known/… を付けずに書いてください"
        )
    if urlsplit(issuer).path.strip("/").partition("/")[0] in _OF_ANY_TENANT:
        raise SettingsError(
            "環境変数 ASAKA_OIDC_ISSUER がテナントを決めていません。ほかの組織の人も入れてしまいます。"
            "common などの代わりに、「ディレクトリ (テナント) ID」を書いてください"
        )
    return AccountSettings(
        issuer=issuer,
        client_id=found["ASAKA_OIDC_CLIENT_ID"],
        client_secret=found["ASAKA_OIDC_CLIENT_SECRET"],
        public_url=public_url,
    )


def _is_safe(address: str) -> bool:
    """HTTPS, or plain HTTP on this computer, and nothing behind the path."""
    if not address.isascii() or not address.isprintable() or " " in address:
        return False
    try:
        parts = urlsplit(address)
        _ = parts.port  # raises for a port that is none
    except ValueError:
        return False
    own = parts.scheme == "http" and parts.hostname in LOOPBACK
    clean = not (parts.query or parts.fragment or parts.username or "@" in parts.netloc)
    return (parts.scheme == "https" or own) and bool(parts.hostname) and clean

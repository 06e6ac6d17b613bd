"""The app package that an administrator uploads: manifest and icons in one zip."""

import io
import json
import zipfile
from typing import Any

from asaka_bot import __version__
from asaka_bot.channels.teams.icons import ACCENT, color_icon, outline_icon

SCHEMA = "1.25"  # of the manifest
_WEBSITE = "https://www.city.asaka.lg.jp/"
_COMMANDS = (
    ("育休はいつまで取れますか", "質問の例。ふだんの言葉で尋ねられます"),
    ("メニュー", "分野から探す"),
    ("日付", "出産予定日などから、産休・育休の日付を計算する"),
    ("お知らせ", "わたしのお知らせを見る・確認する"),
    ("職員課に聞く", "相談先と、問い合わせの文面"),
)
_MADE = (2026, 1, 1, 0, 0, 0)  # the same settings give the same bytes


def manifest(client_id: str, website: str = _WEBSITE) -> dict[str, Any]:
    """The manifest of a bot for personal chats, group chats and teams, with no permission beyond being spoken to."""
    commands = [{"title": title, "description": description} for title, description in _COMMANDS]
    scopes = ["personal", "team", "groupChat"]
    return {
        "$schema": f"https://developer.microsoft.com/json-schemas/teams/v{SCHEMA}/MicrosoftTeams.schema.json",
        "manifestVersion": SCHEMA,
        "version": __version__,
        "id": client_id,
        "localizationInfo": {"defaultLanguageTag": "ja"},
        "developer": {
            "name": "朝霞市",
            "websiteUrl": website,
            "privacyUrl": website,
            "termsOfUseUrl": website,
        },
        "name": {"short": "朝霞市職員ボット", "full": "朝霞市職員の働き方案内ボット"},
        "description": {
            "short": "休暇・両立支援・ハラスメント相談・働き方の案内",
            "full": "休暇、育児や介護との両立、ハラスメントの相談、働き方について、市の計画や法令をもとに、出典を付けてお答えします。"
            "ノー残業デーなどのお知らせも届けます。質問の内容は保存しません。",
        },
        "icons": {"color": "color.png", "outline": "outline.png"},
        "accentColor": ACCENT,
        "bots": [
            {
                "botId": client_id,
                "scopes": scopes,
                "isNotificationOnly": False,
                "supportsFiles": False,
                "commandLists": [{"scopes": scopes, "commands": commands}],
            }
        ],
        "permissions": ["identity", "messageTeamMembers"],
        "validDomains": [],  # no tabs, no dialogs: nothing of ours opens inside Teams
        "defaultInstallScope": "personal",
    }


def app_package(client_id: str, website: str = _WEBSITE) -> bytes:
    """The zip with manifest.json, color.png and outline.png at its root."""
    text = json.dumps(manifest(client_id, website), ensure_ascii=False, indent=2) + "\n"
    files = {"manifest.json": text.encode(), "color.png": color_icon(), "outline.png": outline_icon()}
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, _MADE), content, zipfile.ZIP_DEFLATED)
    return written.getvalue()

"""The words, letters and signs by which HR pages name kinds, states and moments."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from asaka_bot.tokyo import TOKYO, clock

_DAYS = "月火水木金土日"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """How something is named and, beside its colour, marked by a letter or sign."""

    id: str
    name: str
    sign: str


def _marks(*rows: tuple[str, str, str]) -> Mapping[str, Mark]:
    return {key: Mark(id=key, name=name, sign=sign) for key, name, sign in rows}


# The subjects of the reminders; of 定時退庁 the days that HR looks for have their own.
KINDS = _marks(
    ("overtime", "ノー残業デー", "残"),
    ("complete", "完全実施日", "完"),
    ("week", "定時退庁推進週間", "週"),
    ("leave", "休暇", "休"),
    ("family", "妊娠・育児・介護", "育"),
    ("harassment", "ハラスメント", "ハ"),
    ("figures", "計画の数字と公表", "数"),
    ("other", "そのほか", "他"),
)

# The first that is true of a day stands for it.
STATUSES = _marks(
    ("missed", "送れませんでした", "！"),
    ("suspended", "休止", "Ⅱ"),
    ("sent", "送信済み", "✓"),
    ("planned", "予定", ""),
    ("skipped", "見送り", "－"),
    ("merged", "ほかにまとめる", "＋"),
)

AUDIENCES = {"everyone": "全職員", "managers": "所属長・管理職員", "hr": "職員課"}
CHANNELS = {"web": "Webチャット", "slack": "Slack", "teams": "Teams", "console": "画面表示"}
UNDECIDED = {"held": "到達不明", "dead": "失敗"}
MESSAGE_KINDS = {"reminder": "リマインダー", "notice": "お知らせ", "test": "試し送り"}
OFFICE_RULES = {"approval_above": "承認が要る宛先の人数", "most_rounds": "再通知の上限"}

# The states of the outbox as people count them.
COUNTED = {
    "送信済み": ("sent",),
    "待機": ("pending", "sending"),
    "到達不明": ("unknown", "held"),
    "失敗": ("dead",),
    "取消": ("cancelled",),
}


def kind(key: str) -> Mark:
    """The mark of a kind; a new kind of rule is 「そのほか」 until it gets its own."""
    return KINDS.get(key, KINDS["other"])


def counts(by_state: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    """Deliveries as HR counts them; every delivery is in exactly one of the counts."""
    return tuple((name, sum(by_state.get(state, 0) for state in states)) for name, states in COUNTED.items())


def short_day(day: date) -> str:
    """10月7日（水）."""
    return f"{day.month}月{day.day}日（{_DAYS[day.weekday()]}）"


def moment(at: datetime) -> str:
    """10月7日（水）8:30, in Tokyo."""
    local = at.astimezone(TOKYO)
    return f"{short_day(local.date())}{clock(at)}"


def fiscal_year(year: int) -> str:
    """令和8年度 for 2026."""
    return f"令和{year - 2018}年度" if year > 2019 else f"{year}年度"


def grouped(number: int) -> str:
    """1,234: from 1,000 on with a comma."""
    return f"{number:,}"

"""The audit log in sentences: who did what, whether the chain holds, and what to do where it doesn't."""

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from asaka_bot.audit import Action, Entry, Fault, Verdict
from asaka_bot.hr_console import words
from asaka_bot.messages import japanese_date
from asaka_bot.roles import HrRole
from asaka_bot.tokyo import TOKYO, clock

_OFFICES = ("課", "係", "部", "室", "局", "担当", "さん", "様")  # after these nobody says さん
_COMMAND = "コマンド"  # acted on the server itself, where nobody is signed in
_PLANNED = "予約"  # the clock sent at the moment that a person had planned
_COUNTED = {"joined": "新しく", "moved": "変更", "left": "退職など"}
_SHORT = 8  # characters by which people tell markers apart
_TO_HR_ITSELF = "web:hr-test"

_FAULTS = {
    Fault.CHANGED: "番号{id}の記録が、書かれた後に変えられています。",
    Fault.MISSING: "番号{id}の記録がありません。消されています。",
    Fault.OUT_OF_ORDER: "番号{id}の記録が、前の記録とつながっていません。入れ替え、差し込み、または書き直しがあります。",
    Fault.CUT: "書き留めた照合値が、いまの記録の中にありません。新しい記録が消されたか、書き直されています"
    "（控えから戻した場合は、控えを取った後の記録が入っていません）。",
}
_TO_DO = (
    "データベースには手を加えず、いまのファイルを別の場所に写して残し、職員課長と情報システムの担当に知らせてください。"
    "以前に asaka-bot backup で取った控えと比べると、何が変わったかが分かります。"
)


def sentence(entry: Entry, rules: Mapping[str, str]) -> str:
    """What was done, by whom; `rules` gives the titles of the rules by their ids."""
    tell = _SENTENCES.get(entry.action)
    what = tell(entry, _details(entry), rules) if tell else f"{entry.action}（{entry.subject}）を行いました"
    return f"{_who(entry.person)}、{what}"


def when(at: datetime) -> str:
    """令和8年11月22日（日）12:00, in Tokyo."""
    return f"{japanese_date(at.astimezone(TOKYO).date())}{clock(at)}"


def finding(verdict: Verdict) -> str:
    """Whether the chain holds, and where it doesn't."""
    if verdict.broken is not None:
        return _FAULTS[verdict.broken.fault].format(id=verdict.broken.id)
    if not verdict.entries:
        return "まだ記録がありません。"
    return f"{verdict.entries}件の記録は、すべて書かれたときのままです。"


def advice(verdict: Verdict) -> str:
    """What to do about it; nothing where the chain holds."""
    if verdict.broken is None:
        return ""
    whole = "" if verdict.broken.fault is Fault.CUT else f"これより前の{verdict.entries}件は、書かれたときのままです。"
    return whole + _TO_DO


def _who(person: str) -> str:
    if person == _COMMAND:
        return "サーバーのコマンドで"
    if person == _PLANNED:
        return "予約の時刻に"
    return f"{person}が" if person.endswith(_OFFICES) or "@" in person else f"{person}さんが"


def _details(entry: Entry) -> Mapping[str, Any]:
    """The details as far as they can be read: somebody may have spoilt them."""
    try:
        found = json.loads(entry.details)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _rule(id_: object, rules: Mapping[str, str]) -> str:
    return rules.get(str(id_), str(id_)) if id_ else "すべてのリマインダー"


def _days(details: Mapping[str, Any]) -> str:
    """12月2日から12月4日まで, or 12月2日だけ."""
    try:
        first, last = (date.fromisoformat(str(details.get(name))) for name in ("first", "last"))
    except ValueError:
        return "日付の分からない期間"
    if first == last:
        return f"{first.month}月{first.day}日だけ"
    return f"{first.month}月{first.day}日から{last.month}月{last.day}日まで"


def _paused(_entry: Entry, details: Mapping[str, Any], rules: Mapping[str, str]) -> str:
    return f"{_rule(details.get('rule'), rules)}を{_days(details)}止めました"


def _resumed(_entry: Entry, details: Mapping[str, Any], rules: Mapping[str, str]) -> str:
    return f"{_rule(details.get('rule'), rules)}を再開しました（{_days(details)}の休止）"


def _tried(entry: Entry, details: Mapping[str, Any], rules: Mapping[str, str]) -> str:
    channel, _, to = str(details.get("to")).partition(":")
    place = "職員課" if details.get("to") == _TO_HR_ITSELF else f"{words.CHANNELS.get(channel, channel)}の{to}"
    return f"{_rule(entry.subject, rules)}を{place}に試し送りしました"


def _decided(entry: Entry, details: Mapping[str, Any], _rules: Mapping[str, str]) -> str:
    decision = {"resend": "もう一度送ることにしました", "sent": "送信済みにしました"}
    return f"配信{entry.subject[:_SHORT]}を{decision.get(str(details.get('decision')), '決めました')}"


def _imported(_entry: Entry, details: Mapping[str, Any], _rules: Mapping[str, str]) -> str:
    counts = "、".join(f"{name}{details.get(key, '？')}人" for key, name in _COUNTED.items())
    return f"職員名簿を取り込みました（{counts}）"


def _notice(text: str) -> Callable[[Entry, Mapping[str, Any], Mapping[str, str]], str]:
    """A sentence on a notice, with the counts of its details."""
    return lambda entry, details, _rules: text.format_map(_Counts({**details, "subject": entry.subject}))


class _Counts(dict[str, Any]):
    """Details whose missing ones read as ？."""

    def __missing__(self, key: str) -> str:
        return "？"


def _given(entry: Entry, details: Mapping[str, Any], _rules: Mapping[str, str]) -> str:
    names = {role.value: f"「{role.label}」" for role in HrRole}
    new, old = (names.get(str(details.get(name))) for name in ("role", "before"))
    if new is None:
        return f"{entry.subject}の権限{old or ''}を外しました"
    return f"{entry.subject}の権限を{old}から{new}に変えました" if old else f"{entry.subject}に権限{new}を付けました"


def _set(entry: Entry, details: Mapping[str, Any], _rules: Mapping[str, str]) -> str:
    name = words.OFFICE_RULES.get(entry.subject, entry.subject)
    return f"設定「{name}」を{details.get('before', '？')}から{details.get('value', '？')}に変えました"


def _said(text: str) -> Callable[[Entry, Mapping[str, Any], Mapping[str, str]], str]:
    return lambda entry, _details, _rules: text.format(subject=entry.subject)


_SENTENCES: Mapping[str, Callable[[Entry, Mapping[str, Any], Mapping[str, str]], str]] = {
    Action.PAUSE: _paused,
    Action.RESUME: _resumed,
    Action.TEST: _tried,
    Action.DECIDE: _decided,
    Action.RELEASE: _said("止まっていた送信を再開しました"),
    Action.STAFF_IMPORT: _imported,
    Action.STAFF_UNDO: _said("職員名簿の取り込み（番号{subject}）を取り消しました"),
    Action.NOTICE_WRITE: _notice("お知らせ（No.{subject}）を書きました"),
    Action.NOTICE_DISCARD: _notice("お知らせ（No.{subject}）の下書きを捨てました"),
    Action.NOTICE_SUBMIT: _notice("お知らせ（No.{subject}）を{people}人あてに出しました"),
    Action.NOTICE_APPROVE: _notice("お知らせ（No.{subject}）を承認しました"),
    Action.NOTICE_SEND_BACK: _notice("お知らせ（No.{subject}）を差し戻しました"),
    Action.NOTICE_SEND: _notice("お知らせ（No.{subject}）を{people}人に送りました（宛先なし{unreachable}人）"),
    Action.NOTICE_REVIEW: _notice("緊急のお知らせ（No.{subject}）を事後に確認しました"),
    Action.NOTICE_TEST: _notice("お知らせ（No.{subject}）を自分に試し送りしました"),
    Action.NOTICE_EDIT: _notice("送ったお知らせ（No.{subject}）を訂正しました（届いた{replaced}件を置き換え）"),
    Action.NOTICE_CANCEL: _notice("お知らせ（No.{subject}）の送信を中止しました（送る前の{stopped}件）"),
    Action.NOTICE_RECALL: _notice("お知らせ（No.{subject}）を取り消しました（届いた{replaced}件を置き換え）"),
    Action.NOTICE_REMIND: _notice("お知らせ（No.{subject}）を{people}人に再通知しました（{round}回目）"),
    Action.NOTICE_PROXY: _notice("お知らせ（No.{subject}）を職員{staff}の代わりに確認済みにしました"),
    Action.NOTICE_EXPORT: _notice("お知らせ（No.{subject}）の宛先{people}人をExcelに書き出しました"),
    Action.REPLY_HANDLED: _said("お知らせへの返信（番号{subject}）を対応済みにしました"),
    Action.LIST_KEEP: _notice("名簿「{subject}」を{people}人にしました"),
    Action.LIST_REMOVE: _said("名簿「{subject}」を消しました"),
    Action.ROLE_GIVE: _given,
    Action.SETTING_CHANGE: _set,
    Action.SIGN_IN: _said("人事コンソールにサインインしました"),
    Action.SIGN_OUT: _said("人事コンソールからサインアウトしました"),
    Action.BACKUP: _said("データの控え（{subject}）を取りました"),
    Action.RESTORE: _said("控え（{subject}）からデータを戻しました"),
}

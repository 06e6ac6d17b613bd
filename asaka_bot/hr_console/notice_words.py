"""The sentences in which the console speaks of notices: what will happen, what has happened, how long it takes."""

from collections.abc import Mapping
from datetime import datetime

from asaka_bot.broadcasts.notice import Content, Notice, NoticeState, Plan
from asaka_bot.broadcasts.notice_repeats import repeat_text
from asaka_bot.hr_console.words import CHANNELS, Mark, moment, short_day
from asaka_bot.messages import japanese_date
from asaka_bot.outgoing import Address
from asaka_bot.tokyo import TOKYO, clock

_PLACES = {"web:everyone": "Webチャットの「お知らせ」"}
_MINUTE = 60

# Each state's sign, beside its colour.
STATES: Mapping[NoticeState, Mark] = {
    state: Mark(id=state.value, name=state.label, sign=sign)
    for state, sign in {
        NoticeState.DRAFT: "…",
        NoticeState.AWAITING: "？",
        NoticeState.SCHEDULED: "→",
        NoticeState.SENT: "✓",
        NoticeState.MISSED: "！",
        NoticeState.CANCELLED: "×",
        NoticeState.RECALLED: "←",
    }.items()
}


def place(address: Address) -> str:
    """A channel to post in, as people call it."""
    channel = CHANNELS.get(address.channel, address.channel)
    return _PLACES.get(str(address), f"{channel}のチャネル（{address.to}）")


def meant(plan: Plan, people: int) -> str:
    """813人と、Webチャットの「お知らせ」."""
    found = [f"{people:,}人"] if plan.audience else []
    return "と、".join(found + [place(post) for post in plan.posts]) or "宛先なし"


def when(plan: Plan) -> str:
    """いますぐ, 令和8年11月30日（月）8:30に, 毎月第2水曜日の8:30に."""
    if plan.repeat is not None:
        until = plan.repeat.until
        return repeat_text(plan.repeat) + (f"、{japanese_date(until)}まで" if until else "")
    if plan.send_at is None:
        return "いますぐ"
    return f"{japanese_date(plan.send_at.astimezone(TOKYO).date())}{clock(plan.send_at)}に"


def when_approved(notice: Notice) -> str:
    """The same for a notice that may still wait for its approval."""
    if notice.state is NoticeState.AWAITING and not (notice.plan.send_at or notice.plan.repeat):
        return "承認されたら、すぐに"
    return when(notice.plan)


def what_happens(content: Content, plan: Plan, people: int) -> str:
    """One sentence on what leaves, one on what is asked for."""
    how = "緊急のお知らせとして" if content.urgent else ""
    again = "、くり返し" if plan.repeat else "、" if how else ""
    return f"{meant(plan, people)}に、{when(plan)}{again}{how}送ります。{asked_for(content)}"


def asked_for(content: Content) -> str:
    """「確認しました」ボタンあり、期限は11月30日（月）です。."""
    buttons = "・".join(content.answers) if content.answers else "確認しました" if content.confirm else ""
    if not buttons:
        return "ボタンはありません。"
    due = f"、期限は{short_day(content.respond_by)}です。" if content.respond_by else "、期限はありません。"
    return f"「{buttons}」のボタンあり{due}"


def story(notice: Notice) -> tuple[str, ...]:
    """Who did what with a notice, in order of time."""
    lines = [f"{moment(notice.made_at)}　{notice.made_by}が作成"]
    lines += _line(notice.submitted_at, notice.submitted_by, "送信を申し込み")
    lines += _line(notice.approved_at, notice.approved_by, "承認")
    if notice.sent_at:
        lines.append(f"{moment(notice.sent_at)}　送信を開始")
    lines += _line(notice.reviewed_at, notice.reviewed_by, "事後確認")
    ended = {NoticeState.CANCELLED: "中止", NoticeState.RECALLED: "取り消し"}.get(notice.state, "終了")
    return (*lines, *_line(notice.ended_at, notice.ended_by, ended))


def when_listed(notice: Notice) -> str:
    """The moment that matters in the list."""
    if notice.sent_at:
        return f"{moment(notice.sent_at)} 送信"
    planned = notice.plan.send_at or notice.plan.repeat
    if notice.state is NoticeState.SCHEDULED:
        return f"{when(notice.plan)}送る予定"
    if notice.state is NoticeState.MISSED and planned:
        return f"{when(notice.plan)}送る予定でした"
    if notice.ended_at:
        return f"{moment(notice.ended_at)} {notice.state.label}"
    if notice.submitted_at:
        return f"{moment(notice.submitted_at)} 申し込み"
    return f"{moment(notice.made_at)} 作成"


def time_left(seconds: float | None) -> str:
    """あと約2分; empty where nothing waits."""
    if seconds is None:
        return ""
    if seconds < _MINUTE:
        return "あと1分以内"
    hours, minutes = divmod(round(seconds / _MINUTE), 60)
    return f"あと約{f'{hours}時間' if hours else ''}{f'{minutes}分' if minutes else ''}"


def submitted(notice: Notice) -> str:
    """What is said after the button 送信する."""
    if notice.state is NoticeState.AWAITING:
        return "承認待ちにしました。ほかの承認者が承認すると、送ります。"
    if notice.state is NoticeState.SCHEDULED:
        return f"予約しました。{when(notice.plan)}送ります。"
    if not notice.recipients:
        return "送信しました。チャネルに投稿します。"
    return f"送信しました。{notice.recipients - notice.unreachable:,}人に順に届きます。"


def _line(at: datetime | None, person: str, what: str) -> list[str]:
    return [f"{moment(at)}　{person}が{what}"] if at else []

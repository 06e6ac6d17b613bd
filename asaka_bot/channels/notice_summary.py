"""What HR reads of a notice before and after it leaves, the same on Slack and Teams."""

from collections.abc import Sequence

from asaka_bot.broadcasts.notice import Content, Notice, NoticeState, Plan, Submitted
from asaka_bot.broadcasts.notice_repeats import EVERYONE, repeat_text
from asaka_bot.broadcasts.notice_wording import day_text
from asaka_bot.messages import japanese_date
from asaka_bot.outgoing import Address, Message
from asaka_bot.tokyo import TOKYO, clock

_PLATFORMS = {"slack": "Slackのチャンネル", "teams": "Teamsのチャネル", "web": "Webチャット"}


def in_short(content: Content, plan: Plan) -> str:
    """話題2、リンク1、English; empty where nothing stands behind くわしい設定."""
    counts = (("話題", len(content.topics)), ("リンク", len(content.links)), ("投稿先", len(plan.posts)))
    found = [f"{name}{count}" for name, count in counts if count]
    found += [each.label for each in content.translations]
    found += ["くり返し"] if plan.repeat else []
    found += ["出典"] if content.source else []
    return "、".join([*found, *([] if content.replies else ["返信なし"])])


def lines(notice: Notice, message: Message, counts: tuple[int, int]) -> Sequence[tuple[str, str]]:
    """(送る相手, 1,234人（うち届かない人 5人）) and so on; what the notice has none of is left out."""
    content, plan = notice.content, notice.plan
    found = [("送る相手", _people(plan, counts)), ("投稿先", "、".join(_place(post) for post in plan.posts))]
    found += [("送る時", _when(plan)), ("ボタン", _buttons(message, content))]
    found.append(("リンク", "、".join(link.label for link in content.links)))
    found.append(("案内する話題", "、".join(option.label for option in message.topics)))
    found.append(("ほかの言語", "、".join(each.label for each in content.translations)))
    found.append(("返信", "受け付けます" if content.replies else "受け付けません"))
    return [(name, text) for name, text in found if text]


def outcome(done: Submitted, plan: Plan) -> str:
    """What became of a notice, as a sentence."""
    places = f"投稿先{len(plan.posts)}か所" if plan.posts else ""
    people = f"{done.recipients:,}人" if done.recipients or not places else ""
    whom = "と".join(part for part in (people, places) if part)
    match done.state:
        case NoticeState.AWAITING:
            return f"承認を頼みました。承認されると、{whom}に送られます。"
        case NoticeState.SCHEDULED:
            return f"予約しました。{_when(plan)}、{whom}に送られます。"
    return f"{whom}への送信を始めました。"


def _people(plan: Plan, counts: tuple[int, int]) -> str:
    people, unreachable = counts
    if not plan.audience:
        return "人を挙げた宛先はありません"
    return f"{people:,}人" + (f"（うち届かない人 {unreachable:,}人）" if unreachable else "")


def _place(post: Address) -> str:
    return "Webチャットの「お知らせ」" if post == EVERYONE else f"{_PLATFORMS.get(post.channel, '')}（{post.to}）"


def _when(plan: Plan) -> str:
    if plan.repeat is not None:
        until = f"（{japanese_date(plan.repeat.until)}まで）" if plan.repeat.until else ""
        return f"{repeat_text(plan.repeat)}くり返し{until}"
    if plan.send_at is None:
        return "承認のあとすぐ、または今すぐ"
    return f"{japanese_date(plan.send_at.astimezone(TOKYO).date())}{clock(plan.send_at)}に"


def _buttons(message: Message, content: Content) -> str:
    if not message.responses:
        return ""
    due = f"（期限は{day_text(content.respond_by)}）" if content.respond_by else ""
    return "・".join(each.label for each in message.responses) + due

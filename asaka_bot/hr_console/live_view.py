"""The live page of a notice as it is drawn: figures, bars and the sentence that is read aloud."""

from collections.abc import Sequence
from dataclasses import dataclass

from asaka_bot.broadcasts.notice import NoticeState, Progress, Stand, Tally
from asaka_bot.broadcasts.staff import office_text
from asaka_bot.hr_console.notice_words import time_left
from asaka_bot.hr_console.words import moment

_WHILE_SENDING_SECONDS, _WHILE_OPEN_SECONDS = 3, 15
_STANDING = (NoticeState.SENT, NoticeState.CANCELLED)  # what has arrived can still be confirmed


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number with its name, and the stand that its link leads to."""

    id: str
    name: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A count beside a whole."""

    name: str
    count: int
    whole: int

    @property
    def percent(self) -> int:
        """Rounded; 0 of nothing."""
        return round(100 * self.count / self.whole) if self.whole else 0


class LiveView:
    """A `Progress` in words."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self.total = progress.total

    @property
    def finished(self) -> bool:
        """Whether nothing waits to leave."""
        return self.total.waiting == 0 or self.progress.notice.state is NoticeState.MISSED

    @property
    def every_seconds(self) -> int | None:
        """How often the figures are asked for again; None: they will not change any more."""
        if not self.finished:
            return _WHILE_SENDING_SECONDS
        notice = self.progress.notice
        open_ = notice.content.wants_response and notice.state in _STANDING
        waits = self.total.unconfirmed or notice.plan.posts
        return _WHILE_OPEN_SECONDS if open_ and waits else None

    @property
    def gone(self) -> Bar:
        """How many of those who can be reached are no longer waiting."""
        whole = self.total.people - self.total.unreachable
        return Bar(name="送信", count=whole - self.total.waiting, whole=whole)

    @property
    def confirmed(self) -> Bar:
        """How many have confirmed."""
        return Bar(name="確認", count=self.total.confirmed, whole=self.total.people)

    @property
    def figures(self) -> Sequence[Figure]:
        """Everybody in exactly one of them."""
        return figures(self.total)

    def of(self, tally: Tally) -> Sequence[Figure]:
        """The same figures of an office."""
        return figures(tally)

    @property
    def offices(self) -> Sequence[tuple[str, Tally]]:
        """By 部/課."""
        return [(office_text(office) or "所属なし", tally) for office, tally in self.progress.offices]

    @property
    def answers(self) -> Sequence[Bar]:
        """What was answered, beside all recipients."""
        return [Bar(name=label, count=count, whole=self.total.people) for label, count in self.progress.answers]

    @property
    def rounds(self) -> Sequence[str]:
        """Each 再通知 in a sentence or two."""
        return [
            f"{each.number}回目：{moment(each.sent_at)}に、{f'{each.sent_by}が' if each.sent_by else ''}"
            f"{each.people}人に送りました。"
            + (
                f"そのあと、{each.confirmed}人が確認しました。"
                if each.confirmed
                else "そのあとの確認は、まだありません。"
            )
            for each in self.progress.rounds
        ]

    @property
    def summary(self) -> str:
        """The state of things in a sentence or two."""
        total, left = self.total, time_left(self.progress.seconds_left)
        if not total.people:
            return "名前を挙げた宛先はありません。チャネルへの投稿だけです。"
        sent = f"{total.people:,}人のうち{total.arrived:,}人に送りました。"
        if total.waiting:
            sent = f"送信しています。{sent}残り{total.waiting:,}人{f'、{left}' if left else ''}です。"
        if total.unreachable:
            sent += f"{total.unreachable:,}人は宛先がなく、届きません。"
        trouble = total.held + total.dead
        if trouble:
            sent += f"届いたか分からない人と送れなかった人が、合わせて{trouble:,}人います。"
        if self.progress.notice.content.wants_response:
            sent += f"{total.confirmed:,}人が確認しました。" if total.confirmed else "まだだれも確認していません。"
        return sent


def figures(tally: Tally) -> Sequence[Figure]:
    """The six stands."""
    return [Figure(id=stand.value, name=stand.label, count=getattr(tally, stand.value)) for stand in Stand]

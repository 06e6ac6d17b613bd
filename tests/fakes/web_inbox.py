"""An inbox in memory, which behaves as the one in the database does."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from asaka_bot.messages import Option
from asaka_bot.outgoing import Address, Message
from asaka_bot.tokyo import TOKYO


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One message in the inbox."""

    id: int
    address: Address
    message: Message
    received_at: datetime
    marker: str = ""


@dataclass
class MemoryInbox:
    """Messages in order of arrival."""

    kept: list[Received] = field(default_factory=list)

    async def latest(self, addresses: Sequence[Address], limit: int) -> Sequence[Received]:
        meant = [entry for entry in self.kept if entry.address in addresses]
        return sorted(meant, key=lambda entry: entry.id, reverse=True)[:limit]

    async def count_after(self, addresses: Sequence[Address], last_id: int) -> int:
        return sum(entry.address in addresses and entry.id > last_id for entry in self.kept)

    def receive(self, audience: str, message: Message, received_at: datetime, marker: str = "") -> None:
        """What the web channel does when a reminder arrives."""
        self.kept.append(
            Received(
                id=len(self.kept) + 1,
                address=Address(channel="web", to=audience),
                message=message,
                received_at=received_at,
                marker=marker,
            )
        )


def filled() -> MemoryInbox:
    """Three messages to everyone and one to managers, on three days."""
    inbox = MemoryInbox()
    inbox.receive(
        "managers",
        Message(
            title="休暇取得予定表の作成",
            paragraphs=("10月から12月までの休暇の予定を、職場で話し合って予定表にしてください。",),
            topics=(Option(label="年次有給休暇", topic="annual-leave"),),
            source="第5期特定事業主行動計画 第5-2-(2)",
        ),
        datetime(2026, 10, 1, 8, 30, tzinfo=TOKYO),
    )
    inbox.receive(
        "everyone",
        Message(
            title="定時退庁推進週間が始まります",
            paragraphs=("10月1日から7日までは、定時退庁推進週間です。",),
        ),
        datetime(2026, 10, 1, 8, 30, tzinfo=TOKYO),
    )
    inbox.receive(
        "everyone",
        Message(title="ノー残業推奨デー", paragraphs=("週の終わりです。早めに帰りましょう。",)),
        datetime(2026, 11, 20, 8, 30, tzinfo=TOKYO),
    )
    inbox.receive(
        "everyone",
        Message(
            title="ノー残業デー完全実施日",
            paragraphs=(
                "今日は、全員が定時に帰る日です。",
                "17時15分になったら、仕事に区切りをつけて帰りましょう。\n急ぎでない仕事は、明日に回せないか考えてみてください。",
            ),
            also=("水曜日のノー残業デーです。", "次の完全実施日は12月16日（水）です。"),
            topics=(
                Option(label="時間外勤務の縮減", topic="overtime", facet="overview"),
                Option(label="勤務間インターバル", topic="interval"),
            ),
            source="第5期特定事業主行動計画 第5-1-(1)",
        ),
        datetime(2026, 11, 24, 8, 30, tzinfo=TOKYO),
    )
    return inbox

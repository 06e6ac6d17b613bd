"""What HR reads of a notice on Slack and Teams alike."""

from dataclasses import replace
from datetime import time

import pytest

from asaka_bot.broadcasts.notice import Content, Notice, NoticeState, Plan, Repeat, RepeatKind, Submitted
from asaka_bot.channels.notice_summary import in_short, lines, outcome
from asaka_bot.messages import Option
from asaka_bot.outgoing import Address, Message, Response
from tests.fakes.notices_in_chat import IN_FULL, LATER, NOW

PLAIN = Content(title="題名", body="本文")
POST = Plan(posts=(Address(channel="web", to="everyone"),))
MONDAYS = Plan(audience="全員", repeat=Repeat(kind=RepeatKind.WEEKLY, at=time(9, 5)))


def read_of(content: Content, plan: Plan, **message) -> dict[str, str]:
    notice = Notice(
        id=1, version=1, state=NoticeState.DRAFT, content=content, plan=plan, made_by="人事 花子", made_at=NOW
    )
    return dict(lines(notice, Message(title="題名", paragraphs=("本文",), **message), (1_234, 0)))


def test_all_that_stands_in_a_notice_is_listed():
    """Each part by name; hours without a zero before them."""
    content, plan = IN_FULL[0]
    buttons = tuple(Response(id=f"answer-{n}", label=label) for n, label in enumerate(content.answers, 1))
    assert read_of(content, plan, responses=buttons, topics=(Option(label="年次休暇", topic="annual-leave"),)) == {
        "送る相手": "1,234人",
        "投稿先": "Slackのチャンネル（C0123ABCD）、Teamsのチャネル（19:abc@thread.tacv2）、Webチャットの「お知らせ」",
        "送る時": "令和8年11月25日（水）9:05に",
        "ボタン": "午前、9時・午後/1時（期限は11月30日（月））",
        "リンク": "会場の 地図、様式",
        "案内する話題": "年次休暇",
        "ほかの言語": "English、zh、やさしい日本語",
        "返信": "受け付けません",
    }


def test_what_a_notice_does_not_have_is_not_listed():
    """A plain one has three lines."""
    assert list(read_of(PLAIN, Plan(audience="全員"))) == ["送る相手", "送る時", "返信"]
    assert read_of(PLAIN, POST)["送る相手"] == "人を挙げた宛先はありません"


def test_the_details_in_short():
    """What stands behind くわしい設定; nothing for a plain notice."""
    assert in_short(PLAIN, LATER) == "投稿先3"
    assert in_short(PLAIN, Plan(audience="全員")) == ""
    assert in_short(*IN_FULL[1]).endswith("English、zh、やさしい日本語、くり返し、出典、返信なし")


@pytest.mark.parametrize(
    ("state", "people", "plan", "said"),
    [
        (NoticeState.SENT, 1_234, Plan(audience="全員"), "1,234人への送信を始めました。"),
        (NoticeState.SENT, 0, POST, "投稿先1か所への送信を始めました。"),
        (NoticeState.AWAITING, 5, replace(POST, audience="全員"), "承認を頼みました。承認されると、5人と投稿先1か所に送られます。"),
        (NoticeState.SCHEDULED, 5, MONDAYS, "予約しました。毎週月曜日の9:05にくり返し、5人に送られます。"),
        (NoticeState.SCHEDULED, 5, replace(LATER, posts=()), "予約しました。令和8年11月25日（水）9:05に、5人に送られます。"),
    ],
)  # fmt: skip
def test_what_became_of_it(state, people, plan, said):
    """To whom, and when."""
    assert outcome(Submitted(state=state, recipients=people), plan) == said

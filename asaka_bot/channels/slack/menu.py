"""Every topic in menus, one for each category, and the App Home around them."""

from collections.abc import Sequence

from slack_sdk.models.blocks import Block, InputBlock, PlainTextInputElement
from slack_sdk.models.blocks.basic_components import DispatchActionConfig
from slack_sdk.models.views import View

from asaka_bot.channels.notices import MyNotice
from asaka_bot.channels.slack import blocks
from asaka_bot.channels.slack.blocks import Rendered
from asaka_bot.channels.slack.buttons import Action
from asaka_bot.channels.slack.mrkdwn import cut_escaped
from asaka_bot.channels.slack.notice_buttons import CONFIRM, respond_button
from asaka_bot.channels.slack.ports import Item
from asaka_bot.knowledge.model import KnowledgeBase
from asaka_bot.messages import japanese_date
from asaka_bot.outgoing import Response

PROMPTS = (
    "育休はいつまで取れますか",
    "子どもが熱を出したときの休みは？",
    "年休は1年に何日ありますか",
    "親の介護で休みたい",
)
_PRIVACY = "質問の内容は保存しません。人に見られたくないことは、このボットへのダイレクトメッセージでお尋ねください。"
_MOST_ITEMS = 10


def menu(knowledge: KnowledgeBase) -> Rendered:
    """What the bot can be asked, as a message."""
    made = blocks.paragraphs(["*どんなことでお困りですか*　文で尋ねるか、分野から選んでください。"])
    made += _shelves(knowledge)
    made.append(
        blocks.context("日付の計算：`/asaka 日付 令和9年2月10日`（出産予定日）、`/asaka 日付 生まれ 令和8年5月10日`")
    )
    made.append(blocks.context(_PRIVACY))
    return blocks.rendered("どんなことでお困りですか。文で尋ねるか、分野から選んでください。", made)


def home(knowledge: KnowledgeBase, week: Sequence[Item], notices: Sequence[MyNotice] | None, said: str = "") -> View:
    """The App Home of one person; `notices` is None where they can't be read, `said` what came of a press here."""
    made: list[Block] = [blocks.header("朝霞市職員ボット"), _search()]
    if said:
        made += blocks.paragraphs([cut_escaped(said, 900)])
    waiting = [notice for notice in notices or () if notice.wants_response]
    if waiting:  # what waits for the person comes before the long menus
        made.append(
            blocks.context(f"確認をお待ちしているお知らせが{len(waiting)}件あります（下の「わたしのお知らせ」）。")
        )
    made.append(blocks.header("分野から探す"))
    made += _shelves(knowledge)
    made.append(blocks.header("今週のお知らせ"))
    made += blocks.paragraphs(_items(week) or ["今週の予定はありません。"])
    made.append(blocks.header("わたしのお知らせ"))
    made += _notices(notices)
    made.append(blocks.context(_PRIVACY))
    return View(type="home", blocks=made)


def _search() -> Block:
    return InputBlock(
        label=blocks.plain("質問", blocks.HEADER),
        block_id="asaka-search",
        element=PlainTextInputElement(
            action_id=Action.SEARCH.value,
            placeholder=blocks.plain(
                "例：育休はいつまで取れますか（Enterで送信。答えはメッセージに届きます）", blocks.HEADER
            ),
            max_length=1_000,
            dispatch_action_config=DispatchActionConfig(trigger_actions_on=["on_enter_pressed"]),
        ),
        dispatch_action=True,
    )


def _shelves(knowledge: KnowledgeBase) -> list[Block]:
    made: list[Block] = []
    for number, category in enumerate(knowledge.categories[:30]):
        topics = knowledge.in_category(category.id)
        if topics:
            options = [(topic.title, topic.id) for topic in topics]
            picker = blocks.select("選んでください", Action.PICK.numbered(number), options)
            made.append(blocks.section(f"*{cut_escaped(category.title, 200)}*（{len(topics)}件）", picker))
    return made


def _notices(notices: Sequence[MyNotice] | None) -> list[Block]:
    if notices is None:
        return blocks.paragraphs(["いまはお知らせを読めません。しばらくしてから、ホームを開き直してください。"])
    made = [_notice(notice, number) for number, notice in enumerate(notices[:_MOST_ITEMS])]
    return made or blocks.paragraphs(["新しいお知らせはありません。"])


def _notice(notice: MyNotice, number: int) -> Block:
    line = f"{japanese_date(notice.day)}　{cut_escaped(notice.title, 200)}"
    if not notice.wants_response:
        return blocks.section(f"• {line}")
    confirm = Response(id=CONFIRM, label="確認しました")
    return blocks.section(f"• *【未確認】*{line}", respond_button(confirm, notice.marker, number))


def _items(items: Sequence[Item]) -> list[str]:
    return [f"• {japanese_date(item.day)}　{cut_escaped(item.title, 200)}" for item in items[:_MOST_ITEMS]]

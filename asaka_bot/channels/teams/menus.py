"""The cards beside the answers: welcome, menu, shelves, dates, desks, and what a group may read."""

from collections.abc import Sequence

from microsoft_teams.cards import Action, CardElement, DateInput, TextInput, ToggleInput

from asaka_bot.channels.teams.dates_table import dates_table
from asaka_bot.channels.teams.parts import (
    Shown,
    button,
    buttons,
    card,
    heading,
    open_link,
    paragraph,
    rows,
    run,
    runs,
    title,
)
from asaka_bot.channels.teams.pressed import AskDates, AskDesk, Compute, Menu, MyNotices, Shelf, Show, Step, Write
from asaka_bot.channels.teams.render import NEUTRAL
from asaka_bot.knowledge.model import Contact, KnowledgeBase
from asaka_bot.messages import DateRow

_INTRODUCTION = "休暇、育児や介護との両立、働き方、ハラスメントの相談などについて、市の計画や法令をもとに、出典を付けてお答えします。"
_PROMISE = "質問の内容は保存しません。「役に立った」などを押したときだけ、質問の文が名前なしで職員課に届きます（届けないことも選べます）。"
_MOST_TOPICS = 40
SENT_PRIVATELY = "個人チャットにお答えをお送りしました。"
BUSY = "ただいま混み合っています。少し待ってから、もう一度お試しください。"
THANKS = "ありがとうございます。いただいた声は、案内の見直しに使います。"
HAS_VOTED = "この答えへの声は、もう受け取っています。ありがとうございます。"
TROUBLE = "申し訳ありません。いまは受け付けられませんでした。しばらくしてから、もう一度お試しください。"
GONE = "この項目は、なくなったか、名前が変わりました。"


def welcome(*, personal: bool) -> Shown:
    """The first card, when the bot is added."""
    how = "ふだんの言葉で話しかけてください。例：「育休はいつまで取れますか」"
    if not personal:
        how = "「@」でこのボットを選んでから質問してください。個人的なことは、個人チャットでお尋ねください。"
    body: list[CardElement] = [title("こんにちは。朝霞市職員ボットです"), paragraph(_INTRODUCTION), paragraph(how)]
    return card([*body, *_doors(), paragraph(_PROMISE, subtle=True)], "朝霞市職員ボットが使えるようになりました")


def menu(knowledge: KnowledgeBase, *, writes: bool = False) -> Shown:
    """The shelves of topics; `writes`: the person may write notices."""
    shelves = [c for c in knowledge.categories if knowledge.in_category(c.id)]
    body: list[CardElement] = [title("分野から探す")]
    body += rows((f"{c.title}（{len(knowledge.in_category(c.id))}件）", Shelf(category=c.id)) for c in shelves)
    body += [heading("ほかにできること"), *buttons([_dates(), _desk(), button("わたしのお知らせ", MyNotices())])]
    if writes:
        writing = [button("お知らせを書く", Write(step=Step.FORM)), button("お知らせの状況", Write(step=Step.STATUS))]
        body += [heading("職員課の方"), *buttons(writing)]
    return card([*body, paragraph("ふだんの言葉で質問することもできます。", subtle=True)], "メニュー")


def shelf(knowledge: KnowledgeBase, category: str) -> Shown | None:
    """The topics of a category, None where there is no such category."""
    found = next((c for c in knowledge.categories if c.id == category), None)
    if found is None:
        return None
    topics = knowledge.in_category(category)[:_MOST_TOPICS]
    body: list[CardElement] = [title(found.title), *rows((t.title, Show(topic=t.id)) for t in topics)]
    return card([*body, *buttons([button("メニューに戻る", Menu())])], NEUTRAL)


def dates_form(problem: str = "") -> Shown:
    """The form for a due date or a birth date; `problem` says what was wrong with the last one."""
    body: list[CardElement] = [
        title("日付の計算"),
        paragraph(
            "出産予定日か、生まれた子の生年月日から、産休・育休などの日付を計算します。入力した日付は保存しません。"
        ),
    ]
    if problem:
        body.append(runs(run(f"{problem}。", colour="Attention", bold=True)))
    body += [
        DateInput(id="due", label="出産予定日"),
        DateInput(id="birth", label="子の生年月日"),
        ToggleInput(id="multiple", title="双子以上の妊娠です", value="false", wrap=True),
        *buttons([button("計算する", Compute(due="", birth="", multiple=False), with_inputs=True)]),
        paragraph("「日付 令和9年2月10日」のように話しかけても計算できます。", subtle=True),
    ]
    return card(body, NEUTRAL)


def dates_result(given: str, dates: Sequence[DateRow]) -> Shown:
    """The dates that follow from what was filled in; `given` repeats it, so that a slip is seen."""
    body: list[CardElement] = [title("計算の結果"), paragraph(given), *dates_table(dates)]
    said = "入力した日付は保存していません。手続の前に、職員課に確認してください。"
    return card([*body, paragraph(said, subtle=True), *buttons([_dates(), _desk()])], NEUTRAL)


def desk(knowledge: KnowledgeBase, first: str, question: str | None) -> Shown:
    """The desks, and a letter to start from; the bot sends nothing itself."""
    letter = f"お疲れさまです。次のことについて教えてください。\n\n{question or ''}\n\n所属：\n氏名：\n"
    body: list[CardElement] = [
        title("職員課に聞く"),
        paragraph("文面をコピーして、ご自身から送ってください。このボットが自動で送ることはありません。"),
        TextInput(id="letter", label="問い合わせの文面（保存しません）", value=letter, is_multiline=True),
    ]
    for contact in sorted(knowledge.contacts.values(), key=lambda contact: contact.id != first):
        body += _contact(contact)
    return card(body, NEUTRAL)


def turn_to_personal_chat(bot_id: str) -> Shown:
    """What a group reads where the answer is for one person, who has not added the bot yet."""
    body = [paragraph("個人チャットでお答えします。下のボタンから個人チャットを開いて、もう一度お尋ねください。")]
    opener = open_link("個人チャットを開く", f"https://teams.microsoft.com/l/chat/0/0?users=28:{bot_id}")
    return card([*body, *buttons([opener])], "個人チャットでお答えします")


def problem(text: str) -> Shown:
    """One sentence and the way on."""
    return card([paragraph(text), *buttons([button("メニューを見る", Menu())])], NEUTRAL)


def _doors() -> list[CardElement]:
    return list(buttons([button("分野から探す", Menu()), _dates(), _desk()]))


def _dates() -> Action:
    return button("日付を計算する", AskDates())


def _desk() -> Action:
    return button("職員課に聞く", AskDesk())


def _contact(contact: Contact) -> list[CardElement]:
    details = [
        f"内線 {contact.extension}" if contact.extension else "",
        f"電話 {contact.phone}" if contact.phone else "",
        f"メール {contact.mail}" if contact.mail else "",
        f"場所 {contact.place}" if contact.place else "",
    ]
    known = "　".join(d for d in details if d) or "連絡先は、庁内の電話帳で確かめてください。"
    return [heading(contact.title), paragraph(contact.purpose), paragraph(known, subtle=True, spacing="None")]

"""`/asaka 日付 …`: the dates that follow from a birth."""

import re
from datetime import date

from asaka_bot.answering import dates
from asaka_bot.answering.compose import date_row
from asaka_bot.answering.life_events import life_events
from asaka_bot.errors import DateError
from asaka_bot.messages import Decision, Reply, japanese_date

WORD = "日付"
_BORN = re.compile(r"生まれ|誕生|生年月日|産まれた|出産した")
_TWINS = re.compile(r"双子|ふたご|多胎|三つ子")
_HOW = "「/asaka 日付 令和9年2月10日」（出産予定日）や「/asaka 日付 生まれ 令和8年5月10日」のように書いてください。双子以上なら「双子」も添えてください。"


def asks_for_dates(text: str) -> bool:
    """Whether a command asks for the dates of a birth rather than a question."""
    return text.split(maxsplit=1)[:1] == [WORD]


def dates_reply(text: str, today: date) -> Reply:
    """The table of dates for the day stated in `text`, or how to state one."""
    said = text.removeprefix(WORD)
    born, twins = bool(_BORN.search(said)), bool(_TWINS.search(said))
    try:
        found = dates.find(said, today, dates.Lean.PAST if born else dates.Lean.FUTURE)
        if not found:
            raise DateError("日付が読み取れませんでした")
        day = found[0].day
        events = life_events(birth=day) if born else life_events(due=day, multiple=twins)
    except DateError as error:
        return Reply(decision=Decision.DECLINE, lead=f"{error}。{_HOW}", sensitive=True)
    what = "生年月日" if born else "出産予定日"
    note = f"{what}を{japanese_date(day)}{'（双子以上）' if twins and not born else ''}として計算しました。入力した日付は保存していません。"
    return Reply(
        decision=Decision.CHOOSE,
        lead=f"{what}から決まる日付です。",
        notes=(note,),
        dates=tuple(date_row(event) for event in events),
        sensitive=True,
    )

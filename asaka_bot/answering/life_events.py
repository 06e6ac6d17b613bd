"""A due date or a birth date -> every date that follows from it, each with its basis and certainty."""

import calendar
from dataclasses import dataclass
from datetime import date, timedelta

from asaka_bot.errors import DateError
from asaka_bot.knowledge.model import Certainty

_EARLIEST, _LATEST = date(2000, 1, 1), date(2100, 12, 31)
_PRENATAL_DAYS = {False: 42, True: 98}  # 労働基準法65条1項: 6 weeks; 14 weeks for twins and more


@dataclass(frozen=True, slots=True, kw_only=True)
class LifeEvent:
    """A day, or a span from ``start`` to ``end``, that follows from a birth."""

    id: str
    title: str
    start: date
    end: date
    basis: str
    certainty: Certainty
    note: str
    topic: str

    @property
    def is_span(self) -> bool:
        """Whether it lasts longer than a day."""
        return self.start != self.end

    def as_json(self) -> dict[str, str | None]:
        """The form of `asaka-bot life-events --json` (design/interfaces)."""
        when: dict[str, str | None]
        if self.is_span:
            when = {"start": self.start.isoformat(), "end": self.end.isoformat()}
        else:
            when = {"date": self.start.isoformat()}
        rest = {"basis": self.basis, "certainty": self.certainty.value, "note": self.note}
        return {"id": self.id, "title": self.title} | when | rest


def reaches(birth: date, years: int, months: int = 0) -> date:
    """The day on which a person reaches an age in law: the day before the corresponding day.

    Where the corresponding day does not exist (31st, 29 February) it is the last day of that month.

    Source: 年齢計算ニ関スル法律, 民法143条2項.
    """
    index = birth.year * 12 + birth.month - 1 + years * 12 + months
    year, month = index // 12, index % 12 + 1
    last = calendar.monthrange(year, month)[1]
    if birth.day > last:
        return date(year, month, last)
    return date(year, month, birth.day) - timedelta(days=1)


def school_year_end(day: date) -> date:
    """The first 31 March on or after `day`."""
    march = date(day.year, 3, 31)
    return march if day <= march else date(day.year + 1, 3, 31)


def life_events(*, due: date | None = None, birth: date | None = None, multiple: bool = False) -> list[LifeEvent]:
    """Every date that follows from a birth.

    With `due` alone the birth is taken to fall on the due date; with both, the leave before birth
    is counted from `due` and all else from `birth`. `multiple` means twins or more.

    Raises:
        DateError: neither day is given, or one lies outside 2000 to 2100.
    """
    day = birth or due
    if day is None:
        raise DateError("出産予定日か生年月日のどちらかを入力してください")
    for given in (due, birth):
        if given is not None and not _EARLIEST <= given <= _LATEST:
            raise DateError(
                f"{given.isoformat()} は計算できる範囲（2000年から2100年まで）の外です。年を確かめてください"
            )
    assumed = "出産予定日に生まれた場合の日付です。" if birth is None else ""
    before = [_prenatal(due, multiple)] if due is not None else []
    return before + _after_birth(day, assumed) + _growing_up(day, assumed)


def _prenatal(due: date, multiple: bool) -> LifeEvent:
    days = _PRENATAL_DAYS[multiple]
    weeks = "14週間（双子以上）" if multiple else "6週間"
    return _event(
        "prenatal-leave-start",
        "産前休暇を始められる日",
        due - timedelta(days=days - 1),
        "労働基準法65条1項",
        Certainty.LAW,
        f"予定日を含めて{weeks}です。市がこれより早くから認めるか、予定日の数え方は、職員課に確認してください。",
        "maternity-leave",
    )


def _after_birth(day: date, assumed: str) -> list[LifeEvent]:
    eight_weeks = day + timedelta(days=56)
    return [
        _event(
            "postnatal-compulsory-end",
            "産後、必ず休む期間の終わり（6週間）",
            day + timedelta(days=42),
            "労働基準法65条2項",
            Certainty.LAW,
            assumed + "この日までは、本人が望んでも働けません。",
            "maternity-leave",
        ),
        _event(
            "postnatal-leave-end",
            "産後休暇の終わり（8週間）",
            eight_weeks,
            "労働基準法65条2項",
            Certainty.LAW,
            assumed + "次の日から育児休業に続けられます。",
            "maternity-leave",
        ),
        _event(
            "papa-leave-end",
            "産後パパ育休（別枠の育児休業）の終わり",
            eight_weeks,
            "地方公務員の育児休業等に関する法律2条1項",
            Certainty.LAW,
            assumed + "生まれた日を1日目として57日目です。この日までに始めて終える育児休業が、別枠の2回に当たります。"
            "57日は国の規則を基準に市の条例で定めるため、職員課に確認してください。",
            "postnatal-papa-leave",
        ),
    ]


def _growing_up(day: date, assumed: str) -> list[LifeEvent]:
    one = reaches(day, 1)
    longer = f"事情があるときは1歳6か月（{_short(reaches(day, 1, 6))}）、さらに2歳（{_short(reaches(day, 2))}）まで"
    parents = f"夫婦とも取るときは1歳2か月（{_short(reaches(day, 1, 2))}）まで"
    window = (reaches(day, 1, 11) + timedelta(days=2), reaches(day, 2, 11) + timedelta(days=1))
    return [
        _event(
            "allowance-end",
            "育児休業手当金の終わり（原則）",
            one,
            "地方公務員等共済組合法",
            Certainty.LAW,
            f"{assumed}1歳に達する日です。{parents}、{longer}延びることがあります。共済の担当に確認してください。",
            "childcare-leave-pay",
        ),
        _event(
            "fixed-term-leave-end",
            "会計年度任用職員の育児休業の終わり（原則）",
            one,
            "地方公務員の育児休業等に関する法律2条1項",
            Certainty.LAW,
            f"{assumed}1歳に達する日です。{longer}延びることがあります。条件は市の条例で決まるため、職員課に確認してください。",
            "childcare-leave",
        ),
        LifeEvent(
            id="intention-window",
            title="育児期の制度の周知・意向確認の期間",
            start=window[0],
            end=window[1],
            basis="第5期特定事業主行動計画 第5-2-(2)-a①（日の数え方は民間向けの国の省令の例）",
            certainty=Certainty.NATIONAL,
            note=f"{assumed}計画は「1歳11か月から2歳11か月の間」とだけ書いています。市の日の数え方は職員課に確認してください。",
            topic="childcare-intention-check",
        ),
        _event(
            "childcare-leave-end",
            "育児休業の最後の日（常勤職員）",
            reaches(day, 3),
            "地方公務員の育児休業等に関する法律2条1項",
            Certainty.LAW,
            assumed + "3歳に達する日（3歳の誕生日の前日）です。復帰は誕生日の当日からです。",
            "childcare-leave",
        ),
        _event(
            "preschool-end",
            "小学校に入る前の最後の日",
            school_year_end(reaches(day, 6)),
            "地方公務員の育児休業等に関する法律10条・19条（日の数え方は国の運用通知の例）",
            Certainty.NATIONAL,
            assumed
            + "部分休業・育児短時間勤務・残業の免除などの終わりの目安です。市の決まりは職員課に確認してください。",
            "partial-childcare-leave",
        ),
        _event(
            "grade3-end",
            "小学校3年生の終わり",
            school_year_end(reaches(day, 9)),
            "育児・介護休業法16条の2・61条",
            Certainty.LAW,
            assumed + "子の看護等休暇の対象となる年齢の、法律の最低線です。市の対象年齢は職員課に確認してください。",
            "child-nursing-leave",
        ),
    ]


def _event(event_id: str, title: str, day: date, basis: str, certainty: Certainty, note: str, topic: str) -> LifeEvent:
    return LifeEvent(
        id=event_id, title=title, start=day, end=day, basis=basis, certainty=certainty, note=note, topic=topic
    )


def _short(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"

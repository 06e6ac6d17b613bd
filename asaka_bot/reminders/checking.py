"""What HR should mend in schedules/, and what it still has to decide: assumed dates, years nobody has confirmed."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from asaka_bot.knowledge.model import KnowledgeBase
from asaka_bot.reminders.files import Inspection, inspect
from asaka_bot.reminders.wording import fiscal_year_title


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleCheck:
    """Problems and open items, each as ``file:line: what, and what to do``; and how many rules there are."""

    problems: tuple[str, ...]
    todo: tuple[str, ...]
    rules: int = 0


def check(folder: Path, knowledge: KnowledgeBase, today: date, *, made_for_it: bool = True) -> ScheduleCheck:
    """Look at every file of `folder`; finds all problems at once.

    Args:
        folder: the schedules.
        knowledge: where links and figures are looked up.
        today: the day on which the year must have been confirmed.
        made_for_it: False where the shipped schedules meet a knowledge base of one's own: topics that it lacks are
            then to be filled in, not mistakes.
    """
    found = inspect(folder, knowledge)
    gaps = found.gaps
    return ScheduleCheck(
        problems=(*found.problems, *(gaps if made_for_it else ())),
        todo=(*(() if made_for_it else gaps), *_todo(found, folder, today)),
        rules=len(found.schedule.rules) if found.schedule else 0,
    )


def _todo(found: Inspection, folder: Path, today: date) -> list[str]:
    if found.schedule is None:
        return []
    lines = [
        f"{found.places[rule.id] / 'assumed'}: 「{rule.title}」の日は仮のものです。{rule.assumed}決まったら when を直し、assumed と reason を消してください"
        for rule in found.schedule.rules.values()
        if rule.assumed
    ]
    calendar = f"{folder.name}/calendar.yaml"
    for year in found.schedule.calendar.unconfirmed(today):
        name = fiscal_year_title(year).removesuffix("度")
        lines.append(
            f"{calendar}:1: {name}（{year}年）の祝日と閉庁日が未確認です。国立天文台の発表と市の閉庁日を確かめ、confirmed_years に {year} を書き足してください"
        )
    return lines

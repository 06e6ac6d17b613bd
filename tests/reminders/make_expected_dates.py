"""Writes ``expected_dates.csv``: an independent calculation of when the plans' reminders fall, to compare with.

It shares nothing with the product: no ``asaka_bot``, no ``jpholiday``, no schedule file. Public holidays come from the
``holidays`` package, the year-end closure (12/29-1/3) and the rules are written down here once more, and every rule
asks of each day of the ten years "does it fall on you?" instead of calculating its dates.

Run it by hand, and only when a rule of the plans changes::

    python tests/reminders/make_expected_dates.py
"""

import csv
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

from holidays import country_holidays

TABLE = Path(__file__).with_name("expected_dates.csv")
FIRST, LAST = date(2026, 4, 1), date(2036, 3, 31)
DAY = timedelta(days=1)
WEDNESDAY, FRIDAY, SATURDAY = 2, 4, 5
PUBLIC_HOLIDAYS = country_holidays("JP", years=range(FIRST.year, LAST.year + 1))


def works(day: date) -> bool:
    """Whether the city hall is open: no weekend, no public holiday, not 12/29-1/3."""
    year_end = (day.month == 12 and day.day >= 29) or (day.month == 1 and day.day <= 3)
    return day.weekday() < SATURDAY and day not in PUBLIC_HOLIDAYS and not year_end


def none_works(first: date, last: date) -> bool:
    """Whether the city hall is closed on every day from ``first`` to ``last``; true where there is no such day."""
    return not any(works(first + DAY * offset) for offset in range((last - first).days + 1))


def on_or_next(day: date, month: int, number: int) -> bool:
    """Whether ``day`` is ``month``/``number``, or the first working day after it where that one is closed."""
    nominal = date(day.year, month, number)
    return nominal <= day and works(day) and none_works(nominal, day - DAY)


def completely_without_overtime(day: date) -> bool:
    """Whether ``day`` is the month's third Wednesday, or the last working day before it where that one is closed."""
    wednesdays = [date(day.year, day.month, number) for number in range(1, 29)]
    third = [wednesday for wednesday in wednesdays if wednesday.weekday() == WEDNESDAY][2]
    return day <= third and works(day) and none_works(day + DAY, third)


def eve_of_the_week(day: date) -> bool:
    """Whether ``day`` is the last working day before 10/1."""
    october = date(day.year, 10, 1)
    return day < october and works(day) and none_works(day + DAY, october - DAY)


RULES: dict[str, Callable[[date], bool]] = {
    "no-overtime-wednesday": lambda day: day.weekday() == WEDNESDAY and works(day),
    "no-overtime-friday": lambda day: day.weekday() == FRIDAY and works(day),
    "complete-no-overtime-day": completely_without_overtime,
    "on-time-leaving-week": lambda day: day.month == 10 and day.day <= 7 and works(day),
    "on-time-leaving-week-eve": eve_of_the_week,
    "leave-plan-quarterly": lambda day: day.month in (4, 7, 10, 1) and on_or_next(day, day.month, 1),
    "disability-rate-june": lambda day: on_or_next(day, 6, 1),
    "disability-retention-april": lambda day: on_or_next(day, 4, 1),
}


def main() -> None:
    """Write the table anew."""
    days = [FIRST + DAY * offset for offset in range((LAST - FIRST).days + 1)]
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["fiscal_year", "date", "rule"])
        for day in days:
            fiscal_year = day.year if day.month >= 4 else day.year - 1
            table.writerows([fiscal_year, day, rule] for rule, falls_on in RULES.items() if falls_on(day))


if __name__ == "__main__":
    main()

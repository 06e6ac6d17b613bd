"""What a text of the reminders must not be: unfillable, or worded in a way that misleads or orders people about."""

from collections.abc import Iterator, Sequence

from asaka_bot.knowledge.problems import Place, Problems
from asaka_bot.reminders.rules import Rule, Schedule
from asaka_bot.reminders.schema import WordingFileIn
from asaka_bot.reminders.wording import OF_THE_DAY, placeholders


def check(schedule: Schedule, wording: Sequence[WordingFileIn], places: dict[str, Place], problems: Problems) -> None:
    """Note every text that names an unknown placeholder, can't always be said, or uses an avoided expression."""
    avoided = [each for content in wording for each in content.avoid]
    sometimes = {name for content in wording for name in (*content.figures, *content.next_days)}
    for rule in schedule.rules.values():
        for place, text, always in _texts(rule, places[rule.id]):
            _placeholders(place, text, set() if always else sometimes, problems)
            for each in avoided:
                for words in [w for w in each.words if w in text]:
                    problems.add(place, f"「{words}」は使わないでください。{each.instead}")
        if not any(_always(text.title, *text.paragraphs) for text in rule.texts):
            names = "・".join(OF_THE_DAY)
            problems.add(
                places[rule.id] / "texts", f"いつでも使える文面（{names} のほかは埋め込まない）を1つ以上書いてください"
            )


def _texts(rule: Rule, place: Place) -> Iterator[tuple[Place, str, bool]]:
    """Each text with its place, and whether only placeholders that can always be filled may stand in it."""
    yield place / "title", rule.title, True
    yield place / "line", rule.line, True
    yield place / "closing", rule.closing, True
    yield place / "footer", rule.footer, False
    for index, text in enumerate(rule.texts):
        yield place / "texts" / index / "title", text.title, False
        for number, paragraph in enumerate(text.paragraphs):
            yield place / "texts" / index / "text" / number, paragraph, False


def _placeholders(place: Place, text: str, sometimes: set[str], problems: Problems) -> None:
    try:
        names = placeholders(text)
    except ValueError:
        problems.add(place, "{ } の中が読めません。埋め込みは {day} のように、名前だけを書いてください")
        return
    known = [*OF_THE_DAY, *sorted(sometimes)]
    for name in [n for n in names if n not in known]:
        problems.add(place, f"ここでは {{{name}}} は使えません。使えるのは {'・'.join(known)} です")


def _always(*texts: str) -> bool:
    try:
        return all(name in OF_THE_DAY for text in texts for name in placeholders(text))
    except ValueError:
        return True  # noted already

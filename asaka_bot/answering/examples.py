"""What a knowledge base teaches by example: each text with its class, and the facet it asks about."""

from dataclasses import dataclass

from asaka_bot.knowledge.model import Facet, KnowledgeBase

BROAD, OUTSIDE, DANGER, SAFE = "broad:", "outside:", "danger:", "safe"  # classes that are no topics
_MOST_TITLES = 3_000


@dataclass(frozen=True, slots=True)
class Example:
    """A text and what it teaches: its class, and the facet it asks about."""

    text: str
    label: str
    facet: Facet | None = None


def examples(knowledge: KnowledgeBase) -> list[Example]:
    """Every example of the knowledge base: phrases and names of topics, broad and outside questions, signs of danger.

    A name teaches no facet: it stands in questions about every one. A phrase that asks none teaches what the topic
    leads with.
    """
    found = []
    for topic in knowledge.topics.values():
        names = dict.fromkeys((topic.title, *topic.aliases, topic.choice))
        found += [Example(name, topic.id) for name in names]
        found += [Example(p.text, topic.id, p.facet or topic.leads) for p in topic.phrases]
    for broad in knowledge.broad:
        found += [Example(text, BROAD + broad.id) for text in broad.phrases]
    for subject in knowledge.outside:
        found += [Example(text, OUTSIDE + subject.id) for text in subject.phrases]
    return found + danger_examples(knowledge)


def danger_examples(knowledge: KnowledgeBase, *, with_topics: bool = False) -> list[Example]:
    """The signs of danger, and the sentences that only sound alarming; if asked for, the topics' titles as harmless."""
    signs = [Example(text, DANGER + kind.id) for kind in knowledge.urgent.kinds for text in kind.signs]
    harmless = [*knowledge.urgent.look_alikes]
    if with_topics:
        harmless += [topic.title for topic in list(knowledge.topics.values())[:_MOST_TITLES]]
    return signs + [Example(text, SAFE) for text in harmless]

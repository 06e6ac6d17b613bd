"""Validated files of knowledge/ -> the frozen KnowledgeBase, with the checks that one file alone can't make."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, TypeVar

from pydantic import BaseModel

from asaka_bot.knowledge import schema
from asaka_bot.knowledge.model import (
    BroadQuestion,
    Category,
    Certainty,
    Citation,
    CityValue,
    Confusion,
    Contact,
    DangerKind,
    Facet,
    KnowledgeBase,
    OutsideSubject,
    Phrase,
    Source,
    Statement,
    Topic,
    UrgentContact,
    UrgentGuide,
)
from asaka_bot.knowledge.problems import File, Place, Places, Problems

GENERAL = "any"  # the heading of phrases that ask about no facet in particular

Model = TypeVar("Model", bound=BaseModel)
Made = TypeVar("Made")


class Builder:
    """Turns validated files into the frozen model and checks what one file alone can't show."""

    def __init__(self, files: list[File], problems: Problems, places: Places) -> None:
        self.files, self.problems, self.places = files, problems, places
        self.sources: dict[str, Source] = {}
        self.city_values: dict[str, CityValue] = {}

    def build(self) -> KnowledgeBase:
        """The knowledge base, as far as the files are usable; what is wrong goes to the problems."""
        for file, source_file in self._each(schema.SourceFileIn):
            for index, item in enumerate(source_file.sources):
                self._source(item, Place(file, "sources", index))
        self.city_values = dict(self._city_values())
        topics, categories = self._topics()
        contacts = dict(self._unique(schema.ContactFileIn, "contacts", _contact))
        knowledge = KnowledgeBase(
            topics=topics,
            categories=categories,
            broad=tuple(self._broad(topics)),
            outside=tuple(self._outside(contacts)),
            synonyms=tuple(self._synonyms()),
            contacts=contacts,
            city_values=self.city_values,
            urgent=self._urgent(topics),
        )
        self._check_links(topics, contacts)
        return knowledge

    def _each(self, model: type[Model]) -> Iterator[tuple[File, Model]]:
        for file in self.files:
            if isinstance(file.content, model):
                yield file, file.content

    def _unique(self, model: type[Model], key: str, make: Callable[[Any], Made]) -> Iterator[tuple[str, Made]]:
        seen: set[str] = set()
        for file, content in self._each(model):
            for index, item in enumerate(getattr(content, key)):
                place = Place(file, key, index)
                if item.id in seen:
                    self.problems.add(place / "id", f"id「{item.id}」が重なっています。別の名前にしてください")
                seen.add(item.id)
                self.places[f"{key}/{item.id}"] = place
                yield item.id, make(item)

    def _source(self, item: schema.SourceIn, place: Place) -> None:
        if item.id in self.sources:
            self.problems.add(place / "id", f"出典「{item.id}」が重なっています。別の名前にしてください")
        fields = item.model_dump(exclude={"pages"})
        self.sources[item.id] = Source(**fields, pages=tuple(item.pages.items()))

    def _city_values(self) -> Iterator[tuple[str, CityValue]]:
        def make(item: schema.CityValueIn) -> CityValue:
            place = self.places[f"values/{item.id}"]
            if item.value is not None and not (item.rule and item.dated):
                message = f"「{item.title}」に根拠（rule）と日付（dated）がありません。市の規則の名前・条と、確認した日を書いてください"
                self.problems.add(place, message)
            return CityValue(**item.model_dump())

        yield from self._unique(schema.CityFileIn, "values", make)

    def _topics(self) -> tuple[dict[str, Topic], tuple[Category, ...]]:
        topics: dict[str, Topic] = {}
        categories: dict[str, Category] = {}
        for file, content in self._each(schema.TopicFileIn):
            fields = content.category.model_dump(exclude={"desk"})
            category = Category(**{**fields, "words": tuple(content.category.words)})
            categories.setdefault(category.id, category)
            shared = self._shared_sources(file, content)
            for index, item in enumerate(content.topics):
                place = Place(file, "topics", index)
                if item.id in topics:
                    self.problems.add(place / "id", f"話題のid「{item.id}」が重なっています。別の名前にしてください")
                self.places[item.id] = place
                topics[item.id] = self._topic(item, place, content, shared)
        return topics, tuple(sorted(categories.values(), key=lambda c: c.order))

    def _shared_sources(self, file: File, content: schema.TopicFileIn) -> list[str]:
        cited = []
        for index, item in enumerate(content.sources):
            if isinstance(item, schema.SourceIn):
                self._source(item, Place(file, "sources", index))
                cited.append(item.id)
            else:
                cited.append(item)
        return cited

    def _topic(self, item: schema.TopicIn, place: Place, file: schema.TopicFileIn, shared: list[str]) -> Topic:
        certainty = item.certainty or file.certainty
        cited = item.sources or shared
        facets: dict[Facet, tuple[Statement, ...]] = {}
        if item.text:
            short = schema.StatementIn(text=item.text)
            facets[Facet.OVERVIEW] = (self._statement(short, place / "text", certainty, cited),)
        for facet, statements in item.facets.items():
            spot = place / "facets" / facet.value
            made = [self._statement(s, spot / i, certainty, cited) for i, s in enumerate(statements)]
            facets[facet] = facets.get(facet, ()) + tuple(made)
        if not any(facets.values()):
            self.problems.add(place, f"「{item.title}」に説明がありません。text か facets を書いてください")
        if item.leads is not Facet.OVERVIEW and not facets.get(item.leads):
            name = item.leads.value
            self.problems.add(place / "leads", f"facets に {name} の文がありません。文を書くか、leads を消してください")
        return Topic(
            id=item.id,
            title=item.title,
            category=file.category.id,
            choice=item.choice or item.title,
            aliases=tuple(item.aliases),
            related=tuple(item.related),
            confused_with=tuple(Confusion(**c.model_dump()) for c in item.confused_with),
            facets=facets,
            phrases=tuple(self._phrases(item, place)),
            sensitive=item.sensitive,
            desk=item.desk or file.category.desk,
            elsewhere=dict(item.elsewhere),
            leads=item.leads,
        )

    def _statement(
        self, item: schema.StatementIn, place: Place, certainty: Certainty | None, shared: list[str]
    ) -> Statement:
        chosen = item.certainty or certainty
        if chosen is None:
            self.problems.add(
                place, "確度（certainty）がありません。plan・law・national・city のどれかを書いてください"
            )
            chosen = Certainty.CITY
        citations = self._citations(item.sources or shared, place)
        statement = Statement(text=item.text, certainty=chosen, citations=citations, roles=frozenset(item.roles))
        return statement if item.city is None else self._city_statement(statement, item, place)

    def _city_statement(self, statement: Statement, item: schema.StatementIn, place: Place) -> Statement:
        value = self.city_values.get(item.city or "")
        if value is None:
            message = f"市の値「{item.city}」が city.yaml にありません。city.yaml に書き足すか、名前を直してください"
            self.problems.add(place / "city", message)
            return statement
        if item.filled is None or "{value}" not in item.filled:
            self.problems.add(
                place, "filled に {value} を入れた文を書いてください（職員課が値を入れたときに表示します）"
            )
            return statement
        if not value.filled:
            return replace(statement, city_value=value)
        rule = Source(id=f"city-{value.id}", label=value.rule or "市の規則", dated=str(value.dated or ""))
        text = item.filled.replace("{value}", f"{value.value}{value.unit}")
        citations = (Citation(source=rule, locator=f"{value.dated}確認"),)
        return replace(statement, text=text, city_value=value, citations=citations)

    def _citations(self, cited: list[str], place: Place) -> tuple[Citation, ...]:
        if not cited:
            self.problems.add(place, "出典（sources）がありません。計画の箇所か法律の条を書いてください")
        citations = []
        for line in cited:
            source_id, _, locator = line.partition(" ")
            source = self.sources.get(source_id)
            if source is None:
                message = f"出典「{source_id}」が sources.yaml にありません。つづりを直すか、書き足してください"
                self.problems.add(place, message)
                continue
            citations.append(Citation(source=source, locator=locator.strip()))
        return tuple(citations)

    def _phrases(self, item: schema.TopicIn, place: Place) -> Iterator[Phrase]:
        for heading, lines in item.phrases.items():
            if heading != GENERAL and heading not in {f.value for f in Facet}:
                names = "・".join([GENERAL, *(f.value for f in Facet)])
                self.problems.add(
                    place / "phrases" / heading, f"「{heading}」という見出しは使えません。{names} のどれかです"
                )
                continue
            for line in lines:
                yield Phrase(text=line, facet=None if heading == GENERAL else Facet(heading))

    def _broad(self, topics: dict[str, Topic]) -> Iterator[BroadQuestion]:
        def make(item: schema.BroadIn) -> BroadQuestion:
            for unknown in [t for t in item.topics if t not in topics]:
                self._unknown_topic(self.places[f"broad/{item.id}"], unknown)
            return BroadQuestion(id=item.id, prompt=item.prompt, topics=tuple(item.topics), phrases=tuple(item.phrases))

        for _, broad in self._unique(schema.BroadFileIn, "broad", make):
            yield broad

    def _outside(self, contacts: dict[str, Contact]) -> Iterator[OutsideSubject]:
        def make(item: schema.OutsideIn) -> OutsideSubject:
            if item.desk not in contacts:
                message = f"窓口「{item.desk}」が contacts.yaml にありません。つづりを直すか、書き足してください"
                self.problems.add(self.places[f"outside/{item.id}"] / "desk", message)
            return OutsideSubject(**{**item.model_dump(), "phrases": tuple(item.phrases)})

        for _, outside in self._unique(schema.OutsideFileIn, "outside", make):
            yield outside

    def _synonyms(self) -> Iterator[tuple[str, ...]]:
        for _, content in self._each(schema.SynonymFileIn):
            for word, others in content.synonyms.items():
                yield (word, *others)

    def _urgent(self, topics: dict[str, Topic]) -> UrgentGuide:
        contacts: dict[str, UrgentContact] = {}
        kinds: list[DangerKind] = []
        look_alikes: list[str] = []
        for file, content in self._each(schema.UrgentFileIn):
            contacts |= {c.id: UrgentContact(**c.model_dump()) for c in content.contacts}
            for index, contact in enumerate(content.contacts):
                self.places[f"urgent/{contact.id}"] = Place(file, "contacts", index)
            look_alikes += content.look_alikes
            for index, item in enumerate(content.kinds):
                place = Place(file, "kinds", index)
                for unknown in [c for c in item.contacts if c not in contacts]:
                    self.problems.add(
                        place / "contacts", f"連絡先「{unknown}」が contacts にありません。書き足してください"
                    )
                known = item.topic if item.topic in topics else None
                listed = {"contacts": tuple(item.contacts), "signs": tuple(item.signs), "topic": known}
                kinds.append(DangerKind(**{**item.model_dump(), **listed}))
        return UrgentGuide(contacts=contacts, kinds=tuple(kinds), look_alikes=tuple(look_alikes))

    def _check_links(self, topics: dict[str, Topic], contacts: dict[str, Contact]) -> None:
        for topic in topics.values():
            place = self.places[topic.id]
            for unknown in [t for t in topic.related if t not in topics]:
                self._unknown_topic(place / "related", unknown)
            if topic.desk not in contacts:
                self.problems.add(
                    place / "desk", f"窓口「{topic.desk}」が contacts.yaml にありません。つづりを確かめてください"
                )
            for unknown in [t for t in topic.elsewhere.values() if t not in topics]:
                self._unknown_topic(place / "elsewhere", unknown)
            for unknown in [c.topic for c in topic.confused_with if c.topic not in topics]:
                self._unknown_topic(place / "confused_with", unknown)

    def _unknown_topic(self, place: Place, topic: str) -> None:
        self.problems.add(place, f"「{topic}」という話題はありません。idのつづりを確かめてください")


def _contact(item: schema.ContactIn) -> Contact:
    return Contact(**item.model_dump())

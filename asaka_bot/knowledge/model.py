"""Topics, facets, statements and their sources: what the bot may say, and on whose word."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class Certainty(StrEnum):
    """On whose word a statement stands."""

    PLAN = "plan"  # written in one of the city's four plans
    LAW = "law"  # a national law that binds the city's employees directly
    NATIONAL = "national"  # the rule for national civil servants, or another city's: for reference only
    CITY = "city"  # decided by the city's own rules: filled in by HR, or to be asked there


class Facet(StrEnum):
    """The side of a topic that a question asks about."""

    OVERVIEW = "overview"
    ELIGIBILITY = "eligibility"
    DURATION = "duration"
    PAY = "pay"
    PROCEDURE = "procedure"
    CONTACT = "contact"
    MANAGER = "manager"
    BASIS = "basis"
    STATUS = "status"


class Role(StrEnum):
    """Whom a statement is for, where it is not for everyone."""

    REGULAR = "regular"  # 常勤職員
    FIXED_TERM = "fixed-term"  # 会計年度任用職員
    MANAGER = "manager"  # 所属長・管理職員
    PREFECTURAL = "prefectural"  # 県費負担教職員
    FIELD = "field"  # 現業の職員


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A document that statements cite.

    ``pages`` maps the beginning of a locator to the page where it stands; the longest match counts.
    After ``valid_until`` whatever rests on the source is shown as to be checked again.
    """

    id: str
    label: str
    dated: str | None = None
    valid_until: date | None = None
    url: str | None = None
    pages: tuple[tuple[str, int], ...] = ()

    def page(self, locator: str) -> int | None:
        """The page on which `locator` stands, where the source names pages."""
        hits = [(len(prefix), page) for prefix, page in self.pages if locator.startswith(prefix)]
        return max(hits)[1] if hits else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """A place in a source: 第5-2-(2)-b① of a plan, 2条1項 of a law."""

    source: Source
    locator: str

    @property
    def page(self) -> int | None:
        """The page of the source, where known."""
        return self.source.page(self.locator)


@dataclass(frozen=True, slots=True, kw_only=True)
class CityValue:
    """A figure that only the city's own rules decide; ``value`` is None until HR fills it in."""

    id: str
    title: str
    value: str | None = None
    unit: str = ""
    rule: str | None = None
    dated: date | None = None

    @property
    def filled(self) -> bool:
        """Whether HR has stated the city's rule."""
        return self.value is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One thing the bot may say, with its certainty and where it is written."""

    text: str
    certainty: Certainty
    citations: tuple[Citation, ...]
    roles: frozenset[Role] = frozenset()  # empty: for everyone
    city_value: CityValue | None = None

    def expired(self, today: date) -> bool:
        """Whether a source of this statement has run out by `today`."""
        ends = [c.source.valid_until for c in self.citations if c.source.valid_until]
        return any(end < today for end in ends)


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """A way in which somebody may ask; ``facet`` is what it asks about, None where it asks nothing particular."""

    text: str
    facet: Facet | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Confusion:
    """Another topic whose name is easily taken for this one, and the sentence that tells them apart."""

    topic: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One system, leave or effort that people ask about."""

    id: str
    title: str
    category: str
    choice: str  # how an employee would recognise it in a list of choices
    aliases: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    confused_with: tuple[Confusion, ...] = ()
    facets: Mapping[Facet, tuple[Statement, ...]] = field(default_factory=dict)
    phrases: tuple[Phrase, ...] = ()
    sensitive: bool = False  # nothing about a question on it is stored or logged
    desk: str = "hr-desk"  # id of the contact to name
    elsewhere: Mapping[Facet, str] = field(default_factory=dict)  # sides that have a topic of their own (育休の給与)
    leads: Facet = Facet.OVERVIEW  # what a question that asks no side is answered with: a desk by whom to ask


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """A shelf of the menu; one file of knowledge/.

    ``words`` are words that only this shelf speaks of (介護, 認知症): a question that has them, and none of another
    shelf's, is not about that other shelf.
    """

    id: str
    title: str
    order: int = 99
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BroadQuestion:
    """A question too broad for one answer, and the topics to offer."""

    id: str
    prompt: str
    topics: tuple[str, ...]
    phrases: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideSubject:
    """Something people ask that the knowledge base does not cover; ``desk`` is the contact to name."""

    id: str
    title: str
    desk: str
    phrases: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A desk inside city hall; numbers stay empty until HR fills them in."""

    id: str
    title: str
    section: str
    purpose: str
    extension: str = ""
    phone: str = ""
    mail: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UrgentContact:
    """A number to call in danger, with the day it was last checked."""

    id: str
    title: str
    number: str  # empty until HR fills it in
    hours: str
    source: str
    checked: date | None
    verified: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DangerKind:
    """A kind of danger: what to say first, whom to call, and the examples it is recognised by."""

    id: str
    title: str
    opening: str
    opening_third_person: str
    contacts: tuple[str, ...]
    topic: str | None
    signs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UrgentGuide:
    """Everything for a person in danger; ``look_alikes`` are sentences that only sound alarming."""

    contacts: Mapping[str, UrgentContact]
    kinds: tuple[DangerKind, ...]
    look_alikes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnowledgeBase:
    """All that the bot knows; immutable, so that one copy serves every request."""

    topics: Mapping[str, Topic]
    categories: tuple[Category, ...]
    broad: tuple[BroadQuestion, ...]
    outside: tuple[OutsideSubject, ...]
    synonyms: tuple[tuple[str, ...], ...]  # each: the standard word, then its other spellings
    contacts: Mapping[str, Contact]
    city_values: Mapping[str, CityValue]
    urgent: UrgentGuide

    def in_category(self, category: str) -> tuple[Topic, ...]:
        """The topics of one shelf, in the order of their file."""
        return tuple(topic for topic in self.topics.values() if topic.category == category)

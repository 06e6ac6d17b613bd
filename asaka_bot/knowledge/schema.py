"""The shape of knowledge/*.yaml, as pydantic models; `files` turns them into the frozen model."""

from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from asaka_bot.knowledge.model import Certainty, Facet, Role


def _listed(value: Any) -> Any:
    """Let a single text stand where a list is expected, and an empty entry mean an empty list."""
    if value is None:
        return []
    return [value] if isinstance(value, str) else value


Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$")]
Line = Annotated[str, Field(min_length=1, max_length=200)]
Text = Annotated[str, Field(min_length=1, max_length=20_000)]
Lines = Annotated[list[Line], BeforeValidator(_listed)]
Ids = Annotated[list[Id], BeforeValidator(_listed)]
Maybe = Annotated[str, BeforeValidator(lambda value: value or "")]


class Strict(BaseModel):
    """Unknown keys are errors: a slip of the pen must not silently lose a statement."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SourceIn(Strict):
    id: Id
    label: Line
    dated: str | None = None
    valid_until: date | None = None
    url: str | None = None
    pages: dict[str, int] = {}


class StatementIn(Strict):
    text: Text
    certainty: Certainty | None = None
    sources: Lines = []
    roles: Annotated[list[Role], BeforeValidator(_listed)] = []
    city: Id | None = None
    filled: Line | None = None


class ConfusionIn(Strict):
    topic: Id
    note: Line


class TopicIn(Strict):
    id: Id
    title: Annotated[str, Field(min_length=1, max_length=300)]
    choice: Line | None = None
    sensitive: bool = False
    desk: Id | None = None
    elsewhere: dict[Facet, Id] = {}
    leads: Facet = Facet.OVERVIEW
    aliases: Lines = []
    related: Ids = []
    confused_with: list[ConfusionIn] = []
    text: Text | None = None  # the short form: one statement, the overview
    certainty: Certainty | None = None
    sources: Lines = []
    facets: dict[Facet, list[StatementIn]] = {}
    phrases: dict[str, Lines] = {}


class CategoryIn(Strict):
    id: Id
    title: Line
    order: int = 99
    desk: Id = "hr-desk"
    words: Lines = []


class TopicFileIn(Strict):
    category: CategoryIn
    certainty: Certainty | None = None
    sources: Annotated[list[SourceIn | Line], BeforeValidator(_listed)] = []
    topics: list[TopicIn]


class SourceFileIn(Strict):
    sources: list[SourceIn]


class CityValueIn(Strict):
    id: Id
    title: Line
    value: str | None = None
    unit: Maybe = ""
    rule: str | None = None
    dated: date | None = None


class CityFileIn(Strict):
    values: list[CityValueIn]


class BroadIn(Strict):
    id: Id
    prompt: Line
    topics: Annotated[list[Id], Field(min_length=2, max_length=4)]
    phrases: Lines


class BroadFileIn(Strict):
    broad: list[BroadIn]


class OutsideIn(Strict):
    id: Id
    title: Line
    desk: Id
    note: Maybe = ""
    phrases: Lines


class OutsideFileIn(Strict):
    outside: list[OutsideIn]


class SynonymFileIn(Strict):
    synonyms: dict[str, Lines]


class ContactIn(Strict):
    id: Id
    title: Line
    section: Line
    purpose: Line
    extension: Maybe = ""
    phone: Maybe = ""
    mail: Maybe = ""
    place: Maybe = ""


class ContactFileIn(Strict):
    contacts: list[ContactIn]


class UrgentContactIn(Strict):
    id: Id
    title: Line
    number: Maybe = ""
    hours: Line
    source: Line
    checked: date | None = None
    verified: bool = False


class DangerKindIn(Strict):
    id: Id
    title: Line
    opening: Line
    opening_third_person: Line
    contacts: Ids
    topic: Id | None = None
    signs: Lines


class UrgentFileIn(Strict):
    contacts: list[UrgentContactIn]
    kinds: list[DangerKindIn]
    look_alikes: Lines

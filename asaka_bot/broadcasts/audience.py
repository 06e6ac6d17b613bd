"""An audience - who is meant - and the exact list of people that it is today."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from asaka_bot.broadcasts.staff import Employment, Office, Person, Position, office_text
from asaka_bot.errors import AudienceError
from asaka_bot.outgoing import Address, ContactPoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Everyone:
    """All active people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InOffice:
    """An office and all below it: the way down the tree, or its last steps where only one office has them."""

    office: Office


@dataclass(frozen=True, slots=True, kw_only=True)
class OfPosition:
    """A class of 職位. Who leads an office is a 管理職員 too."""

    position: Position


@dataclass(frozen=True, slots=True, kw_only=True)
class OfEmployment:
    """A 任用形態."""

    employment: Employment


@dataclass(frozen=True, slots=True, kw_only=True)
class AtWorkplace:
    """A 勤務場所."""

    workplace: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A list of people that HR has named."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class One:
    """One person."""

    staff_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Either:
    """Who is in one audience or the other."""

    first: "Audience"
    second: "Audience"


@dataclass(frozen=True, slots=True, kw_only=True)
class Except:
    """Who is in the first audience and not in the second."""

    first: "Audience"
    second: "Audience"


_Simple = Everyone | InOffice | OfPosition | OfEmployment | AtWorkplace | One
Audience = _Simple | Listed | Either | Except


@dataclass(frozen=True, slots=True, kw_only=True)
class Contacts:
    """Where people are reached: what platforms have told, by e-mail in lower case."""

    by_email: Mapping[str, Sequence[ContactPoint]] = field(default_factory=dict)

    @classmethod
    def of(cls, points: Iterable[ContactPoint]) -> "Contacts":
        """The contact points, found by their e-mail; those without one belong to nobody."""
        found: dict[str, list[ContactPoint]] = {}
        for point in sorted(points, key=lambda point: (point.channel, point.user)):
            if point.email:
                found.setdefault(point.email.lower(), []).append(point)
        return cls(by_email=found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """A person of the audience; without an address ``unreachable`` says why."""

    person: Person
    addresses: tuple[Address, ...]
    unreachable: str = ""


def expand(
    audience: Audience,
    people: Iterable[Person],
    contacts: Contacts,
    lists: Mapping[str, frozenset[str]] | None = None,
) -> tuple[Recipient, ...]:
    """Everybody of the audience once, by office, rank and number. Leavers are never in it.

    Raises:
        AudienceError: it names an office, a workplace, a list or a person that is not there, or several offices.
    """
    active = [person for person in people if person.active]
    meant = _meant(audience, active, lists or {})
    chosen = sorted((person for person in active if person.staff_id in meant), key=lambda person: person.order)
    return tuple(recipient_of(person, contacts) for person in chosen)


def recipient_of(person: Person, contacts: Contacts) -> Recipient:
    """A person with their addresses, or with why there are none."""
    if not person.email:
        return Recipient(person=person, addresses=(), unreachable="名簿にメールアドレスがありません")
    points = contacts.by_email.get(person.email, ())
    addresses = tuple(Address(channel=point.channel, to=point.address) for point in points if point.reachable)
    if addresses:
        return Recipient(person=person, addresses=addresses)
    if points:
        return Recipient(person=person, addresses=(), unreachable="ボットを削除したか、受け取りを止めています")
    return Recipient(person=person, addresses=(), unreachable="SlackでもTeamsでも、まだボットとつながっていません")


def _meant(audience: Audience, active: Sequence[Person], lists: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """The staff ids of the audience."""
    match audience:
        case Either(first=first, second=second):
            return _meant(first, active, lists) | _meant(second, active, lists)
        case Except(first=first, second=second):
            return _meant(first, active, lists) - _meant(second, active, lists)
        case Listed(name=name):
            if name not in lists:
                raise AudienceError(f"「{name}」という名簿はありません。名前を確かめてください")
            return lists[name]
    belongs = _belonging(audience, active)
    found = frozenset(person.staff_id for person in active if belongs(person))
    if not found and isinstance(audience, One | AtWorkplace):  # a misspelt name must not silently mean nobody
        who = f"職員番号 {audience.staff_id}" if isinstance(audience, One) else f"勤務場所「{audience.workplace}」"
        raise AudienceError(f"{who}の職員は、いまの名簿にいません。書き方を確かめてください")
    return found


def _belonging(audience: _Simple, active: Sequence[Person]) -> Callable[[Person], bool]:
    """Whether a person belongs to an audience that isn't made of others."""

    def everyone(_person: Person) -> bool:
        return True

    belongs: Callable[[Person], bool] = everyone
    match audience:
        case InOffice(office=office):
            whole = _whole(office, active)
            belongs = lambda person: person.office[: len(whole)] == whole  # noqa: E731 - one test a case
        case OfPosition(position=position):
            classes = {position, Position.HEAD} if position is Position.MANAGER else {position}
            belongs = lambda person: person.position in classes  # noqa: E731
        case OfEmployment(employment=employment):
            belongs = lambda person: person.employment is employment  # noqa: E731
        case AtWorkplace(workplace=workplace):
            belongs = lambda person: person.workplace == workplace  # noqa: E731
        case One(staff_id=staff_id):
            belongs = lambda person: person.staff_id == staff_id  # noqa: E731
    return belongs


def _whole(office: Office, active: Iterable[Person]) -> Office:
    """The way from the root to the only office that ends in these steps; one that starts at the root comes first."""
    known = {person.office[:depth] for person in active for depth in range(1, len(person.office) + 1)}
    if office in known:
        return office
    found = sorted(each for each in known if each[-len(office) :] == office)
    if not found:
        raise AudienceError(f"所属「{office_text(office)}」は、いまの名簿にありません。書き方を確かめてください")
    if len(found) > 1:
        several = "、".join(office_text(each) for each in found[:3]) + ("など" if len(found) > 3 else "")
        raise AudienceError(
            f"所属「{office_text(office)}」は{len(found)}つあります（{several}）。上の所属から書いてください"
        )
    return found[0]

"""The rows of a staff file become people, or conflicts that name row and column."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from asaka_bot.broadcasts.staff import Employment, Person, employment_of, normal, office_of, office_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of a file, with the number that Excel shows beside it."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """What is wrong in one cell or heading, and what to do."""

    row: int
    column: str
    problem: str

    def __str__(self) -> str:
        return f"行{self.row}・{self.column}: {self.problem}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """What a file says: the people in it, what is wrong with it, and the headings that were not read."""

    people: tuple[Person, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    ignored: tuple[str, ...] = ()
    has_workplaces: bool = False  # without the column everybody keeps their workplace


# Of two headings that both fit a column, the one that stands earlier here is read.
_HEADINGS: Mapping[str, tuple[str, ...]] = {
    "職員番号": ("職員番号", "職員コード", "職員ID", "職員No", "社員番号", "番号"),
    "氏名": ("氏名", "職員氏名", "職員名", "名前", "漢字氏名"),
    "所属": ("所属", "所属名", "所属名称", "部署", "部署名", "配属先", "課所名"),
    "部": ("部", "部名", "部局", "部局名"),
    "課": ("課", "課名", "課室", "課室名"),
    "係": ("係", "係名", "担当"),
    "職位": ("職位", "役職", "職名", "役職名", "補職名", "職"),
    "任用形態": ("任用形態", "任用区分", "雇用形態", "雇用区分", "職員区分", "区分"),
    "メール": ("メール", "メールアドレス", "Eメール", "Eメールアドレス", "E-mail", "Mail", "電子メール", "アドレス"),
    "勤務場所": ("勤務場所", "勤務地", "勤務先", "職場", "庁舎"),
}
_STEPS = ("部", "課", "係")  # where the office stands in several columns
_REQUIRED = ("職員番号", "氏名", "所属", "職位", "任用形態", "メール")
_HEADING_WITHIN = 10  # rows; above it a title may stand
_LONGEST = {"職員番号": 20, "氏名": 100, "所属": 200, "職位": 100, "メール": 254, "勤務場所": 100}
_LOCAL_SIGNS = "!#$%&'*+-/=?^_`{|}~."  # RFC 5322, dot-atom


def _key(heading: str) -> str:
    """Headings are compared without spaces, width, case and punctuation."""
    return "".join(c for c in normal(heading).casefold() if c.isalnum())


_RANKS = {_key(heading): (column, rank) for column, words in _HEADINGS.items() for rank, heading in enumerate(words)}


def read_roster(rows: Sequence[Row]) -> Roster:
    """The people of a file; with any conflict it can't be imported."""
    heading = _heading_row(rows)
    if heading is None:
        return Roster(
            conflicts=(Conflict(row=1, column="見出し", problem="何も書かれていません。名簿を選び直してください"),)
        )
    columns, ignored, conflicts = _columns(heading)
    if conflicts:
        return Roster(conflicts=tuple(conflicts), ignored=ignored)
    people: list[tuple[int, Person]] = []
    for row in rows:
        cells = {name: normal(row.cells[place]) if place < len(row.cells) else "" for name, place in columns.items()}
        if row.number <= heading.number or not any(cells.values()):
            continue
        person, wrong = _person(row.number, cells)
        conflicts.extend(wrong)
        people.append((row.number, person))
    if not people:
        conflicts.append(Conflict(row=heading.number, column="見出し", problem="この下に職員が1人もいません"))
    conflicts.extend(_doubled(people, "職員番号", lambda person: person.staff_id))
    conflicts.extend(_doubled(people, "メール", lambda person: person.email))
    return Roster(
        people=tuple(person for _, person in people),
        conflicts=tuple(sorted(conflicts, key=lambda one: one.row)),
        ignored=ignored,
        has_workplaces="勤務場所" in columns,
    )


def _heading_row(rows: Sequence[Row]) -> Row | None:
    """The row with the most known headings among the first ones; a title may stand above it."""
    first = [row for row in rows if row.number <= _HEADING_WITHIN] or rows[:1]
    return max(first, key=lambda row: sum(_key(cell) in _RANKS for cell in row.cells), default=None)


def _columns(heading: Row) -> tuple[dict[str, int], tuple[str, ...], list[Conflict]]:
    """Where each column stands, the headings left over, and what is wrong."""
    found: dict[str, list[tuple[int, int]]] = {}
    for place, cell in enumerate(heading.cells):
        if (known := _RANKS.get(_key(cell))) is not None:
            found.setdefault(known[0], []).append((known[1], place))
    if "所属" in found:
        for step in _STEPS:
            found.pop(step, None)
    conflicts = []
    for name in _REQUIRED:
        if name not in found and not (name == "所属" and any(step in found for step in _STEPS)):
            words = "・".join(_HEADINGS[name][:3])
            problem = f"この列がありません。見出しを「{words}」のどれかにしてください"
            conflicts.append(Conflict(row=heading.number, column=name, problem=problem))
    for name, places in found.items():
        ranks = sorted(rank for rank, _ in places)
        if len(ranks) > 1 and ranks[0] == ranks[1]:
            problem = "同じ見出しの列が2つあります。1つだけ残してください"
            conflicts.append(Conflict(row=heading.number, column=name, problem=problem))
    columns = {name: min(places)[1] for name, places in found.items()}
    read = set(columns.values())
    ignored = tuple(normal(cell) for place, cell in enumerate(heading.cells) if place not in read and normal(cell))
    return columns, ignored, conflicts


def _person(number: int, cells: Mapping[str, str]) -> tuple[Person, list[Conflict]]:
    """The person of a row; where conflicts come along, what they concern is left empty."""
    joined = " ".join(cells.get(step, "") for step in _STEPS)
    office = office_of(cells.get("所属", joined))
    employment = employment_of(cells["任用形態"])
    written = {**cells, "所属": office_text(office)}
    wrong = {name: problem for name, problem in _empty(written).items() if problem}
    if written["職員番号"] and not _is_number(written["職員番号"]):
        wrong["職員番号"] = "使えない文字があります。半角の数字・英字・ハイフンだけにしてください"
    if written["任用形態"] and employment is None:
        wrong["任用形態"] = (
            f"「{written['任用形態'][:20]}」が分かりません。{'・'.join(Employment)} のどれかにしてください"
        )
    if written["メール"] and not _is_email(written["メール"]):
        wrong["メール"] = "メールアドレスの形ではありません。「名前@ドメイン」の形に直すか、空にしてください"
    for name, longest in _LONGEST.items():
        if len(written.get(name, "")) > longest:
            wrong[name] = f"長すぎます（{longest}文字まで）。短くしてください"
    person = Person(
        staff_id=written["職員番号"],
        name=written["氏名"],
        office=office,
        title=written["職位"],
        employment=employment or Employment.REGULAR,
        email=written["メール"].lower(),
        workplace=written.get("勤務場所", ""),
    )
    return person, [Conflict(row=number, column=name, problem=problem) for name, problem in wrong.items()]


def _empty(written: Mapping[str, str]) -> dict[str, str]:
    return {
        name: "空です。書き入れるか、行を消してください"
        for name in ("職員番号", "氏名", "所属", "任用形態")
        if not written[name]
    }


def _is_number(text: str) -> bool:
    return text.isascii() and text.replace("-", "").isalnum()


def _is_email(text: str) -> bool:
    name, _, domain = text.partition("@")
    labels = domain.split(".")
    return (
        text.isascii()
        and bool(name)
        and all(c.isalnum() or c in _LOCAL_SIGNS for c in name)
        and len(labels) > 1
        and all(label and label.replace("-", "").isalnum() for label in labels)
    )


def _doubled(people: Sequence[tuple[int, Person]], column: str, value: Callable[[Person], str]) -> list[Conflict]:
    """The rows whose value stands in an earlier row already."""
    first: dict[str, int] = {}
    found = []
    for number, person in people:
        written = value(person)
        if written and first.setdefault(written, number) != number:
            problem = f"行{first[written]}と同じです。どちらかを直すか、行を消してください"
            found.append(Conflict(row=number, column=column, problem=problem))
    return found


def with_workplaces(roster: Roster, known: Mapping[str, Person]) -> tuple[Person, ...]:
    """The people of the roster; where it has no column of workplaces, with those that are known."""
    if roster.has_workplaces:
        return roster.people
    return tuple(
        replace(person, workplace=known[person.staff_id].workplace) if person.staff_id in known else person
        for person in roster.people
    )

"""An audience as people and rules write it: 所属:総務部 + 職位:所属長 - 職員:10023."""

import re
from collections.abc import Callable, Mapping

from asaka_bot.broadcasts.audience import (
    AtWorkplace,
    Audience,
    Either,
    Everyone,
    Except,
    InOffice,
    Listed,
    OfEmployment,
    OfPosition,
    One,
)
from asaka_bot.broadcasts.staff import Employment, Position, employment_of, normal, office_of, office_text
from asaka_bot.errors import AudienceError

HOW = (
    "全員、所属:総務部/職員課、職位:所属長、任用:会計年度任用職員、勤務場所:本庁舎、名簿:研修担当、職員:10023 を、"
    "「+」（あわせる）と「-」（除く）と括弧でつなぎます。記号の前後は空けてください"
)
_LONGEST = 2_000
_DEEPEST = 30
# A sign between two audiences stands by itself, so that names may contain it: 10-023, フルタイム+.
_TOKEN = re.compile(r"""[()]|"[^"]*"|[^\s()":]+:"[^"]*"|[^\s()"]+""")
_PLUS, _MINUS = ("+", "または"), ("-", "除く", "−", "ー")


def _position(value: str) -> Audience:
    for position in Position:
        if value == position.value:
            return OfPosition(position=position)
    raise AudienceError(f"職位「{value}」はありません。{'・'.join(Position)} のどれかにしてください")


def _employment(value: str) -> Audience:
    employment = employment_of(value)
    if employment is None:
        raise AudienceError(f"任用形態「{value}」はありません。{'・'.join(Employment)} のどれかにしてください")
    return OfEmployment(employment=employment)


_KINDS: Mapping[str, Callable[[str], Audience]] = {
    "所属": lambda value: InOffice(office=office_of(value)),
    "職位": _position,
    "任用": _employment,
    "勤務場所": lambda value: AtWorkplace(workplace=value),
    "名簿": lambda value: Listed(name=value),
    "職員": lambda value: One(staff_id=value),
}
_ALSO = {
    "office": "所属",
    "position": "職位",
    "役職": "職位",
    "employment": "任用",
    "任用形態": "任用",
    "workplace": "勤務場所",
    "list": "名簿",
    "person": "職員",
    "職員番号": "職員",
}
_EVERYONE = ("全員", "全職員", "everyone")


def parse(text: str) -> Audience:
    """The audience that is written; + and - are read from left to right.

    Raises:
        AudienceError: a word can't be understood; the message names it and shows how to write.
    """
    written = normal(text)
    if not written:
        raise AudienceError(f"宛先が空です。{HOW}")
    if len(written) > _LONGEST:
        raise AudienceError(f"宛先が長すぎます（{_LONGEST}文字まで）。名簿にまとめてください")
    tokens = _TOKEN.findall(written)
    if "".join(tokens).replace(" ", "") != written.replace(" ", ""):
        raise AudienceError('引用符「"」が閉じていません。名前の前と後ろの両方につけてください')
    reader = _Reader(tokens)
    audience = reader.chain(0)
    if reader.next is not None:
        raise AudienceError(f"「{reader.next}」の前に「(」がありません。括弧の数を合わせてください")
    return audience


class _Reader:
    """Reads tokens from left to right."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens, self._place = tokens, 0

    @property
    def next(self) -> str | None:
        return self._tokens[self._place] if self._place < len(self._tokens) else None

    def chain(self, depth: int) -> Audience:
        if depth > _DEEPEST:
            raise AudienceError(f"括弧が深すぎます（{_DEEPEST}段まで）。名簿にまとめてください")
        audience = self._single(depth)
        while self.next is not None and self.next != ")":
            sign = self._take()
            if sign in _PLUS:
                audience = Either(first=audience, second=self._single(depth))
            elif sign in _MINUS:
                audience = Except(first=audience, second=self._single(depth))
            else:
                raise AudienceError(f"「{sign}」の前に「+」か「-」が必要です。{HOW}")
        return audience

    def _single(self, depth: int) -> Audience:
        word = self._take()
        if word == "(":
            audience = self.chain(depth + 1)
            if self.next != ")":
                raise AudienceError("「(」が閉じていません。「)」を書き足してください")
            self._take()
            return audience
        if word in _EVERYONE:
            return Everyone()
        kind, colon, value = word.partition(":")
        read = _KINDS.get(_ALSO.get(kind.casefold(), kind))
        if not colon or read is None:
            raise AudienceError(f"「{word}」が分かりません。{HOW}")
        value = value.strip('" ')
        if not value or value == "/":
            raise AudienceError(f"「{word}」のあとに名前がありません。「{kind}:」のすぐあとに続けて書いてください")
        return read(value)

    def _take(self) -> str:
        token = self.next
        if token is None:
            raise AudienceError(f"宛先が途中で終わっています。{HOW}")
        self._place += 1
        return token


def as_text(audience: Audience) -> str:
    """The audience as `parse` reads it back."""
    match audience:
        case Everyone():
            text = "全員"
        case InOffice(office=office):
            text = f"所属:{_quoted(office_text(office))}"
        case OfPosition(position=position):
            text = f"職位:{position.value}"
        case OfEmployment(employment=employment):
            text = f"任用:{employment.value}"
        case AtWorkplace(workplace=workplace):
            text = f"勤務場所:{_quoted(workplace)}"
        case Listed(name=name):
            text = f"名簿:{_quoted(name)}"
        case One(staff_id=staff_id):
            text = f"職員:{staff_id}"
        case Either(first=first, second=second):
            text = f"{as_text(first)} + {_bracketed(second)}"
        case Except(first=first, second=second):
            text = f"{as_text(first)} - {_bracketed(second)}"
    return text


def _bracketed(audience: Audience) -> str:
    return f"({as_text(audience)})" if isinstance(audience, Either | Except) else as_text(audience)


def _quoted(name: str) -> str:
    return f'"{name}"' if any(c in ' ()"' for c in name) else name

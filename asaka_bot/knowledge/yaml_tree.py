"""Read YAML safely into plain values that remember their lines: no tags, anchors, aliases or duplicate keys.

Every scalar stays a string (an empty one becomes None), so that ``no`` or ``1e3`` never turns into something else;
pydantic gives the values their types.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

MAX_BYTES = 8_000_000
MAX_DEPTH = 12

Location = tuple[str | int, ...]


class YamlError(Exception):
    """The text is not YAML that we read; carries the line (1-based) and what to do."""

    def __init__(self, line: int, message: str) -> None:
        self.line = line
        super().__init__(message)


class Tree:
    """A parsed document: ``value`` and the line of each place in it."""

    def __init__(self, value: Any, lines: dict[Location, int]) -> None:
        self.value = value
        self._lines = lines

    def line(self, location: Location) -> int:
        """The line of `location`, or of the nearest place around it."""
        while location and location not in self._lines:
            location = location[:-1]
        return self._lines.get(location, 1)


def read(path: Path) -> Tree:
    """Parse one file.

    Raises:
        YamlError: the file is too large, not UTF-8, not YAML, or uses what we refuse.
    """
    if path.stat().st_size > MAX_BYTES:
        raise YamlError(1, f"ファイルが大きすぎます（上限{MAX_BYTES // 1_000_000}MB）。ファイルを分けてください")
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise YamlError(1, "文字コードがUTF-8ではありません。UTF-8で保存し直してください") from error
    return parse(text)


def parse(text: str) -> Tree:
    """Parse a YAML text. Raises `YamlError` as `read` does."""
    lines: dict[Location, int] = {}
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        events = (e for e in yaml.parse(text, Loader=loader) if not isinstance(e, _FRAME))
        first = next(events, None)
        value = None if first is None else _node(first, events, (), lines)
        if next(events, None) is not None:
            raise YamlError(1, "「---」で区切った複数の文書は読めません。1つにまとめてください")
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise YamlError(
            line, f"YAMLの書き方の誤りです（{error.problem}）。字下げと「:」「-」を確かめてください"
        ) from error
    except yaml.reader.ReaderError as error:
        raise YamlError(1, "使えない文字が含まれています。制御文字を取り除いてください") from error
    return Tree(value, lines)


_FRAME = (yaml.StreamStartEvent, yaml.StreamEndEvent, yaml.DocumentStartEvent, yaml.DocumentEndEvent)


def _node(event: Any, events: Iterator[Any], here: Location, lines: dict[Location, int]) -> Any:
    lines[here] = event.start_mark.line + 1
    _refuse_tricks(event, here)
    if isinstance(event, yaml.ScalarEvent):
        return None if event.implicit[0] and event.value in ("", "~", "null") else event.value
    if isinstance(event, yaml.SequenceStartEvent):
        items: list[Any] = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            items.append(_node(event, events, (*here, len(items)), lines))
        return items
    return _mapping(events, here, lines)


def _mapping(events: Iterator[Any], here: Location, lines: dict[Location, int]) -> dict[str, Any]:
    start = lines[here]
    mapping: dict[str, Any] = {}
    while not isinstance(event := next(events), yaml.MappingEndEvent):
        key_line = event.start_mark.line + 1
        key = _node(event, events, here, lines)
        if not isinstance(key, str):
            raise YamlError(key_line, "見出し（:の左）は文字で書いてください")
        if key in mapping:
            raise YamlError(key_line, f"「{key}」が2回書かれています。1つにまとめてください")
        mapping[key] = _node(next(events), events, (*here, key), lines)
        lines[(*here, key)] = key_line
    lines[here] = start
    return mapping


def _refuse_tricks(event: Any, here: Location) -> None:
    line = event.start_mark.line + 1
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
        raise YamlError(line, "アンカー（&）と別名（*）は使えません。内容をそのまま書いてください")
    if getattr(event, "tag", None) not in (None, "!"):
        raise YamlError(line, "タグ（!）は使えません。取り除いてください")
    if len(here) > MAX_DEPTH:
        raise YamlError(line, f"入れ子が深すぎます（上限{MAX_DEPTH}段）")

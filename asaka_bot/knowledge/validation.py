"""A YAML tree against its pydantic shape; whatever does not fit becomes a Japanese line with file and line."""

from pydantic import BaseModel, ValidationError

from asaka_bot.knowledge.problems import File, Place, Problems


def validate(file: File, model: type[BaseModel], problems: Problems) -> None:
    """Set the content of `file` if its tree fits `model`; otherwise note everything that does not."""
    try:
        file.content = model.model_validate(file.tree.value)
    except ValidationError as error:
        for detail in error.errors():
            location = tuple(
                p for p in detail["loc"] if not str(p).startswith(("SourceIn", "constrained-", "function-"))
            )
            problems.add(Place(file, *location), _japanese(detail["type"], detail.get("ctx", {}), location))


def _japanese(kind: str, context: dict[str, object], location: tuple[str | int, ...]) -> str:
    name = next((str(p) for p in reversed(location) if isinstance(p, str) and p != "[key]"), "全体")
    known: dict[str, str] = {
        "missing": f"「{name}」がありません。書き足してください",
        "extra_forbidden": f"「{name}」という項目はありません。つづりを確かめてください",
        "string_pattern_mismatch": f"「{name}」は半角の英数字・ハイフンで書いてください",
        "string_too_short": f"「{name}」が空です。内容を書いてください",
        "string_too_long": f"「{name}」が長すぎます（上限{context.get('max_length')}字）。短くするか分けてください",
        "enum": f"「{name}」に使えない値です。{context.get('expected')} のどれかにしてください",
        "too_short": f"「{name}」が少なすぎます（{context.get('min_length')}件以上）",
        "too_long": f"「{name}」が多すぎます（{context.get('max_length')}件まで）",
        "date_parsing": f"「{name}」の日付は 2026-04-01 の形で書いてください",
        "date_from_datetime_parsing": f"「{name}」の日付は 2026-04-01 の形で書いてください",
    }
    if kind == "value_error":  # one of our own validators, which says what to do
        return f"「{name}」：{context.get('error')}"
    return known.get(kind, f"「{name}」の書き方が違います（{kind}）。ほかの項目の例にならってください")

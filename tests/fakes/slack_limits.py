"""The limits of Block Kit as docs.slack.dev states them; each problem as a line."""

import json

_TEXTS = {"header": 150, "section": 3_000, "context": 3_000}
_TOTAL = 13_200


def problems(blocks: list[dict], *, most: int = 50, total: int = _TOTAL) -> list[str]:
    """What Slack would refuse of a message's blocks."""
    found = [] if len(blocks) <= most else [f"{len(blocks)} blocks"]
    for number, block in enumerate(blocks):
        found += [f"{number} {block['type']}: {line}" for line in _block(block)]
    if _characters(blocks) > total:
        found.append(f"{_characters(blocks)} characters over all blocks")
    return found


def view_problems(view: dict) -> list[str]:
    """What Slack would refuse of a dialog or an App Home; a dialog's own limit are 250 KB (view_too_large)."""
    found = problems(view["blocks"], most=100, total=250_000 if view["type"] == "modal" else _TOTAL)
    for name in ("title", "submit", "close"):
        if len((view.get(name) or {}).get("text", "")) > 24:
            found.append(f"{name} too long")
    if view["type"] == "modal" and any(b["type"] == "input" for b in view["blocks"]) and "submit" not in view:
        found.append("input without submit")
    if len(json.dumps(view, ensure_ascii=False)) > 250_000:
        found.append("view too large")
    ids = [block["block_id"] for block in view["blocks"] if "block_id" in block]
    return [*found, *(["a block id twice"] if len(set(ids)) < len(ids) else [])]


def _block(block: dict) -> list[str]:
    kind, found = block["type"], []
    if kind in ("section", "header"):
        found += _text(block["text"], _TEXTS[kind])
    if kind == "section" and "accessory" in block:
        found += _element(block["accessory"])
    if kind == "context":
        found += [line for element in block["elements"] for line in _text(element, _TEXTS[kind])]
        if not 1 <= len(block["elements"]) <= 10:
            found.append("number of elements")
    if kind == "actions":
        ids = [element["action_id"] for element in block["elements"]]
        if not 1 <= len(ids) <= 25 or len(set(ids)) < len(ids):
            found.append("number of elements, or an action id twice")
        found += [line for element in block["elements"] for line in _element(element)]
    if kind == "input":
        found += _text(block["label"], 2_000) + _element(block["element"])
        found += _text(block["hint"], 2_000) if "hint" in block else []
    if kind not in ("section", "header", "context", "actions", "input", "divider"):
        found.append("unexpected block")
    return found


def _element(element: dict) -> list[str]:  # noqa: C901, PLR0912 - a case a kind
    found = []
    if len(element["action_id"]) > 255:
        found.append("action id too long")
    match element["type"]:
        case "button":
            found += _text(element["text"], 75)
            if len(element.get("value", "")) > 2_000 or len(element.get("accessibility_label", "")) > 75:
                found.append("value or label too long")
        case "static_select" | "multi_static_select":
            found += _text(element["placeholder"], 150)
            if not 1 <= len(element["options"]) <= 100:
                found.append("number of options")
            for option in element["options"]:
                found += _text(option["text"], 75)
                if not 1 <= len(option["value"]) <= 150:
                    found.append("option value")
            first = [element["initial_option"]] if "initial_option" in element else element.get("initial_options", [])
            if any(option not in element["options"] for option in first):
                found.append("an initial option that isn't offered")
        case "multi_conversations_select":
            found += _text(element["placeholder"], 150)
            if element["max_selected_items"] < 1 or set(element["filter"]["include"]) - {"public", "private"}:
                found.append("an odd choice of channels")
        case "plain_text_input":
            found += _text(element["placeholder"], 150)
            if element.get("max_length", 0) > 3_000 or len(element.get("initial_value", "")) > element["max_length"]:
                found.append("length of the input")
        case "checkboxes":
            found += _checkboxes(element)
        case kind if kind not in ("datepicker", "timepicker"):
            found.append("unexpected element")
    return found


def _checkboxes(element: dict) -> list[str]:
    found = [] if 1 <= len(element["options"]) <= 10 else ["number of options"]
    found += [line for option in element["options"] for line in _text(option["text"], 75)]
    if any(option not in element["options"] for option in element.get("initial_options", [])):
        found.append("an initial option that isn't offered")
    return found


def _text(text: dict, most: int) -> list[str]:
    return [] if 1 <= len(text["text"]) <= most else [f"text of {len(text['text'])} characters"]


def _characters(value: object) -> int:
    if isinstance(value, dict):
        return sum(_characters(part) for part in value.values())
    if isinstance(value, list):
        return sum(_characters(part) for part in value)
    return len(value) if isinstance(value, str) else 0

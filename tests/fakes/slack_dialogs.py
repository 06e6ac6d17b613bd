"""A dialog as Slack sends it back: what stood in its inputs at first, and what was typed since."""

from typing import Any

# What Slack calls the value of an input, and where the dialog says what stands in it at first.
_VALUES = {
    "plain_text_input": ("value", "initial_value"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "static_select": ("selected_option", "initial_option"),
    "checkboxes": ("selected_options", "initial_options"),
    "multi_static_select": ("selected_options", "initial_options"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
}


def sent_back(view: dict[str, Any], **typed: Any) -> dict[str, Any]:
    """The view with its state; `typed` replaces values by the name of their field. Fails where there is no such field."""
    values: dict[str, dict[str, Any]] = {}
    for block in view["blocks"]:
        if block["type"] != "input":
            continue
        element, name = block["element"], block["block_id"].partition(".")[0]
        value, initial = _VALUES[element["type"]]
        empty = [] if value.endswith("s") else None
        given = typed.pop(name) if name in typed else element.get(initial, empty)
        values[block["block_id"]] = {element["action_id"]: {"type": element["type"], value: given}}
    assert not typed, f"the dialog has no {list(typed)}"
    return view | {"id": "V1", "hash": "h", "state": {"values": values}}


def option(value: str) -> dict[str, str]:
    """A chosen option."""
    return {"value": value}

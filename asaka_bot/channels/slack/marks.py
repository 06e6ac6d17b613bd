"""The mark by which a delivery is found again among Slack's messages: it travels in their metadata."""

from collections.abc import Mapping
from typing import Any

EVENT_TYPE = "asaka_delivery"


def delivery_mark(marker: str) -> dict[str, Any]:
    """The metadata of the message that carries a delivery."""
    return {"event_type": EVENT_TYPE, "event_payload": {"delivery": marker}}


def marker_of(message: Mapping[str, Any]) -> object:
    """The marker of a message, None where it is no delivery of ours."""
    metadata = message.get("metadata") or {}
    if metadata.get("event_type") != EVENT_TYPE:
        return None
    return (metadata.get("event_payload") or {}).get("delivery")

"""A local Bot Framework connector: POST and PUT of activities in a conversation, its members; nothing can be read back.

Shapes as in the Bot Framework REST API reference: 201 with the activity's ``id``, errors as ``{"error": {"code", "message"}}``.
"""

import itertools
from typing import Any

from tests.fakes.faults import Faults
from tests.fakes.http import Answer, Request
from tests.fakes.server import Journal, main

_BLOCKED = "a:blocked"  # the person has removed the app


class Teams:
    """The conversations of a tenant."""

    def __init__(self, faults: Faults, journal: Journal) -> None:
        self._faults, self._journal = faults, journal
        self._activities: dict[tuple[str, str], dict] = {}
        self._numbers = itertools.count(1)

    async def __call__(self, request: Request) -> Answer | None:
        if not request.headers.get("authorization", "").startswith("Bearer "):
            return _wrong(401, "Unauthorized", "Authorization has been denied for this request.")
        match request.method, request.path.strip("/").split("/"):
            case "POST", ["v3", "conversations", conversation, "activities"]:
                return await self._faults.around(lambda: self._post(conversation, request.fields), _busy, _failure)
            case "PUT", ["v3", "conversations", conversation, "activities", id_]:
                return await self._faults.around(lambda: self._put(conversation, id_, request.fields), _busy, _failure)
            case "GET", ["v3", "conversations", _conversation, "members", member]:
                return Answer(status=200, body={"id": member, "name": "朝霞 花子"})
        return _wrong(404, "NotFound", "No such resource.")

    def _post(self, conversation: str, activity: dict) -> Answer:
        if conversation == _BLOCKED:
            return _wrong(403, "MessageWritesBlocked", "The bot was blocked by the user.")
        if activity.get("type") != "message" or not (activity.get("text") or activity.get("attachments")):
            return _wrong(400, "BadSyntax", "Activity has neither text nor attachments.")
        id_ = f"1:{next(self._numbers)}"
        self._activities[conversation, id_] = activity
        self._journal.write(
            marker=_marker(activity), to=conversation, ref=id_, text=activity.get("text") or activity.get("summary", "")
        )
        return Answer(status=201, body={"id": id_})

    def _put(self, conversation: str, id_: str, activity: dict) -> Answer:
        if (conversation, id_) not in self._activities:
            return _wrong(404, "ActivityNotFoundInConversation", "The activity could not be found.")
        self._activities[conversation, id_] = activity
        return Answer(status=200, body={"id": id_})


def _marker(tree: Any) -> str:
    """The delivery's mark, wherever in the activity it travels: channelData, or the data of a card's button."""
    if isinstance(tree, dict) and isinstance(tree.get("delivery"), str):
        return tree["delivery"]
    parts = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ()
    return next((found for part in parts if (found := _marker(part))), "")


def _wrong(status: int, code: str, text: str, **headers: str) -> Answer:
    return Answer(status=status, body={"error": {"code": code, "message": text}}, headers=headers)


def _busy(seconds: int) -> Answer:
    return _wrong(429, "TooManyRequests", "API calls quota exceeded.", **{"Retry-After": str(seconds)})


def _failure(status: int) -> Answer:
    return _wrong(status, "ServiceError", "Unknown.")


if __name__ == "__main__":
    main(Teams)

"""The state of a conversation as a signed token that travels in the page; nothing stays on the server."""

from datetime import datetime

from itsdangerous import BadData, URLSafeTimedSerializer

from asaka_bot.answering.conversation import EXPIRES_AFTER, Context
from asaka_bot.knowledge.model import Facet, Role

_SALT = "asaka-bot.web.context"


class ContextTokens:
    """Writes and reads the tokens of one secret."""

    def __init__(self, secret: str) -> None:
        self._serializer = URLSafeTimedSerializer(secret, salt=_SALT)

    def write(self, context: Context) -> str:
        """The token that carries `context`; safe in a form field, readable but not forgeable."""
        return self._serializer.dumps(
            {
                "topic": context.topic,
                "previous": context.previous,
                "facet": context.facet,
                "role": context.role,
                "at": context.at.isoformat(),
            }
        )

    def read(self, token: str, now: datetime) -> Context | None:
        """The context that `token` carries, or None where it is forged, damaged or expired at `now`.

        Silent on purpose: whoever returns after lunch simply starts a new conversation.
        """
        try:
            said = self._serializer.loads(token, max_age=int(EXPIRES_AFTER.total_seconds()))
            context = Context(
                topic=said["topic"],
                previous=said["previous"],
                facet=Facet(said["facet"]) if said["facet"] else None,
                role=Role(said["role"]) if said["role"] else None,
                at=datetime.fromisoformat(said["at"]),
            )
        except (BadData, KeyError, TypeError, ValueError):  # signed by an older version, or not by this server
            return None
        return context if context.alive(now) else None

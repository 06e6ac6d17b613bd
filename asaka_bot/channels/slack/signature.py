"""Whether a request really comes from Slack, told from its signature before anything reads the body.

Source: docs.slack.dev, "Verifying requests from Slack" (version v0).
"""

import hashlib
import hmac
import re

_VALID_SECONDS = 300
_TIMESTAMP = re.compile(rb"[0-9]{1,12}\Z")
_SIGNATURE = re.compile(rb"v0=[0-9a-f]{64}\Z")


def genuine(body: bytes, timestamp: bytes | None, signature: bytes | None, secret: str, now: float) -> bool:
    """Whether `signature` is Slack's for `body`, made at most five minutes from `now` (seconds since 1970).

    The comparison takes the same time wherever the signatures differ. Raises nothing, whatever the headers hold.
    """
    if timestamp is None or signature is None:
        return False
    if not _TIMESTAMP.match(timestamp) or not _SIGNATURE.match(signature):
        return False
    if abs(now - int(timestamp)) > _VALID_SECONDS:
        return False
    expected = hmac.new(secret.encode(), b"v0:" + timestamp + b":" + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(b"v0=" + expected.encode(), signature)

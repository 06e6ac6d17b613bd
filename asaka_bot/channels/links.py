"""Where a link leads, told from its address the way a browser reads it."""

import re

_LONGEST = 2_000  # characters of an address
# Nothing that browsers and parsers read differently: no user name before the host, no backslash, no blank.
_ADDRESS = re.compile(
    r"https://(?P<host>(?:[a-z0-9-]{1,63}\.)*[a-z0-9-]{1,63})(?::[0-9]{1,5})?"
    r"(?:[/?#][a-z0-9/?#:@!$&*+,;=._~%\-\u3005\u3040-\u30ff\u4e00-\u9fff]*)?",
    re.ASCII | re.IGNORECASE,
)


def host_of(url: str) -> str:
    """The host that an https address leads to, to stand beside its label; empty for any address that isn't linked."""
    found = _ADDRESS.fullmatch(url) if len(url) <= _LONGEST else None
    return found["host"].lower() if found else ""

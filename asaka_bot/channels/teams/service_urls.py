"""The servers of Microsoft to which the bot may send its token, and from which it takes messages."""

from urllib.parse import urlsplit

# Teams is served at smba.trafficmanager.net/… (learn.microsoft.com: send proactive messages); what else the Bot
# Framework runs ends in .botframework.com. Other names below trafficmanager.net belong to whoever registers them.
_HOSTS = frozenset({"smba.trafficmanager.net"})
_DOMAINS = (".botframework.com",)
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_LONGEST = 300


def allowed(service_url: object, *, local: bool = False) -> bool:
    """Whether a service URL may be answered: HTTPS on a known host; in local work, this computer only."""
    if not isinstance(service_url, str) or not 0 < len(service_url) <= _LONGEST or not service_url.isprintable():
        return False
    try:
        url = urlsplit(service_url)
        host, port = url.hostname or "", url.port
    except ValueError:
        return False
    if "@" in url.netloc or "\\" in service_url or url.query or url.fragment:
        return False
    if local:
        return url.scheme in ("http", "https") and host in _LOOPBACK
    known = host in _HOSTS or host.endswith(_DOMAINS)
    return url.scheme == "https" and known and port in (None, 443)


def same(one: object, other: object) -> bool:
    """Whether two service URLs are the same but for a slash at the end."""
    return isinstance(one, str) and isinstance(other, str) and one.rstrip("/") == other.rstrip("/")

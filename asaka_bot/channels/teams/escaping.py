"""Text of people and files made harmless for cards: nothing in it becomes a link, a mention, a list or a date."""

import re

# Full-width look-alikes: not every client of Teams honours backslashes before Markdown signs.
_LOOK_ALIKES = str.maketrans("*_[]<>`~#|\\&@", "＊＿［］＜＞｀～＃｜＼＆＠")
_BREAK = "\u200b"  # zero width space
_LIST = re.compile(r"^(\s*)([-+•]|\d{1,9}[.)])(?=\s)", re.MULTILINE)
# Clients make links of bare addresses too: https://…, www.…, example.com.
_DOT = re.compile(r"(?<=[0-9A-Za-z])\.(?=[A-Za-z])")
_SCHEME = re.compile(r"(mailto|tel|sms|file|https?|ftp|msteams):", re.IGNORECASE)
_UNSEEN = re.compile("[\u0000-\u0008\u000b-\u001f\u007f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def plain(text: str) -> str:
    """`text` as a card may show it: the same to the eye, without a meaning to the client."""
    shown = _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).translate(_LOOK_ALIKES)
    shown = shown.replace("{{", "｛｛").replace("}}", "｝｝")
    shown = _SCHEME.sub(r"\1：", shown).replace("://", "：//")
    shown = _LIST.sub(rf"\1{_BREAK}\2", shown)
    return _DOT.sub(f".{_BREAK}", shown)


def link(label: str, address: str) -> str:
    """A link of our own in a text block; without it where the address is not one that a card may carry."""
    safe = re.fullmatch(r"https://[^\s()\[\]<>\"']+|tel:[0-9#+]+", address)
    return f"[{plain(label)}]({address})" if safe else plain(label)

"""X6 for the console: whatever people write into notices, lists and replies stays text on every page."""

import asyncio
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from asaka_bot.broadcasts.notice import Content, NamedList, NoticeReply, NoticeState, Plan
from asaka_bot.outgoing import Link, Translation
from tests.fakes.console import NOW
from tests.fakes.notice_browsers import HANAKO, PEOPLE, TARO, browser_of
from tests.fakes.notices import MemoryNotices

_CORES = ("alert(1)", "{{7*7}}", "全員")
_SHAPES = (
    "<script>{}</script>",
    "</script><script>{}",
    "<img src=x onerror={}>",
    '"><svg onload={}>',
    "' onmouseover='{}",
    '" autofocus onfocus="{}',
    "</textarea><b>{}</b>",
    "</title><h1>{}</h1>",
    "<a href='javascript:{}'>a</a>",
    "<!--{}-->",
    "&lt;b&gt;{}&#60;i&#62;",
    "<details open ontoggle={}>",
    "</dd></dl><form action=/hr/sign-out>{}",
)
PAYLOADS = [shape.format(core) for shape in _SHAPES for core in _CORES]
FIELDS = 18  # of notices, people, lists and replies; each payload stands in all of them, in `filled`
PAGES = ("", "/{sent}", "/{sent}/people", "/{sent}/correct", "/{draft}", "/{draft}/edit", "/{draft}/submit")
PAGES = (*PAGES, "/{draft}/recipients", "/replies", "/lists", "/{awaiting}", "/{sent}/live")


class Skeleton(HTMLParser):
    """The tags of a page with their attributes, without any text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.links: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, tuple(sorted(name for name, _ in attrs))))
        self.links |= {value or "" for name, value in attrs if name in ("href", "src", "action", "formaction")}

    def handle_endtag(self, tag):
        self.tags.append((f"/{tag}", ()))

    def handle_comment(self, data):
        self.tags.append(("!--", (data,)))


def filled(text: str) -> MemoryNotices:
    """A desk on which everything that people can write is `text`."""
    content = Content(
        title=text,
        body=f"{text}\n\n{text}",
        source=text,
        links=(Link(label=text, url="https://example.com/"),),
        answers=(text, "不参加"),
        translations=(Translation(language="en", title=text, paragraphs=(text,)),),
    )
    people = [replace(each, name=text, office=(text,)) for each in PEOPLE[:2]]
    notices = MemoryNotices(now=NOW, people=people)
    made = asyncio.run(notices.create(HANAKO, content, Plan(audience="全員")))
    standing = asyncio.run(notices.create(TARO, content, made.plan))
    asyncio.run(notices.submit(TARO, standing.id, standing.version, frozenset({"unreachable", "duplicate"})))
    sent = notices.kept[standing.id]
    notices.kept[sent.id] = replace(sent, note=text, made_by=text, submitted_by=text, approved_by=text, ended_by=text)
    notices.stands[sent.id] = [replace(each, reason=text, answer=text) for each in notices.stands[sent.id]]
    notices.kept[3] = replace(sent, id=3, state=NoticeState.AWAITING, sent_at=None, submitted_by=text, note=text)
    notices.stands[3] = notices.stands[sent.id]
    notices.named = {text: NamedList(name=text, staff_ids=(people[0].staff_id,), made_by=text, made_at=NOW)}
    notices.written = [
        NoticeReply(id=1, notice=sent.id, title=text, staff_id="1", name=text, office=text, text=text, received_at=NOW)
    ]
    return notices


def skeletons(text: str) -> dict[str, Skeleton]:
    """Every page of a desk that is filled with `text`."""
    browser = browser_of(filled(text), HANAKO)
    numbers = {"draft": 1, "sent": 2, "awaiting": 3}
    found = {}
    for path in PAGES:
        answer = browser.get("/hr/notices" + path.format(**numbers))
        assert answer.status_code == 200, path
        found[path] = Skeleton(answer.text)
    return found


@pytest.fixture(scope="module")
def plain() -> dict[str, Skeleton]:
    """The pages, filled with a word that means nothing to a browser."""
    return skeletons("ことば")


def test_there_are_payloads_enough():
    """500, counting each field that one stands in."""
    assert len(PAYLOADS) * FIELDS >= 500


@pytest.mark.parametrize("payload", PAYLOADS)
def test_pages_keep_their_shape(plain, payload):
    """The same tags with the same attributes as for a plain word; no address that runs anything."""
    for path, page in skeletons(payload).items():
        assert page.tags == plain[path].tags, path
        assert not [link for link in page.links if link.lower().startswith(("javascript:", "data:"))]

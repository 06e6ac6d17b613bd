"""Where notices have their pages, and who may do what on them."""

import hashlib
import hmac
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from asaka_bot.broadcasts.notice import Notice
from asaka_bot.hr_console.sessions import Visitor, matches
from asaka_bot.roles import Actor, Permission

NOTICES = "/hr/notices"
_LONGEST = 18  # digits of an id of the database
_MOST_PAGES = 6  # digits of a page or count


def number_of(request: Request) -> int:
    """The id in the path. Raises `KeyError` where it can be none."""
    return known_number(request.path_params["id"])


def known_number(written: str) -> int:
    """An id as typed. Raises `KeyError` where it can be none."""
    if not (written.isascii() and written.isdigit() and len(written) <= _LONGEST):
        raise KeyError(written)
    return int(written)


def count_of(written: str) -> int:
    """A small number out of an address; 0 for anything else."""
    return int(written) if written.isascii() and written.isdigit() and len(written) <= _MOST_PAGES else 0


def to(notice: int, rest: str = "", **query: str) -> Response:
    """The page of a notice after a form; no fragment, so that what is said gets the focus."""
    asked = f"?{urlencode(query)}" if query else ""
    return RedirectResponse(f"{NOTICES}/{notice}{rest}{asked}", status_code=303)


def seal(visitor: Visitor, text: str) -> str:
    """Proves that a sentence in an address comes from us, so that no link can put words into the page."""
    return hmac.new(visitor.csrf.encode(), text.encode(), hashlib.sha256).hexdigest()


def unsealed(visitor: Visitor, text: str, sealed: str) -> str:
    """The sentence, where the seal is ours; else nothing."""
    return text if matches(sealed, seal(visitor, text)) else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Can:
    """What a visitor may do with a notice."""

    write: bool
    names: bool
    follow_up: bool
    approve: bool
    second: bool  # may approve, and is not who submitted it


def can(actor: Actor, notice: Notice | None = None) -> Can:
    """What `actor` may do; the pages show no button that would be refused."""
    approve = actor.may(Permission.APPROVE_NOTICES)
    return Can(
        write=actor.may(Permission.WRITE_NOTICES),
        names=actor.may(Permission.SEE_NAMES),
        follow_up=actor.may(Permission.FOLLOW_UP),
        approve=approve,
        second=approve and notice is not None and notice.submitted_by != actor.person,
    )

"""The staff directory: a file is checked, confirmed and undone; people are looked up."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from asaka_bot.broadcasts.staff import Person, normal, office_text
from asaka_bot.broadcasts.staff_changes import differences
from asaka_bot.broadcasts.staff_columns import Roster, read_roster
from asaka_bot.broadcasts.staff_file import MOST_BYTES, read_rows
from asaka_bot.design.pages import fields
from asaka_bot.errors import StaffError, StaffFileError
from asaka_bot.hr_console.pages import Pages
from asaka_bot.hr_console.ports import Ports
from asaka_bot.hr_console.sessions import Visitor

UPLOAD = "/hr/staff/load"
MOST_UPLOAD_BYTES = MOST_BYTES + 100_000  # the form around the file
_A_PAGE = 50
_MOST_IMPORTS = 20
_MOST_CONFLICTS = 200
_MOST_CHANGES = 1_000  # of a kind on one page
_LONGEST_SEARCH = 100
_DONE = {
    "imported": "名簿を取り込みました。",
    "undone": "取り込みを取り消し、名簿をその前に戻しました。",
    "same": "ファイルは、いまの名簿と同じです。変えるものはありません。",
}
_PROBLEMS = {
    "expired": "この差分は、取り込み済みか、1時間を過ぎています。もう一度ファイルを選んでください。",
    "changed": "差分を確かめたあとに名簿が変わったか、もう取り込み済みです。もう一度ファイルを選んで、差分を確かめてください。",
    "not-last": "取り消せるのは、いちばん新しい取り込みだけです。下の履歴を確かめてください。",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Refused:
    """What came of a file that can't be imported."""

    error: str = ""  # of the file as a whole
    roster: Roster = field(default_factory=Roster)


class StaffPages:
    """The pages below /hr/staff."""

    def __init__(self, ports: Callable[[], Ports], pages: Pages) -> None:
        self._ports, self._pages = ports, pages

    async def show(self, request: Request, visitor: Visitor) -> Response:
        """The form for a file, the people, and the imports."""
        return await self._page(request, visitor, _Refused())

    async def load(self, request: Request, visitor: Visitor) -> Response:
        """Read the file that was chosen; without conflicts its changes are kept and shown."""
        upload = (await request.form()).get("file")
        if not isinstance(upload, UploadFile) or not upload.filename:
            return await self._page(request, visitor, _Refused(error="ファイルを選んでから押してください"))
        content, file = await upload.read(MOST_BYTES + 1), upload.filename
        try:
            roster = await asyncio.to_thread(_read, content)  # a large sheet takes seconds
        except StaffFileError as error:
            return await self._page(request, visitor, _Refused(error=str(error)))
        if roster.conflicts:
            return await self._page(request, visitor, _Refused(roster=roster))
        token = await self._ports().staff.draft(visitor.actor, roster, file=file)
        return RedirectResponse(f"/hr/staff/check?draft={token}", status_code=303)

    async def check(self, request: Request, visitor: Visitor) -> Response:
        """What the import would change."""
        return await self._check(request.query_params.get("draft", ""), visitor)

    async def _check(self, token: str, visitor: Visitor, problem: str = "") -> Response:
        draft = await self._ports().staff.find_draft(visitor.actor, token)
        if draft is None:
            return _back("problem", "expired")
        if not draft.changes.all:
            return _back("done", "same")
        return self._pages.page(
            "staff_check.html",
            visitor=visitor,
            status=422 if problem else 200,
            title="差分の確認：職員名簿",
            draft=draft,
            changes=draft.changes,
            token=token,
            problem=problem,
            most=_MOST_CHANGES,
            office_text=office_text,
            differences=differences,
        )

    async def confirm(self, request: Request, visitor: Visitor) -> Response:
        """Make the changes that were shown, and no others."""
        form, staff = await fields(request), self._ports().staff
        token = form.get("draft", "")
        draft = await staff.find_draft(visitor.actor, token)
        if draft is not None and draft.changes.is_mass_leaving and form.get("mass") != "yes":
            return await self._check(
                token, visitor, "多くの職員がいなくなります。正しいときは、下の四角にチェックを入れてください。"
            )
        try:
            await staff.confirm(visitor.actor, token)
        except StaffError:
            return _back("problem", "changed")
        return _back("done", "imported")

    async def undo(self, request: Request, visitor: Visitor) -> Response:
        """Take the last import back."""
        number = (await fields(request)).get("number", "")
        try:
            known = int(number) if number.isascii() and number.isdigit() and len(number) < 10 else 0
            await self._ports().staff.undo(visitor.actor, number=known)
        except StaffError:
            return _back("problem", "not-last")
        return _back("done", "undone")

    async def _page(self, request: Request, visitor: Visitor, refused: _Refused) -> Response:
        asked, staff = request.query_params, self._ports().staff
        people, imports = await staff.people(visitor.actor), await staff.history(visitor.actor, _MOST_IMPORTS)
        search = asked.get("q", "")[:_LONGEST_SEARCH]
        found = matching(people, search)
        pages = max(1, -(-len(found) // _A_PAGE))
        number = _number(asked.get("page", ""), pages)
        conflicts = refused.roster.conflicts
        wrong = bool(refused.error or conflicts)
        return self._pages.page(
            "staff.html",
            visitor=visitor,
            status=422 if wrong else 200,
            title="ファイルの誤り：職員名簿" if wrong else "職員名簿",
            done=_DONE.get(asked.get("done", "")),
            problem=_PROBLEMS.get(asked.get("problem", "")),
            error=refused.error,
            conflicts=conflicts[:_MOST_CONFLICTS],
            conflicts_in_all=len(conflicts),
            people=found[(number - 1) * _A_PAGE : number * _A_PAGE],
            found=len(found),
            in_all=len(people),
            search=search,
            number=number,
            pages=pages,
            a_page=_A_PAGE,
            imports=imports,
            last=next((each.id for each in imports if each.undone_at is None), None),
            office_text=office_text,
        )


def matching(people: Sequence[Person], search: str) -> Sequence[Person]:
    """Whose number begins with it, or whose name, office, title or e-mail contains every word of the search."""
    words = normal(search).casefold().split()
    return [person for person in people if all(_has(person, word) for word in words)]


def _has(person: Person, word: str) -> bool:
    text = (person.name.replace(" ", ""), office_text(person.office), person.title, person.employment, person.email)
    return person.staff_id.casefold().startswith(word) or any(word in part.casefold() for part in text)


def _read(content: bytes) -> Roster:
    return read_roster(read_rows(content))


def _number(written: str, most: int) -> int:
    plain = written.isascii() and written.isdigit() and len(written) < 6
    return min(max(int(written), 1), most) if plain else 1


def _back(name: str, what: str) -> Response:
    return RedirectResponse(f"/hr/staff?{name}={what}", status_code=303)

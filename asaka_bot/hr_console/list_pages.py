"""Named lists of people: made from pasted numbers, seen, changed and removed."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from asaka_bot.broadcasts.staff import normal, office_text
from asaka_bot.design.pages import fields
from asaka_bot.errors import NoticeError
from asaka_bot.hr_console.notice_address import NOTICES, can
from asaka_bot.hr_console.pages import Pages
from asaka_bot.hr_console.ports import Ports
from asaka_bot.hr_console.sessions import Visitor
from asaka_bot.roles import Permission

MOST_CHARACTERS = 40  # of a name
_SEPARATORS = re.compile(r"[\s,、，;；/・|]+")
_DONE = {"kept": "名簿を保存しました。", "removed": "名簿を削除しました。"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ListForm:
    """The form as filled in; `errors` are by field."""

    name: str = ""
    numbers: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def staff_ids(self) -> Sequence[str]:
        """Every number once, in order."""
        return staff_ids(self.numbers)


def staff_ids(pasted: str) -> Sequence[str]:
    """The numbers in a text, whatever stands between them."""
    return list(dict.fromkeys(filter(None, (normal(each) for each in _SEPARATORS.split(pasted)))))


class ListPages:
    """The pages below /hr/notices/lists."""

    def __init__(self, ports: Callable[[], Ports], pages: Pages) -> None:
        self._ports, self._pages = ports, pages

    async def show(self, request: Request, visitor: Visitor) -> Response:
        """All lists, and the form; with `name` the list of that name to change."""
        wanted = request.query_params.get("name", "")
        found = next((each for each in await self._ports().notices.lists(visitor.actor) if each.name == wanted), None)
        form = ListForm(name=found.name, numbers="\n".join(found.staff_ids)) if found else ListForm()
        return await self._page(request, visitor, form)

    async def keep(self, request: Request, visitor: Visitor) -> Response:
        """Keep what the form says, or show it again."""
        visitor.actor.require(Permission.WRITE_NOTICES)
        typed, errors = await fields(request), {}
        form = ListForm(name=" ".join(typed.get("name", "").split()), numbers=typed.get("numbers", ""))
        if not form.name:
            errors["name"] = "名簿の名前を入力してください。例：研修担当"
        elif len(form.name) > MOST_CHARACTERS:
            errors["name"] = f"名前は{MOST_CHARACTERS}文字までです（今は{len(form.name)}文字）。短くしてください。"
        elif '"' in form.name:
            errors["name"] = '名前に「"」は使えません。ほかの文字にしてください。'
        if not form.staff_ids:
            errors["numbers"] = "職員番号を1つ以上入力してください。"
        if not errors:
            try:
                await self._ports().notices.keep_list(visitor.actor, form.name, form.staff_ids)
            except NoticeError as error:
                for problem in error.problems:
                    name = problem.field if problem.field == "name" else "numbers"
                    errors[name] = f"{errors.get(name, '')}{problem.text.rstrip('。')}。"
        if errors:
            form = ListForm(name=form.name, numbers=form.numbers, errors=errors)
            return await self._page(request, visitor, form)
        return RedirectResponse(f"{NOTICES}/lists?done=kept", status_code=303)

    async def remove(self, request: Request, visitor: Visitor) -> Response:
        """Remove a list."""
        await self._ports().notices.remove_list(visitor.actor, (await fields(request)).get("name", ""))
        return RedirectResponse(f"{NOTICES}/lists?done=removed", status_code=303)

    async def _page(self, request: Request, visitor: Visitor, form: ListForm) -> Response:
        ports = self._ports()
        people = {person.staff_id: person for person in await ports.staff.people(visitor.actor)}
        return self._pages.page(
            "lists.html",
            visitor=visitor,
            status=422 if form.errors else 200,
            title="入力の誤り：名簿" if form.errors else "宛先の名簿",
            done=_DONE.get(request.query_params.get("done", "")),
            lists=await ports.notices.lists(visitor.actor),
            people=people,
            office_text=office_text,
            form=form,
            can=can(visitor.actor),
        )

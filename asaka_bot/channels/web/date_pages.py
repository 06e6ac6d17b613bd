"""The pages that compute the dates following from a birth, and their calendar file."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from asaka_bot.answering import dates
from asaka_bot.channels.web.calendar_file import Given, calendar_file
from asaka_bot.channels.web.pages import Pages
from asaka_bot.design.pages import fields
from asaka_bot.errors import DateError
from asaka_bot.tokyo import now_in_tokyo

_LONGEST = 100  # characters of a date; what comes after can't belong to it
_LEANS = {"due": dates.Lean.FUTURE, "birth": dates.Lean.PAST}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Filled:
    """A form as filled in: what was typed, what it means, and what is wrong with each field."""

    typed: Mapping[str, str] = field(default_factory=dict)
    given: Given = field(default_factory=Given)
    errors: Mapping[str, str] = field(default_factory=dict)


def routes(pages: Pages) -> list[BaseRoute]:
    """The routes of the pages on dates. All input comes by POST, so that no date stands in an address."""

    async def blank_form(request: Request) -> Response:
        return await _page(request, pages, _Filled())

    async def result(request: Request) -> Response:
        return await _page(request, pages, _read(await fields(request), now_in_tokyo().date()))

    async def download(request: Request) -> Response:
        now = now_in_tokyo()
        filled = _read(await fields(request), now.date())
        if filled.errors:
            return await _page(request, pages, filled)
        headers = {"Content-Disposition": 'attachment; filename="dates.ics"', "Cache-Control": "no-store"}
        return Response(calendar_file(filled.given, now), media_type="text/calendar; charset=utf-8", headers=headers)

    endpoints: list[tuple[str, Callable[..., object], str]] = [
        ("/dates", blank_form, "GET"),
        ("/dates", result, "POST"),
        ("/dates.ics", download, "POST"),
        ("/dates.ics", blank_form, "GET"),
    ]
    return [Route(path, endpoint, methods=[method]) for path, endpoint, method in endpoints]


async def _page(request: Request, pages: Pages, filled: _Filled) -> Response:
    given = filled.given
    complete = not filled.errors and (given.due or given.birth)
    return await pages.page(
        request,
        "dates.html",
        title="入力の誤り：日付の計算" if filled.errors else "日付の計算",
        status=422 if filled.errors else 200,
        typed=filled.typed,
        errors=filled.errors,
        given=given,
        rows=given.rows() if complete else (),
        sensitive=bool(complete),
    )


def _read(form: Mapping[str, str], today: date) -> _Filled:
    typed = {name: form.get(name, "").strip()[:_LONGEST] for name in _LEANS}
    days: dict[str, date] = {}
    errors: dict[str, str] = {}
    for name, text in typed.items():
        if not text:
            continue
        try:
            days[name] = dates.parse(text, today, _LEANS[name])
            Given(birth=days[name]).rows()  # tells for this field alone whether the day can be computed with
        except DateError as error:
            errors[name] = f"{error}。"
    if not days and not errors:
        errors["due"] = "出産予定日か生年月日の、どちらかを入力してください。"
    given = Given(due=days.get("due"), birth=days.get("birth"), multiple="multiple" in form)
    return _Filled(typed=typed, given=given, errors=errors)

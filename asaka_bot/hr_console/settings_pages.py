"""Who has which role, what the office has decided about notices, and how the bot is set up."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from asaka_bot.broadcasts.office_rules import MOST, OfficeRules
from asaka_bot.broadcasts.staff import normal
from asaka_bot.design.pages import fields
from asaka_bot.errors import RoleError
from asaka_bot.hr_console import words
from asaka_bot.hr_console.pages import Pages
from asaka_bot.hr_console.ports import Ports
from asaka_bot.hr_console.sessions import Visitor
from asaka_bot.roles import HrRole

_KEPT = 200  # characters of a field that are shown again
# What is said after a form, and in which section of the page.
_DONE = {
    "given": ("people", "権限を変えました。次に開く画面から効きます。"),
    "taken": ("people", "権限を外しました。次に開く画面から効きます。"),
    "same": ("people", "変えるものはありませんでした。"),
    "rules": ("rules", "きまりを変えました。これから送るお知らせから効きます。"),
    "same-rules": ("rules", "変えるものはありませんでした。"),
}
_MEANS = {
    HrRole.VIEWER: "画面を見る（職員の名前は見えません）",
    HrRole.EDITOR: "職員の名前を見る、お知らせを作って送る、リマインダーを止める、届かなかった配信を決める",
    HrRole.APPROVER: "お知らせを承認する、職員名簿を取り込む、操作の記録を見る、止まった送信を再開する",
    HrRole.ADMIN: "だれにどの権限を付けるかを決める、この画面の設定を変える",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Form:
    """What was typed, and what is wrong with it, by field."""

    typed: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)


class SettingsPages:
    """The pages below /hr/settings."""

    def __init__(self, ports: Callable[[], Ports], pages: Pages) -> None:
        self._ports, self._pages = ports, pages

    async def show(self, request: Request, visitor: Visitor) -> Response:
        """All three, one below the other."""
        return await self._page(request, visitor, _Form())

    async def give(self, request: Request, visitor: Visitor) -> Response:
        """Give somebody a role, another one, or none."""
        form = await fields(request)
        typed = {name: form.get(name, "").strip()[:_KEPT] for name in ("person", "role")}
        taken = form.get("do") == "take"
        if not taken and typed["role"] not in list(HrRole):
            return await self._wrong(request, visitor, typed, role="権限を選んでください。")
        try:
            role = None if taken else HrRole(typed["role"])
            changed = await self._ports().roles.give(visitor.actor, typed["person"], role)
        except RoleError as error:
            return await self._wrong(request, visitor, typed, person=f"{error}。")
        return _done(("taken" if taken else "given") if changed else "same")

    async def change_rules(self, request: Request, visitor: Visitor) -> Response:
        """Change what the office has decided."""
        form = await fields(request)
        typed = {name: form.get(name, "").strip()[:_KEPT] for name in MOST}
        errors = {
            name: f"0から{most}までの数字で書いてください。"
            for name, most in MOST.items()
            if _number(typed[name], most) is None
        }
        if errors:
            return await self._wrong(request, visitor, typed, **errors)
        rules = OfficeRules(**{name: int(normal(value)) for name, value in typed.items()})
        changed = await self._ports().roles.change_rules(visitor.actor, rules)
        return _done("rules" if changed else "same-rules")

    async def _wrong(self, request: Request, visitor: Visitor, typed: Mapping[str, str], **errors: str) -> Response:
        return await self._page(request, visitor, _Form(typed=typed, errors=errors))

    async def _page(self, request: Request, visitor: Visitor, form: _Form) -> Response:
        roles, actor = self._ports().roles, visitor.actor
        rules = await roles.rules(actor)
        return self._pages.page(
            "settings.html",
            visitor=visitor,
            status=422 if form.errors else 200,
            title="入力の誤り：権限と設定" if form.errors else "権限と設定",
            done=_DONE.get(request.query_params.get("done", ""), ("", "")),
            people=await roles.people(actor),
            roles=list(HrRole),
            means=_MEANS,
            rules={name: form.typed.get(name, str(getattr(rules, name))) for name in MOST},
            rule_names=words.OFFICE_RULES,
            most=MOST,
            form=form,
            configuration=await roles.configuration(actor),
        )


def _number(written: str, most: int) -> int | None:
    plain = normal(written)
    fits = plain.isascii() and plain.isdigit() and len(plain) <= len(str(most)) and int(plain) <= most
    return int(plain) if fits else None


def _done(what: str) -> Response:
    return RedirectResponse(f"/hr/settings?done={what}", status_code=303)

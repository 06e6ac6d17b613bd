"""Deliveries that only a person can settle, and the hold after a restore."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from asaka_bot.design.pages import fields
from asaka_bot.hr_console.pages import Pages
from asaka_bot.hr_console.ports import Decision, Ports, Undecided
from asaka_bot.hr_console.sessions import Visitor

_MOST_SHIPMENTS = 30
_DECISIONS: dict[str, Decision] = {"resend": "resend", "sent": "sent"}
_DONE = {
    "resend": "再送の列に入れました。順番が来ると送ります。",
    "sent": "送信済みとして記録しました。",
    "late": "ほかの人がすでに決めていたものは、そのままにしました。",
    "nothing": "どの配信をどうするかを選んでから、もう一度押してください。",
    "released": "送信を再開しました。待っていたものから順に送ります。",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """What waits for the same reason to be told: one message, one state."""

    title: str
    state: str
    waiting: tuple[Undecided, ...]

    @property
    def markers(self) -> str:
        """All of them in one field: forms are limited in fields, not in length."""
        return " ".join(one.marker for one in self.waiting)


class DeliveryPages:
    """The pages below /hr/deliveries."""

    def __init__(self, ports: Callable[[], Ports], pages: Pages) -> None:
        self._ports, self._pages = ports, pages

    async def show(self, request: Request, visitor: Visitor) -> Response:
        """What waits for a decision, then what left lately."""
        deliveries = self._ports().deliveries
        waiting = await deliveries.undecided(visitor.actor)
        return self._pages.page(
            "deliveries.html",
            visitor=visitor,
            title="配信の確認",
            done=_DONE.get(request.query_params.get("done", "")),
            hold=await deliveries.hold(visitor.actor),
            outages=await deliveries.outages(visitor.actor),
            groups=grouped(waiting),
            undecided=len(waiting),
            shipments=await deliveries.recent(visitor.actor, _MOST_SHIPMENTS),
        )

    async def decide(self, request: Request, visitor: Visitor) -> Response:
        """Settle one delivery, or several of a group."""
        form = await fields(request)
        decision = _DECISIONS.get(form.get("decision", ""))
        markers = form.get("markers", "").split()
        if decision is None or not markers:
            return _done("nothing")
        deliveries = self._ports().deliveries
        settled = [await deliveries.decide(visitor.actor, marker, decision) for marker in markers]
        return _done(decision if all(settled) else "late")

    async def release(self, request: Request, visitor: Visitor) -> Response:  # noqa: ARG002 - the door passes it
        """Let everything leave again after a restore."""
        await self._ports().deliveries.release(visitor.actor)
        return _done("released")


def grouped(waiting: Sequence[Undecided]) -> tuple[Group, ...]:
    """By message and state, each group's oldest first."""
    ordered = sorted(waiting, key=lambda one: (one.state != "held", one.title, one.since))
    return tuple(
        Group(title=title, state=state, waiting=tuple(of_group))
        for (state, title), of_group in groupby(ordered, key=lambda one: (one.state, one.title))
    )


def _done(what: str) -> Response:
    return RedirectResponse(f"/hr/deliveries?done={what}", status_code=303)

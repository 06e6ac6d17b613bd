"""HR's dialogs on Slack as tests fill them in and press them."""

import asyncio
import json
from collections.abc import Awaitable, Callable

from asaka_bot.channels.answers import AnswerService
from asaka_bot.channels.notice_draft import NEW, Draft, Offer, filled_up, folded
from asaka_bot.channels.slack import notice_form
from asaka_bot.channels.slack.notice_form import Form
from asaka_bot.roles import HrRole
from tests.fakes.notices_in_chat import TEMPLATES, TOPICS, MemoryWriting
from tests.fakes.slack_bot import bot
from tests.fakes.slack_dialogs import sent_back

FILLED = Draft(title="健康診断の日程", body="決まりました。\n\n選んでください。", audience="全員", confirm=True)


def at_desk(service: AnswerService, work: Callable[..., Awaitable[None]], **given) -> None:
    """Runs a test's coroutine with a bot on which U1 may write notices."""

    async def inside():
        writing = MemoryWriting(roles={("slack", "U1"): HrRole.EDITOR}, **given)
        ports = {"writing": writing, "console_url": "https://hr.asaka.example/"}
        async with bot(service, ports=ports) as made:
            await work(made, writing)

    asyncio.run(inside())


def filled_in(draft: Draft = FILLED, **form: int) -> dict:
    """The dialog as it is sent, without くわしい設定."""
    draft = folded(filled_up(draft, NEW))
    view = notice_form.form_view(Form(draft=draft, **form), Offer(templates=TEMPLATES, topics=TOPICS)).to_dict()
    return {"type": "view_submission", "view": sent_back(view)}


def previewed(view: dict, *agreed: str) -> dict:
    """The preview as it is sent, with what was agreed to."""
    version = json.loads(view["private_metadata"])["v"]
    options = [{"value": each} for each in agreed]
    values = {f"agreed.{version}": {"agreed": {"type": "checkboxes", "selected_options": options}}}
    return {"type": "view_submission", "view": view | {"id": "V1", "hash": "h", "state": {"values": values}}}


async def pressed(b, view: dict, action: dict) -> None:
    action = {"block_id": "b", "action_ts": "1.0", "type": "button"} | action
    view = view | {"id": "V1"}
    await b.interact({"type": "block_actions", "container": {"type": "view"}, "view": view, "actions": [action]})


def text_of(view: dict) -> str:
    return json.dumps(view, ensure_ascii=False).replace("\u200b", "")

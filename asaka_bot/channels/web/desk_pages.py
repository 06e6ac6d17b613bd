"""The page that helps to write to a desk; the bot itself sends nothing."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from asaka_bot.channels.web.pages import Pages
from asaka_bot.channels.web.render import mail_link, prepared_text
from asaka_bot.design.pages import fields
from asaka_bot.knowledge.model import KnowledgeBase

_LONGEST = 1_000  # characters of the question that the letter starts from


def routes(pages: Pages, knowledge: KnowledgeBase) -> list[BaseRoute]:
    """The routes of the desk page; a question comes by POST, so that it stands in no address."""

    async def desk(request: Request) -> Response:
        form = await fields(request) if request.method == "POST" else {}
        topic = knowledge.topics.get(form.get("topic", ""))
        sensitive = topic is not None and topic.sensitive
        question = "" if sensitive else form.get("question", "").strip()[:_LONGEST]
        text = prepared_text(question) if question else ""
        first = form.get("desk", "hr-desk")
        contacts = sorted(knowledge.contacts.values(), key=lambda contact: contact.id != first)
        return await pages.page(
            request,
            "hr_desk.html",
            title="職員課に聞く",
            text=text,
            contacts=[(contact, mail_link(contact, text)) for contact in contacts],
            any_details=any(c.extension or c.phone or c.mail or c.place for c in contacts),
            first=first if "desk" in form else None,
            sensitive=sensitive,
        )

    return [Route("/hr-desk", desk, methods=["GET", "POST"])]

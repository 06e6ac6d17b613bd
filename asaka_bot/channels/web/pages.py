"""Templates filled into pages that no browser keeps."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import HTMLResponse

from asaka_bot.answering.compose import AUDIENCES
from asaka_bot.channels.web.render import LEGEND
from asaka_bot.knowledge.model import KnowledgeBase
from asaka_bot.messages import japanese_date

STATIC = Path(__file__).parent / "static"

# Answers on leave and harassment must not come back with the back button of a shared computer.
_HEADERS = {"Cache-Control": "no-store", "Vary": "X-Fragment"}


class Pages:
    """The templates with what every page shows: menu, roles, legend."""

    def __init__(self, knowledge: KnowledgeBase) -> None:
        self._templates = Environment(
            loader=PackageLoader("asaka_bot.channels.web"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters["japanese_date"] = japanese_date
        self._templates.globals.update(
            knowledge=knowledge,
            roles=AUDIENCES,
            legend=LEGEND,
            assets={file.name: f"/static/{file.name}?v={_digest(file)}" for file in STATIC.iterdir()},
        )

    def page(self, template: str, *, status: int = 200, **values: object) -> HTMLResponse:
        """The filled template; `status` is the HTTP status."""
        html = self._templates.get_template(template).render(values)
        return HTMLResponse(html, status_code=status, headers=_HEADERS)


async def fields(request: Request) -> Mapping[str, str]:
    """The text fields of a form; files are ignored, of a field given twice the last counts."""
    form = await request.form()
    return {name: value for name, value in form.items() if not isinstance(value, UploadFile)}


def _digest(file: Path) -> str:
    """Changes with the file, so that browsers fetch a new version at once."""
    return hashlib.sha256(file.read_bytes()).hexdigest()[:12]

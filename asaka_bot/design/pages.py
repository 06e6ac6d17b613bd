"""Templates filled into pages that no browser keeps, in the one style of the product."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from asaka_bot.messages import japanese_date

STATIC = Path(__file__).parent / "static"
_ADDRESS = "/static/design"


def files_route() -> Mount:
    """Where style and icon are fetched; stands before every other route below /static."""
    return Mount(_ADDRESS, StaticFiles(directory=STATIC))


def templates(package: str, own: Mapping[str, Path]) -> Environment:
    """The templates of `package`; its pages find shared files and those of `own` (address -> folder) in ``assets``."""
    environment = Environment(
        loader=PackageLoader(package),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["japanese_date"] = japanese_date
    environment.globals["assets"] = {
        file.name: f"{address}/{file.name}?v={_digest(file)}"
        for address, folder in {_ADDRESS: STATIC, **own}.items()
        for file in folder.iterdir()
    }
    return environment


async def fields(request: Request) -> Mapping[str, str]:
    """The text fields of a form; files are ignored, of a field given twice the last counts."""
    form = await request.form()
    return {name: value for name, value in form.items() if not isinstance(value, UploadFile)}


def _digest(file: Path) -> str:
    """Changes with the file, so that browsers fetch a new version at once."""
    return hashlib.sha256(file.read_bytes()).hexdigest()[:12]

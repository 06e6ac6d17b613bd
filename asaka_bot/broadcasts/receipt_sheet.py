"""The recipients of a notice as an Excel file in which no text is a formula."""

import io
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from asaka_bot.broadcasts.notice import Notice, Standing
from asaka_bot.tokyo import TOKYO

HEADINGS = ("職員番号", "氏名", "所属", "職位", "配信", "理由", "確認", "確認した日時", "代理確認をした人", "回答")
_WIDTHS = (12, 18, 32, 16, 12, 32, 8, 20, 24, 16)
_FORMULA = re.compile(r"[=+\-@\t\r\n]")  # what spreadsheets, and CSV made from them, take for the start of one
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # XML has no place for these


def sheet(notice: Notice, standings: Sequence[Standing]) -> bytes:
    """An .xlsx file: the notice in the first rows, then one row a recipient."""
    book = Workbook(write_only=True)
    page: Any = book.create_sheet("宛先")  # a WriteOnlyWorksheet, which the stubs don't know in full
    for letter, width in zip("ABCDEFGHIJ", _WIDTHS, strict=True):
        page.column_dimensions[letter].width = width
    page.freeze_panes = "A4"
    page.append([_text(page, text, bold=True) for text in (f"No.{notice.id}", notice.content.title)])
    page.append([])
    page.append([_text(page, heading, bold=True) for heading in HEADINGS])
    for each in standings:
        page.append([_text(page, value) for value in _row(each)])
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _row(each: Standing) -> tuple[str, ...]:
    return (
        each.staff_id,
        each.name,
        each.office,
        each.title,
        each.stand.label,
        each.reason,
        "済" if each.confirmed_at else "未",
        _moment(each.confirmed_at),
        each.confirmed_by,
        each.answer,
    )


def _moment(moment: datetime | None) -> str:
    return f"{moment.astimezone(TOKYO):%Y-%m-%d %H:%M:%S}" if moment else ""


def _text(page: Any, value: str, *, bold: bool = False) -> Any:
    cell = WriteOnlyCell(page, value=_UNPRINTABLE.sub("", value))
    cell.data_type = "s"  # openpyxl would take a leading = for a formula
    if _FORMULA.match(value):
        cell.quotePrefix = True  # so that Excel doesn't either when the cell is edited
    if bold:
        cell.font = Font(bold=True)
    return cell

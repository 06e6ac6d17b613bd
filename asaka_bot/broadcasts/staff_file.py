"""The bytes of a CSV or Excel file become rows of text, and people become an Excel file."""

import csv
import io
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from datetime import datetime, time
from typing import Any

from asaka_bot.broadcasts.staff import Person, office_text
from asaka_bot.broadcasts.staff_columns import Row
from asaka_bot.errors import StaffFileError

MOST_BYTES = 5_000_000
MOST_ROWS = 20_000
_MOST_COLUMNS = 60
_MOST_UNPACKED_BYTES = 200_000_000  # a small archive can unpack to anything
_LONGEST_CELL = 1_000
_ZIP, _OLD_OFFICE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")  # [MS-OFFCRYPTO] 2.3.4.4: the stream of a protected .xlsx
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
_COLUMNS = ("職員番号", "氏名", "所属", "職位", "任用形態", "メール", "勤務場所")


def read_rows(content: bytes) -> tuple[Row, ...]:
    """The rows that are not empty, of the first sheet or of the whole CSV; what it is, the bytes themselves tell.

    Raises:
        StaffFileError: the file is empty, too large, protected, or neither .xlsx nor CSV.
    """
    if not content.strip():
        raise StaffFileError("ファイルが空です。名簿の入ったファイルを選んでください")
    if len(content) > MOST_BYTES:
        raise StaffFileError("ファイルが大きすぎます（上限5MB）。名簿のシートだけのファイルにしてください")
    if content.startswith(_OLD_OFFICE):
        if _ENCRYPTED in content:
            raise StaffFileError("パスワードがかかっています。Excelで外して保存してから、もう一度選んでください")
        raise StaffFileError("古い形式（.xls）は読めません。Excelで「Excelブック（.xlsx）」として保存してください")
    found = _excel(content) if content.startswith(_ZIP) else _csv(content)
    rows = []
    for number, cells in found:
        if number > MOST_ROWS:
            raise StaffFileError(
                f"行が多すぎます（上限{MOST_ROWS:,}行。空の行も数えます）。下の空の行を削除してください"
            )
        written = [cell[:_LONGEST_CELL] for cell in cells[:_MOST_COLUMNS]]
        while written and not written[-1].strip():
            written.pop()
        if written:
            rows.append(Row(number=number, cells=tuple(written)))
    if not rows:
        raise StaffFileError("ファイルに何も書かれていません。名簿は、最初のシートに入れてください")
    return tuple(rows)


def _csv(content: bytes) -> Iterator[tuple[int, list[str]]]:
    text = _decoded(content)
    first_line = text.partition("\n")[0]
    delimiter = "\t" if first_line.count("\t") > first_line.count(",") else ","
    try:
        yield from enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), start=1)
    except csv.Error as error:
        raise StaffFileError("CSVとして読めません。Excelで開いて、.xlsx として保存してください") from error


def _decoded(content: bytes) -> str:
    """Text in UTF-8, else in cp932: hardly any Japanese text of the second is valid in the first."""
    # UTF-16 is what Excel calls 「Unicode テキスト」.
    encodings = ["utf-16"] if content.startswith((b"\xff\xfe", b"\xfe\xff")) else ["utf-8-sig", "cp932"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise StaffFileError("文字を読めません。CSVは「UTF-8」か「Shift_JIS」で、Excelは .xlsx で保存してください")


def _excel(content: bytes) -> Iterator[tuple[int, list[str]]]:
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
        if unpacked > _MOST_UNPACKED_BYTES:
            raise StaffFileError("ファイルの中身が大きすぎます。名簿のシートだけのファイルにしてください")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # styles and extensions that it doesn't know; only the cells matter
            book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # what files say of their own size is often wrong
            for number, cells in enumerate(sheet.iter_rows(max_col=_MOST_COLUMNS), start=1):
                yield number, [_written(cell.value, cell) for cell in cells]
    except StaffFileError:
        raise
    except Exception as error:  # openpyxl raises whatever its parts raise: KeyError, ValueError, ParseError, BadZipFile
        raise StaffFileError(
            "Excelファイルとして読めません。Excelで開いて、「Excelブック（.xlsx）」として保存し直してください"
        ) from error


def _written(value: Any, cell: Any) -> str:
    """A cell as a person reads it: 00123 where the format says five digits."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        text = str(int(value)) if float(value).is_integer() else str(value)
        digits = str(cell.number_format or "")
        return text.zfill(len(digits)) if digits and set(digits) == {"0"} else text
    if isinstance(value, datetime) and value.time() == time.min:
        return value.date().isoformat()
    return str(value)


def as_excel(people: Sequence[Person]) -> bytes:
    """A staff file that `read_rows` reads; no cell can become a formula."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("職員名簿")
    sheet.freeze_panes = "A2"
    sheet.append(_COLUMNS)
    for person in people:
        cells = (
            person.staff_id,
            person.name,
            office_text(person.office),
            person.title,
            person.employment.value,
            person.email,
            person.workplace,
        )
        sheet.append([_harmless(cell) for cell in cells])
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA_SIGNS) else cell

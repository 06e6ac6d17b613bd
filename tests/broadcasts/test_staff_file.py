"""The bytes of staff files: encodings, Excel's ways, and clear errors for what can't be read."""

import io
from datetime import date, datetime

import pytest
from openpyxl import Workbook

from asaka_bot.broadcasts import staff_file
from asaka_bot.broadcasts.invented_staff import invented_staff
from asaka_bot.broadcasts.staff_columns import read_roster
from asaka_bot.broadcasts.staff_file import as_excel, read_rows
from asaka_bot.errors import StaffFileError
from tests.fakes.staff import person

TEXT = '職員番号,氏名\r\n\r\n001,"髙橋, ﾊﾅｺ①"\r\n'


def book(*lines):
    made = Workbook()
    for line in lines:
        made.active.append(line)
    return made


def saved(made):
    written = io.BytesIO()
    made.save(written)
    return written.getvalue()


@pytest.mark.parametrize("encoding", ["cp932", "utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("tabs", [False, True])
def test_csv_in_every_encoding(encoding, tabs):
    """Commas or tabs; empty rows are left out and keep their number."""
    text = '職員番号\t氏名\r\n\r\n001\t"髙橋, ﾊﾅｺ①"\r\n' if tabs else TEXT
    rows = read_rows(text.encode(encoding))
    assert [(row.number, row.cells) for row in rows] == [(1, ("職員番号", "氏名")), (3, ("001", "髙橋, ﾊﾅｺ①"))]


def test_cells_of_excel_become_text():
    """Numbers, zeros shown by the format, dates and what is true, as a person reads them."""
    moment = datetime(2026, 4, 1, 9, 30)  # noqa: DTZ001 - Excel knows no zones
    made = book([10023, 7, 1.5, date(2026, 4, 1), moment, True, None, " x "])
    made.active["B1"].number_format = "00000"
    (row,) = read_rows(saved(made))
    assert row.cells == ("10023", "00007", "1.5", "2026-04-01", "2026-04-01 09:30:00", "TRUE", "", " x ")


def test_formulas_are_read_as_values():
    """A formula that Excel hasn't computed is an empty cell, never its text."""
    (row,) = read_rows(saved(book(["a", "=1+1"])))
    assert row.cells == ("a",)


def test_row_numbers_are_those_of_excel():
    """Only the first sheet is read; empty rows count."""
    made = book(["a"], [], ["b"])
    made.create_sheet("別").append(["c"])
    assert [(row.number, row.cells[0]) for row in read_rows(saved(made))] == [(1, "a"), (3, "b")]


def test_a_roundtrip_of_excel():
    """What the sample writes is read back as the same people."""
    people = invented_staff(1000)
    roster = read_roster(read_rows(as_excel(people)))
    assert roster.conflicts == ()
    assert roster.people == people


@pytest.mark.parametrize("sign", "=+-@")
def test_no_cell_becomes_a_formula(sign):
    """A name that begins like a formula stays text, in every program."""
    (_, row) = read_rows(as_excel([person(1, name=f"{sign}1+1")]))
    assert row.cells[1] == f"'{sign}1+1"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "空です"),
        (b"\r\n  \r\n", "空です"),
        (b",,\r\n,", "何も書かれていません"),
        (b"x" * 5_000_001, "上限5MB"),
        (b"a\n" * 20_001, "20,000行"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "古い形式（.xls）"),
        (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "パスワード"),
        (b"PK\x03\x04 and then nothing", "Excelファイルとして読めません"),
        (b"\x89PNG\r\n\x1a\n\0\0", "文字を読めません"),
        (b"\xff\xfe\x00", "文字を読めません"),
        (b'a,"' + b"x" * 140_000, "CSVとして読めません"),
    ],
)
def test_what_cannot_be_read_says_what_to_do(content, said):
    """One clear sentence each."""
    with pytest.raises(StaffFileError, match=said):
        read_rows(content)


def test_an_archive_that_unpacks_to_too_much(monkeypatch):
    """It is refused before anything is unpacked."""
    monkeypatch.setattr(staff_file, "_MOST_UNPACKED_BYTES", 1000)
    with pytest.raises(StaffFileError, match="中身が大きすぎます"):
        read_rows(saved(book(["a"])))

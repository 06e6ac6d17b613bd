"""The dates that follow from a birth, as a table in a card."""

from collections.abc import Sequence

from microsoft_teams.cards import CardElement, ColumnDefinition, Table, TableCell, TableRow

from asaka_bot.channels.teams.parts import paragraph, run, runs
from asaka_bot.messages import DateRow, japanese_date

_ASSUMED = "出産予定日に生まれた場合の日付です。"  # said once for the whole table instead of once a row


def dates_table(given: Sequence[DateRow]) -> list[CardElement]:
    """Two columns, so that it can be read on a phone: what with its basis, and when."""
    if not given:
        return []
    head = TableRow(cells=[_cell(paragraph("内容と根拠")), _cell(paragraph("日付"))], style="emphasis")
    # The first row is the header unless a table says otherwise; the SDK misspells the property that says so.
    table = Table(
        columns=[ColumnDefinition(width=3), ColumnDefinition(width=2)],
        show_grid_lines=True,
        grid_style="default",
        rows=[head, *(_row(row) for row in given)],
    )
    assumed = any(_ASSUMED in row.note for row in given)
    said = [paragraph("産後の日付は、予定日に生まれた場合のものです。", subtle=True)] if assumed else []
    return [*said, table]


def _row(row: DateRow) -> TableRow:
    when = [run(japanese_date(row.start), bold=True)]
    if row.end != row.start:
        when.append(run(f"から\n{japanese_date(row.end)}まで", bold=True))
    note = row.note.removeprefix(_ASSUMED)
    why = [run(f"{row.tag.value}：{row.basis}", subtle=True)]
    more = [runs(run(note, subtle=True), spacing="None")] if note else []
    return TableRow(
        cells=[_cell(runs(run(row.title, bold=True)), runs(*why, spacing="None"), *more), _cell(runs(*when))]
    )


def _cell(*items: CardElement) -> TableCell:
    return TableCell(items=list(items))

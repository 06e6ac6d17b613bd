"""The commands of `asaka-bot staff`: the directory comes in from a file, goes back, and is looked at."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from asaka_bot import app as application
from asaka_bot import settings as configuration
from asaka_bot.broadcasts import audience_text
from asaka_bot.broadcasts.audience import Audience, Everyone, InOffice, Recipient
from asaka_bot.broadcasts.invented_staff import MOST_PEOPLE, invented_staff
from asaka_bot.broadcasts.staff import Person, office_of, office_text
from asaka_bot.broadcasts.staff_changes import Change, Changes, as_json, differences
from asaka_bot.broadcasts.staff_columns import Roster, read_roster
from asaka_bot.broadcasts.staff_file import MOST_BYTES, as_excel, read_rows
from asaka_bot.channels.console import complaints, console
from asaka_bot.cli.output import SHELL, AsJson, print_json
from asaka_bot.errors import StaffError
from asaka_bot.tokyo import TOKYO

commands = typer.Typer(help="職員名簿を取り込み、宛先を確かめる。", no_args_is_help=True)

Yes = Annotated[bool, typer.Option("--yes", help="たずねずに実行する")]
_SHOWN = 30  # changes of a kind on the terminal


@commands.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="名簿（.xlsx、または Shift_JIS か UTF-8 の CSV）")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="差分を見るだけで、何も変えない")] = False,
    yes: Yes = False,
    confirm_mass_leaving: Annotated[
        bool, typer.Option("--confirm-mass-leaving", help="3分の1を超える職員がいなくなる取り込みを認める")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """名簿のファイルを読み、いまの名簿との差分を見せて、取り込む（--json では --yes があるときだけ取り込む）。"""
    roster = read_roster(read_rows(_content(file)))
    if roster.conflicts:
        _refuse(roster, as_json)
    asyncio.run(_import(roster, file.name, dry_run or (as_json and not yes), yes, confirm_mass_leaving, as_json))


async def _import(roster: Roster, file: str, look: bool, yes: bool, mass_is_meant: bool, as_json: bool) -> None:
    async with application.open_staff(configuration.load()) as desk:
        changes = await desk.compare(SHELL, roster)
        if not as_json:
            _show(changes, roster)
        number = None
        if not look and changes.all:
            if changes.is_mass_leaving and not mass_is_meant:
                raise StaffError(
                    f"いまの職員の3分の1を超える{len(changes.left):,}人がいなくなります。ファイルを確かめてください。"
                    "正しいときは --confirm-mass-leaving を付けてください"
                )
            if not yes:
                typer.confirm("取り込みますか", abort=True)
            number = await desk.apply(SHELL, changes, file=file)
    if as_json:
        print_json(_changes_json(changes, roster) | {"applied": number is not None, "import": number})
    elif number is not None:
        console.print(f"[green]取り込みました[/]（番号 {number}）。元に戻すときは asaka-bot staff undo")
    elif not changes.all:
        console.print("名簿は同じです。変えるものはありません。")
    else:
        console.print("見ただけです。名簿は変えていません。")


@commands.command("list")
def list_people(
    office: Annotated[str | None, typer.Option(help="所属（総務部/職員課、または 職員課）。下の係も含む")] = None,
    as_json: AsJson = False,
) -> None:
    """いまの職員を一覧にする。"""
    audience = InOffice(office=office_of(office)) if office and office_of(office) else Everyone()
    people = [one.person for one in _recipients(audience)]
    if as_json:
        print_json([_person_json(person) for person in people])
        return
    table = Table(title=f"職員名簿（{len(people):,}人）")
    for heading in ("職員番号", "氏名", "所属", "職位", "任用形態", "メール", "勤務場所"):
        table.add_column(heading, overflow="fold")
    for person in people:
        table.add_row(*(escape(cell) for cell in _cells(person)), escape(person.email), escape(person.workplace))
    console.print(table)


@commands.command()
def undo(yes: Yes = False, as_json: AsJson = False) -> None:
    """いちばん新しい取り込みを取り消して、名簿をその前に戻す。"""

    async def take_back() -> Any:
        async with application.open_staff(configuration.load()) as desk:
            last = next((each for each in await desk.history(SHELL, 100) if each.undone_at is None), None)
            if last is not None and not yes:
                when = last.made_at.astimezone(TOKYO)
                typer.confirm(
                    f"{when:%Y-%m-%d %H:%M} の取り込み（{last.file}、新しく{last.joined:,}人・異動など{last.moved:,}人・"
                    f"いなくなる{last.left:,}人）を取り消しますか",
                    abort=True,
                    err=as_json,
                )
            return await desk.undo(SHELL, number=last.id if last else None)

    undone = asyncio.run(take_back())
    if as_json:
        print_json({"import": undone.id, "file": undone.file, "undone": True})
    else:
        console.print(f"取り込み{undone.id}（{escape(undone.file)}）を取り消しました。")


@commands.command()
def sample(
    out: Annotated[Path, typer.Option(help="書き出す .xlsx")],
    people: Annotated[int, typer.Option(min=1, max=MOST_PEOPLE, help="人数")] = 1_000,
    seed: Annotated[int, typer.Option(help="同じ数なら、同じ職員になる")] = 0,
) -> None:
    """試すための名簿を作る（49課の、実在しない職員）。"""
    if out.suffix.lower() != ".xlsx":
        raise typer.BadParameter(".xlsx で終わる名前にしてください", param_hint="--out")
    try:
        out.write_bytes(as_excel(invented_staff(people, seed)))
    except OSError as error:
        raise typer.BadParameter("書き出せません。フォルダーを確かめてください", param_hint="--out") from error
    console.print(f"{escape(str(out))} に、実在しない職員{people:,}人の名簿を書き出しました。")


@commands.command()
def audience(
    expression: Annotated[str, typer.Argument(metavar="EXPR", help=audience_text.HOW)], as_json: AsJson = False
) -> None:
    """宛先がだれになるかを、届かない人とその理由も含めて、正確に見る。"""
    meant = audience_text.parse(expression)
    found = _recipients(meant)
    out_of_reach = [one for one in found if one.unreachable]
    if as_json:
        print_json(
            {
                "audience": audience_text.as_text(meant),
                "count": len(found),
                "unreachable": len(out_of_reach),
                "recipients": [_recipient_json(one) for one in found],
            }
        )
        return
    table = Table(
        title=f"{escape(audience_text.as_text(meant))}：{len(found):,}人（うち届かない人 {len(out_of_reach):,}人）"
    )
    for heading in ("職員番号", "氏名", "所属", "職位", "任用形態", "届き方"):
        table.add_column(heading, overflow="fold")
    for one in found:
        reach = f"届きません：{one.unreachable}" if one.unreachable else "、".join(a.channel for a in one.addresses)
        table.add_row(*(escape(cell) for cell in _cells(one.person)), escape(reach))
    console.print(table)


def _content(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(MOST_BYTES + 1)  # one more tells that it is too large
    except OSError as error:
        raise typer.BadParameter("このファイルを開けません。場所と名前を確かめてください", param_hint="FILE") from error


def _recipients(meant: Audience) -> tuple[Recipient, ...]:
    async def read() -> tuple[Recipient, ...]:
        async with application.open_staff(configuration.load()) as desk:
            return await desk.recipients(SHELL, meant)

    return asyncio.run(read())


def _refuse(roster: Roster, as_json: bool) -> None:
    if as_json:
        print_json({"conflicts": [str(one) for one in roster.conflicts], "applied": False, "import": None})
    else:
        for conflict in roster.conflicts:
            typer.echo(str(conflict))
        complaints.print(f"[bold red]{len(roster.conflicts)}か所を直してください。[/]名簿は変えていません。")
    raise typer.Exit(1)


def _show(changes: Changes, roster: Roster) -> None:
    kinds = (("新しい職員", changes.joined), ("異動など", changes.moved), ("いなくなる職員", changes.left))
    counted = "、".join(f"{title} {len(found):,}人" for title, found in kinds)
    console.print(f"[bold]{counted}、変わらない職員 {changes.unchanged:,}人[/]")
    for title, found in kinds:
        for change in found[:_SHOWN]:
            what = "、".join(differences(change)) if found is changes.moved else " ".join(_cells(change.after)[2:])
            console.print(
                f"{title}: {escape(change.staff_id)} {escape(change.after.name)}　{escape(what)}", soft_wrap=True
            )
        if len(found) > _SHOWN:
            console.print(f"{title}: ほか{len(found) - _SHOWN:,}人（すべて見るには --dry-run --json）")
    if roster.ignored:
        console.print(f"読まなかった列: {escape('、'.join(roster.ignored))}")


def _cells(person: Person) -> tuple[str, ...]:
    return (person.staff_id, person.name, office_text(person.office), person.title, person.employment.value)


def _person_json(person: Person) -> dict[str, Any]:
    return as_json(person) | {"position": person.position.value}


def _recipient_json(one: Recipient) -> dict[str, Any]:
    addresses = [str(address) for address in one.addresses]
    return _person_json(one.person) | {"addresses": addresses, "unreachable": one.unreachable}


def _changes_json(changes: Changes, roster: Roster) -> dict[str, Any]:
    def people(found: Sequence[Change]) -> list[dict[str, Any]]:
        return [_person_json(change.after) for change in found]

    moved = [_person_json(change.after) | {"changes": list(differences(change))} for change in changes.moved]
    return {
        "joined": people(changes.joined),
        "moved": moved,
        "left": people(changes.left),
        "unchanged": changes.unchanged,
        "mass_leaving": changes.is_mass_leaving,
        "conflicts": [],
        "ignored": list(roster.ignored),
    }

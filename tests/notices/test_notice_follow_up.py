"""What HR learns of a notice that was sent, and does about it."""

import io
from dataclasses import replace
from datetime import timedelta

import openpyxl
import pytest

from asaka_bot.broadcasts.notice import NoticeState, Plan, Stand
from asaka_bot.errors import NoticeError, NotPermittedError
from asaka_bot.roles import Actor
from tests.fakes.notice_world import HANAKO, NIGHT, TEXT, VIEWER, in_world
from tests.fakes.staff import person

STAFF = [
    *(person(number) for number in range(1, 4)),
    *(person(number, office=("福祉部", "福祉相談課", "庶務係")) for number in range(4, 7)),
]
HEAD = Actor(person="head@city-asaka.example", heads=("福祉部", "福祉相談課"))
STRANGER = Actor(person="other@city-asaka.example", heads=("都市建設部",))


def test_the_figures_balance(url):
    """Whatever comes of the deliveries, the six stands are all recipients, over all and by office."""

    async def work(world):
        await world.hire(*STAFF)
        await world.hire(*STAFF, person(7, office=("福祉部", "福祉相談課")), channel=None)
        sent = await world.sent()
        before = await world.desk.progress(HANAKO, sent.id)
        assert (before.total.waiting, before.total.unreachable, before.seconds_left) == (6, 1, 6 / 7.5)
        delivered = await world.deliver(refuse=("1",), lose=("4",))
        await world.responses.respond("slack", "S2", delivered[1].marker, "confirm")
        progress = await world.desk.progress(HANAKO, sent.id)
        total = progress.total
        assert (total.arrived, total.dead, total.held, total.unreachable) == (4, 1, 1, 1)
        assert (total.people, total.confirmed, progress.seconds_left) == (7, 1, None)
        assert [(office, tally.people) for office, tally in progress.offices] == [
            (("福祉部", "福祉相談課"), 4),
            (("総務部", "職員課"), 3),
        ]
        assert {reason for reason, _count in progress.reasons} == {
            "相手がいません。",
            "返事がありません。",
            "SlackでもTeamsでも、まだボットとつながっていません",
        }

    in_world(url, work)


def test_one_copy_that_arrived_is_enough(url):
    """An urgent notice goes to all channels of a person; one that fails doesn't count against the other."""

    async def work(world):
        await world.hire(person(1))
        await world.meet(person(1), "teams")
        sent = await world.sent(replace(TEXT, urgent=True))
        await world.deliver("slack", refuse=("1",))
        await world.deliver("teams")
        assert (await world.desk.progress(HANAKO, sent.id)).total.arrived == 1

    in_world(url, work)


def test_heads_of_offices_see_their_own_people(url):
    """Figures and names of their office alone; other offices and notices that passed them by don't exist for them."""

    async def work(world):
        await world.hire(*STAFF)
        sent = await world.sent()
        elsewhere = await world.sent(replace(TEXT, title="よそ"), Plan(audience="所属:総務部"))
        await world.deliver()
        progress = await world.desk.progress(HEAD, sent.id)
        assert (progress.total.people, progress.own_office) == (3, HEAD.heads)
        assert [each.staff_id for each in await world.desk.standings(HEAD, sent.id)] == ["4", "5", "6"]
        assert [each.id for each in await world.desk.latest(HEAD, 10)] == [sent.id]
        with pytest.raises(NotPermittedError):
            await world.desk.standings(HEAD, sent.id, office="総務部/職員課")
        for actor, number in ((HEAD, elsewhere.id), (STRANGER, sent.id)):
            with pytest.raises(KeyError):
                await world.desk.progress(actor, number)

    in_world(url, work)


def test_viewers_see_figures_without_names(url):
    """The page is theirs, the names are not."""

    async def work(world):
        await world.hire(*STAFF)
        sent = await world.sent()
        assert (await world.desk.progress(VIEWER, sent.id)).total.people == 6
        with pytest.raises(NotPermittedError):
            await world.desk.standings(VIEWER, sent.id)

    in_world(url, work)


def test_once_more_to_those_who_have_not_confirmed(url):
    """In working hours, to the others alone, twice at most; any copy confirms."""

    async def work(world):
        await world.hire(*STAFF)
        sent = await world.sent()
        first = {each.recipient: each.marker for each in await world.deliver()}
        await world.responses.respond("slack", "S1", first["1"], "confirm")
        world.pass_(hours=12)
        with pytest.raises(NoticeError, match="8時30分"):
            await world.desk.remind(HANAKO, sent.id)
        world.pass_(hours=12)
        assert await world.desk.remind(HANAKO, sent.id) == 5
        again = await world.deliver()
        assert {each.recipient for each in again} == {"2", "3", "4", "5", "6"}
        assert again[0].message.title == "（再度のお知らせ）研修のお知らせ"
        await world.responses.respond("slack", "S2", again[0].marker, "confirm")
        assert await world.desk.remind(HANAKO, sent.id) == 4
        await world.deliver()
        with pytest.raises(NoticeError, match="2回まで"):
            await world.desk.remind(HANAKO, sent.id)
        assert (await world.desk.progress(HANAKO, sent.id)).total.people == 6

    in_world(url, work)


def test_each_round_says_what_came_of_it(url):
    """When, by whom, to how many, and who confirmed until the next one; heads see the part of their office."""

    async def work(world):
        await world.hire(*STAFF)
        await world.hire(*STAFF, person(7, office=("福祉部", "福祉相談課")), channel=None)
        sent = await world.sent()
        first = {each.recipient: each.marker for each in await world.deliver()}
        assert (await world.desk.progress(HANAKO, sent.id)).rounds == ()
        await world.responses.respond("slack", "S1", first["1"], "confirm")
        moments = []
        for confirming in ("24", "5"):
            world.pass_(minutes=30)
            moments.append(world.now)
            await world.desk.remind(HANAKO, sent.id)
            await world.deliver()
            world.pass_(minutes=1)
            for number in confirming:
                await world.responses.respond("slack", f"S{number}", first[number], "confirm")
        rounds = (await world.desk.progress(VIEWER, sent.id)).rounds
        assert [(each.number, each.sent_at, each.sent_by) for each in rounds] == [
            (1, moments[0], HANAKO.person),
            (2, moments[1], HANAKO.person),
        ]
        assert [(each.people, each.confirmed) for each in rounds] == [(5, 2), (3, 1)]
        assert [(each.people, each.confirmed) for each in (await world.desk.progress(HEAD, sent.id)).rounds] == [
            (3, 1),
            (2, 1),
        ]

    in_world(url, work)


def test_confirmed_for_somebody_without_a_device(url):
    """It is marked as such, counts once, and stands in the log."""

    async def work(world):
        await world.hire(*STAFF, channel=None)
        sent = await world.sent()
        assert await world.desk.confirm_for(HANAKO, sent.id, "1")
        assert not await world.desk.confirm_for(HANAKO, sent.id, "1")
        assert not await world.desk.confirm_for(HANAKO, sent.id, "99")
        (done,) = [each for each in await world.desk.standings(HANAKO, sent.id) if each.confirmed_at]
        assert (done.staff_id, done.confirmed_by, done.stand) == ("1", HANAKO.person, Stand.UNREACHABLE)
        assert (await world.actions())[-1] == "notice.proxy"

    in_world(url, work)


def test_the_sheet_holds_everybody_and_no_formula(url):
    """One row a recipient; what begins like a formula is text."""

    async def work(world):
        await world.hire(person(1, name='=HYPERLINK("https://evil.example")'), person(2, name="+81"), person(3))
        sent = await world.sent(replace(TEXT, title="=1+1"))
        book = openpyxl.load_workbook(io.BytesIO(await world.desk.export(HANAKO, sent.id)))
        cells = [cell for row in book.active.iter_rows() for cell in row if cell.value is not None]
        assert [cell.data_type for cell in cells] == ["s"] * len(cells)
        assert [row[0] for row in book.active.iter_rows(min_row=4, values_only=True)] == ["1", "2", "3"]
        assert (await world.actions())[-1] == "notice.export"

    in_world(url, work)


def test_named_lists(url):
    """An audience can name one; numbers that nobody has are refused; who removes it stops what names it."""

    async def work(world):
        await world.hire(*STAFF)
        with pytest.raises(NoticeError, match="99"):
            await world.desk.keep_list(HANAKO, "研修担当", ["1", "99"])
        await world.desk.keep_list(HANAKO, "研修担当", ["1", "4"])
        sent = await world.sent(plan=Plan(audience="名簿:研修担当"))
        assert sent.recipients == 2
        await world.desk.keep_list(HANAKO, "研修担当", ["1"])
        assert [each.staff_ids for each in await world.desk.lists(HANAKO)] == [("1",)]
        await world.desk.remove_list(HANAKO, "研修担当")
        assert await world.desk.lists(HANAKO) == []

    in_world(url, work)


def test_a_copy_is_a_draft_of_its_own(url):
    """The same text to the same people; moments are to be set anew."""

    async def work(world):
        await world.hire(*STAFF)
        sent = await world.sent()
        copied = await world.desk.copy(HANAKO, sent.id)
        assert (copied.state, copied.content.title) == (NoticeState.DRAFT, "研修のお知らせ")
        await world.desk.discard(HANAKO, copied.id)
        with pytest.raises(KeyError):
            await world.desk.find(HANAKO, copied.id)

    in_world(url, work)


def test_no_reminding_in_the_night(url):
    """The page says why it is not possible just now."""

    async def work(world):
        await world.hire(*STAFF)
        sent = await world.sent()
        await world.deliver()
        world.now = NIGHT + timedelta(minutes=1)
        assert "8時30分" in (await world.desk.progress(HANAKO, sent.id)).can_remind

    in_world(url, work)

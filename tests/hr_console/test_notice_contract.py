"""What every desk of notices must do; the one in memory and the real one pass the same tests."""

import asyncio
import contextlib
import inspect
import shutil
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from asaka_bot.broadcasts.invented_staff import invented_staff
from asaka_bot.broadcasts.notice import Content, Notice, NoticeState, Plan
from asaka_bot.broadcasts.office_rules import OfficeRules
from asaka_bot.errors import AudienceError, NoticeError, NotPermittedError
from asaka_bot.hr_console.notice_ports import Notices
from asaka_bot.outgoing import Address
from asaka_bot.roles import Actor, HrRole
from asaka_bot.store.database import connect, open_database
from tests.fakes.console import NOW
from tests.fakes.databases import Copies, copies
from tests.fakes.notice_shelf import reachable
from tests.fakes.notice_world import NoticeWorld
from tests.fakes.notices import MemoryNotices

PEOPLE = list(invented_staff(120))
_HEAD = next(person for person in PEOPLE if person.title == "課長")
VIEWER = Actor(person="viewer@city-asaka.example", role=HrRole.VIEWER)
EDITOR = Actor(person="editor@city-asaka.example", role=HrRole.EDITOR)
APPROVER = Actor(person="approver@city-asaka.example", role=HrRole.APPROVER)
SECOND = Actor(person="second@city-asaka.example", role=HrRole.APPROVER)
LEADER = Actor(person="leader@city-asaka.example", staff_id=_HEAD.staff_id, heads=_HEAD.office)
NOBODY = Actor(person="nobody@city-asaka.example")
CONTENT = Content(title="年末調整", body="書類を出してください。", confirm=True)
EVERYONE, POST = Plan(audience="全員"), Plan(posts=(Address(channel="web", to="everyone"),))
URGENT = Content(title="避難", body="屋上へ。", urgent=True)
_ALL_QUESTIONS = frozenset({"quiet-hours", "duplicate", "unreachable"})

Work = Callable[[Notices], Awaitable[None]]


async def furnish(url: str) -> None:
    """The same people as in memory, reached in the same way."""
    engine = await open_database(url)
    try:
        world = NoticeWorld(engine)
        await world.hire(*PEOPLE, channel=None)
        for points in reachable(PEOPLE).by_email.values():
            for point in points:
                await world.contacts.learn(point)
    finally:
        await engine.dispose()


@pytest.fixture(scope="module")
def sqlite_furnished(tmp_path_factory) -> Path:
    file = tmp_path_factory.mktemp("furnished") / "asaka.db"
    asyncio.run(furnish(f"sqlite+aiosqlite:///{file}"))
    return file


@pytest.fixture(scope="module")
def postgresql_furnished() -> Iterator[Copies]:
    with copies(furnish) as made:
        yield made


@pytest.fixture
def sqlite(sqlite_furnished, tmp_path) -> str:
    return f"sqlite+aiosqlite:///{shutil.copy(sqlite_furnished, tmp_path)}"


@pytest.fixture
def postgresql(postgresql_furnished) -> str:
    return postgresql_furnished.fresh()


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def on_desk(request) -> Callable[[Work], None]:
    """Runs work on a desk of each kind, at `NOW` over `PEOPLE`; more than 99 recipients need a second person."""
    url = "" if request.param == "memory" else request.getfixturevalue(request.param)

    async def run(work: Work) -> None:
        if not url:
            await work(MemoryNotices(now=NOW, people=PEOPLE, approval_from=100))
            return
        engine = connect(url)
        try:
            world = NoticeWorld(engine, rules=OfficeRules(approval_above=99))
            world.now = NOW
            await work(world.desk)
        finally:
            await engine.dispose()

    return lambda work: asyncio.run(run(work))


async def sent(desk: Notices, content: Content = CONTENT, plan: Plan = EVERYONE) -> Notice:
    """A notice that has left, approved by a second person where that is needed."""
    made = await desk.create(EDITOR, content, plan)
    result = await desk.submit(EDITOR, made.id, made.version, _ALL_QUESTIONS)
    if result.state is NoticeState.AWAITING:
        await desk.approve(APPROVER, made.id, (await desk.find(EDITOR, made.id)).version)
    return await desk.find(EDITOR, made.id)


def test_a_draft_is_kept_changed_and_removed(on_desk):
    """Each change counts the version up; an older version is refused."""

    async def work(desk):
        made = await desk.create(EDITOR, CONTENT, EVERYONE)
        assert (made.state, made.made_by, made.recipients) == (NoticeState.DRAFT, EDITOR.person, 0)
        changed = await desk.change(EDITOR, made.id, made.version, URGENT, POST)
        assert (changed.content, changed.plan) == (URGENT, POST)
        assert changed.version > made.version
        with pytest.raises(NoticeError):
            await desk.change(EDITOR, made.id, made.version, CONTENT, EVERYONE)
        await desk.discard(EDITOR, made.id)
        with pytest.raises(KeyError):
            await desk.find(EDITOR, made.id)

    on_desk(work)


def test_the_newest_come_first(on_desk):
    """`before` leads to the older ones; a copy is a notice of its own."""

    async def work(desk):
        first = await desk.create(EDITOR, CONTENT, EVERYONE)
        second = await desk.copy(EDITOR, first.id)
        assert second.content == first.content
        assert [each.id for each in await desk.latest(VIEWER, 9)] == [second.id, first.id]
        assert [each.id for each in await desk.latest(VIEWER, 9, second.id)] == [first.id]
        assert [each.id for each in await desk.latest(VIEWER, 1)] == [second.id]

    on_desk(work)


def test_questions_come_before_anything_happens(on_desk):
    """What is not agreed to is asked, and the notice stays a draft."""

    async def work(desk):
        made = await desk.create(EDITOR, CONTENT, Plan(audience="職位:所属長"))
        asked = await desk.submit(EDITOR, made.id, made.version, frozenset())
        assert [each.id for each in asked.questions] == ["unreachable"]
        assert (await desk.find(EDITOR, made.id)).state is NoticeState.DRAFT
        done = await desk.submit(EDITOR, made.id, made.version, frozenset({"unreachable"}))
        assert (done.state, done.questions) == (NoticeState.SENT, ())

    on_desk(work)


def test_the_same_text_again_is_asked_about(on_desk):
    """Within a day of the first."""

    async def work(desk):
        await sent(desk)
        again = await desk.create(EDITOR, CONTENT, EVERYONE)
        asked = await desk.submit(EDITOR, again.id, again.version, frozenset({"unreachable"}))
        assert "duplicate" in [each.id for each in asked.questions]

    on_desk(work)


def test_many_recipients_need_a_second_person(on_desk):
    """They are frozen; whoever submitted it can't approve, whoever may not approve can't either."""

    async def work(desk):
        made = await desk.create(APPROVER, CONTENT, EVERYONE)
        result = await desk.submit(APPROVER, made.id, made.version, _ALL_QUESTIONS)
        assert (result.state, result.recipients) == (NoticeState.AWAITING, 120)
        waits = await desk.find(SECOND, made.id)
        assert len(await desk.frozen(SECOND, made.id)) == waits.recipients == 120
        with pytest.raises((NoticeError, NotPermittedError)):
            await desk.approve(APPROVER, made.id, waits.version)
        with pytest.raises(NotPermittedError):
            await desk.approve(EDITOR, made.id, waits.version)
        with pytest.raises(NoticeError):
            await desk.approve(SECOND, made.id, waits.version - 1)
        approved = await desk.approve(SECOND, made.id, waits.version)
        assert (approved.state, approved.approved_by) == (NoticeState.SENT, SECOND.person)

    on_desk(work)


def test_sending_back_and_changing_make_a_draft_again(on_desk):
    """The reason stays with it; a change while it waits takes the submission back."""

    async def work(desk):
        made = await desk.create(EDITOR, CONTENT, EVERYONE)
        await desk.submit(EDITOR, made.id, made.version, _ALL_QUESTIONS)
        waits = await desk.find(EDITOR, made.id)
        back = await desk.send_back(APPROVER, made.id, waits.version, "期限が休日です")
        assert (back.state, back.note) == (NoticeState.DRAFT, "期限が休日です")
        await desk.submit(EDITOR, made.id, back.version, _ALL_QUESTIONS)
        waits = await desk.find(EDITOR, made.id)
        assert (await desk.change(EDITOR, made.id, waits.version, CONTENT, EVERYONE)).state is NoticeState.DRAFT

    on_desk(work)


def test_urgent_notices_leave_at_once_and_are_reviewed(on_desk):
    """By somebody else, once."""

    async def work(desk):
        made = await desk.create(APPROVER, URGENT, EVERYONE)
        result = await desk.submit(APPROVER, made.id, made.version, _ALL_QUESTIONS)
        assert result.state is NoticeState.SENT
        assert (await desk.find(VIEWER, made.id)).needs_review
        with pytest.raises((NoticeError, NotPermittedError)):
            await desk.review(APPROVER, made.id)
        await desk.review(SECOND, made.id)
        assert not (await desk.find(VIEWER, made.id)).needs_review

    on_desk(work)


@pytest.mark.parametrize(
    "plan",
    [Plan(), Plan(audience="全員", send_at=NOW - timedelta(minutes=1))],
    ids=["to nobody", "in the past"],
)
def test_what_cannot_leave(on_desk, plan):
    """It can be kept, but not submitted; the problems are sentences."""

    async def work(desk):
        made = await desk.create(EDITOR, CONTENT, plan)
        with pytest.raises(NoticeError) as refused:
            await desk.submit(EDITOR, made.id, made.version, _ALL_QUESTIONS)
        assert refused.value.problems
        assert (await desk.find(EDITOR, made.id)).state is NoticeState.DRAFT

    on_desk(work)


def test_an_audience_that_names_nobody(on_desk):
    """It is told where people are looked up and where the notice is submitted."""

    async def work(desk):
        plan = Plan(audience="所属:月面課")
        with pytest.raises(AudienceError):
            await desk.recipients(EDITOR, plan)
        made = await desk.create(EDITOR, CONTENT, plan)
        with pytest.raises(AudienceError):
            await desk.submit(EDITOR, made.id, made.version, _ALL_QUESTIONS)

    on_desk(work)


def test_planned_notices_wait_and_can_be_cancelled(on_desk):
    """Once; afterwards there is nothing left to cancel."""

    async def work(desk):
        planned = await sent(desk, plan=Plan(audience="全員", send_at=NOW + timedelta(days=7)))
        assert planned.state is NoticeState.SCHEDULED
        await desk.cancel(EDITOR, planned.id)
        assert (await desk.find(EDITOR, planned.id)).state is NoticeState.CANCELLED
        with pytest.raises(NoticeError):
            await desk.cancel(EDITOR, planned.id)

    on_desk(work)


def test_figures_agree_with_the_recipients(on_desk):
    """The stands together are all recipients, for all and office by office."""

    async def work(desk):
        notice = await sent(desk)
        progress = await desk.progress(VIEWER, notice.id)
        assert progress.total.people == notice.recipients == 120
        assert sum(tally.people for _, tally in progress.offices) == 120
        assert progress.total.unreachable == notice.unreachable
        assert len(await desk.standings(EDITOR, notice.id)) == 120
        assert all(len(office) <= 2 for office, _ in progress.offices)

    on_desk(work)


def test_confirming_for_somebody(on_desk):
    """It counts once and says who did it."""

    async def work(desk):
        notice = await sent(desk)
        person = PEOPLE[7].staff_id
        assert await desk.confirm_for(EDITOR, notice.id, person)
        assert not await desk.confirm_for(EDITOR, notice.id, person)
        assert (await desk.progress(VIEWER, notice.id)).total.confirmed == 1
        (confirmed,) = [each for each in await desk.standings(EDITOR, notice.id) if each.confirmed_at]
        assert (confirmed.staff_id, confirmed.confirmed_by) == (person, EDITOR.person)
        assert person not in [each.staff_id for each in await desk.standings(EDITOR, notice.id, unconfirmed=True)]

    on_desk(work)


def test_what_was_sent_is_corrected_and_recalled(on_desk):
    """A correction needs the present version; a recall ends it."""

    async def work(desk):
        notice = await sent(desk)
        with pytest.raises(NoticeError):
            await desk.edit_sent(EDITOR, notice.id, notice.version - 1, URGENT)
        await desk.edit_sent(EDITOR, notice.id, notice.version, Content(title="年末調整", body="期限は12月1日です。"))
        assert (await desk.find(EDITOR, notice.id)).content.body == "期限は12月1日です。"
        await desk.recall(EDITOR, notice.id, "誤りがありました")
        assert (await desk.find(EDITOR, notice.id)).state is NoticeState.RECALLED

    on_desk(work)


def test_lists_are_kept_used_and_removed(on_desk):
    """Unknown numbers are named; the same name replaces; a notice can name the list."""

    async def work(desk):
        ids = [each.staff_id for each in PEOPLE[:3]]
        with pytest.raises(NoticeError, match="99999"):
            await desk.keep_list(EDITOR, "研修担当", [*ids, "99999"])
        await desk.keep_list(EDITOR, "研修担当", ids)
        await desk.keep_list(EDITOR, "研修担当", ids[:2])
        (kept,) = await desk.lists(EDITOR)
        assert (kept.name, kept.staff_ids, kept.made_by) == ("研修担当", tuple(ids[:2]), EDITOR.person)
        assert len(await desk.recipients(EDITOR, Plan(audience="名簿:研修担当"))) == 2
        await desk.remove_list(EDITOR, "研修担当")
        assert not await desk.lists(EDITOR)

    on_desk(work)


def test_who_leads_an_office_sees_that_office_alone(on_desk):
    """Neither drafts, nor names of others, nor notices that went elsewhere."""

    async def work(desk):
        notice = await sent(desk)
        await desk.create(EDITOR, CONTENT, EVERYONE)
        assert [each.id for each in await desk.latest(LEADER, 9)] == [notice.id]
        progress = await desk.progress(LEADER, notice.id)
        own = [each for each in PEOPLE if each.office[: len(_HEAD.office)] == _HEAD.office]
        assert (progress.own_office, progress.total.people) == (_HEAD.office, len(own))
        assert {each.staff_id for each in await desk.standings(LEADER, notice.id)} == {each.staff_id for each in own}
        with pytest.raises(KeyError):
            await desk.find(LEADER, notice.id + 1)

    on_desk(work)


def _asks(notice: Notice) -> dict[str, Callable[[Notices, Actor], Awaitable[Any]]]:
    """Every method that changes something or tells names, as an actor calls it."""
    number, version = notice.id, notice.version
    return {
        "create": lambda desk, actor: desk.create(actor, CONTENT, EVERYONE),
        "change": lambda desk, actor: desk.change(actor, number, version, CONTENT, EVERYONE),
        "copy": lambda desk, actor: desk.copy(actor, number),
        "discard": lambda desk, actor: desk.discard(actor, number),
        "recipients": lambda desk, actor: desk.recipients(actor, EVERYONE),
        "frozen": lambda desk, actor: desk.frozen(actor, number),
        "test": lambda desk, actor: desk.test(actor, number),
        "submit": lambda desk, actor: desk.submit(actor, number, version, frozenset()),
        "approve": lambda desk, actor: desk.approve(actor, number, version),
        "send_back": lambda desk, actor: desk.send_back(actor, number, version, "理由"),
        "review": lambda desk, actor: desk.review(actor, number),
        "edit_sent": lambda desk, actor: desk.edit_sent(actor, number, version, CONTENT),
        "cancel": lambda desk, actor: desk.cancel(actor, number),
        "recall": lambda desk, actor: desk.recall(actor, number, "理由"),
        "remind": lambda desk, actor: desk.remind(actor, number),
        "confirm_for": lambda desk, actor: desk.confirm_for(actor, number, PEOPLE[0].staff_id),
        "standings": lambda desk, actor: desk.standings(actor, number),
        "export": lambda desk, actor: desk.export(actor, number),
        "replies": lambda desk, actor: desk.replies(actor, handled=False, limit=9),
        "handle_reply": lambda desk, actor: desk.handle_reply(actor, 1),
        "lists": lambda desk, actor: desk.lists(actor),
        "keep_list": lambda desk, actor: desk.keep_list(actor, "名簿", [PEOPLE[0].staff_id]),
        "remove_list": lambda desk, actor: desk.remove_list(actor, "名簿"),
    }


SEEN = {"templates", "topics", "latest", "find", "progress", "message"}  # what viewers are shown, and 所属長 of theirs
_OF_APPROVERS = {"approve", "send_back", "review"}


def test_every_method_is_in_a_table(on_desk):
    """Whatever the desk can do is asked below, or shown to viewers."""

    async def work(desk):
        methods = {name for name, _ in inspect.getmembers(Notices, inspect.isfunction) if not name.startswith("_")}
        assert _asks(await sent(desk)).keys() | SEEN == methods
        assert not _asks(await desk.find(EDITOR, 1)).keys() & SEEN

    on_desk(work)


def test_viewers_change_nothing_and_see_no_names(on_desk):
    """Each method asks the table of roles before it does anything."""

    async def work(desk):
        notice = await sent(desk)
        for call in _asks(notice).values():
            for actor in (VIEWER, NOBODY):
                with pytest.raises(NotPermittedError):
                    await call(desk, actor)
        assert await desk.find(VIEWER, notice.id) == notice

    on_desk(work)


def test_editors_do_not_approve(on_desk):
    """Neither a colleague's notice nor a review; everything else is theirs."""

    async def work(desk):
        notice = await sent(desk, URGENT)
        other = Actor(person="other@city-asaka.example", role=HrRole.EDITOR)
        for name, call in _asks(notice).items():
            if name in _OF_APPROVERS:
                with pytest.raises(NotPermittedError):
                    await call(desk, other)
            else:
                with contextlib.suppress(NoticeError, KeyError):
                    await call(desk, other)

    on_desk(work)


def test_without_a_role_nothing_is_seen(on_desk):
    """Not even that there are notices."""

    async def work(desk):
        notice = await sent(desk)
        for call in (desk.find(NOBODY, notice.id), desk.latest(NOBODY, 9), desk.progress(NOBODY, notice.id)):
            with pytest.raises(NotPermittedError):
                await call

    on_desk(work)


def test_notices_that_are_not_there(on_desk):
    """A `KeyError`, whatever is asked of them."""

    async def work(desk):
        for call in (desk.find(EDITOR, 99), desk.message(EDITOR, 99), desk.progress(EDITOR, 99), desk.copy(EDITOR, 99)):
            with pytest.raises(KeyError):
                await call

    on_desk(work)


def test_the_file_holds_everybody(on_desk):
    """As Excel reads it."""
    import io

    from openpyxl import load_workbook

    async def work(desk):
        notice = await sent(desk)
        book = load_workbook(io.BytesIO(await desk.export(EDITOR, notice.id)))
        cells = {str(cell.value) for row in book.active.iter_rows() for cell in row}
        assert {each.staff_id for each in PEOPLE} <= cells

    on_desk(work)

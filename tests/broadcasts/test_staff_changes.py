"""What an import changes: applying gives the file, undoing gives what was before."""

from dataclasses import replace

import pytest
from hypothesis import given

from asaka_bot.broadcasts.staff_changes import (
    applied,
    as_json,
    compare,
    differences,
    dumped,
    fingerprint,
    from_json,
    loaded,
    sorted_out,
    undone,
)
from asaka_bot.broadcasts.staff_columns import Conflict, Roster
from tests.fakes.staff import directories, people, person, rosters


@given(directories(), rosters())
def test_applying_gives_the_file(directory, roster):
    """Afterwards exactly the people of the file are active, as the file says; nobody else is lost."""
    after = applied(directory, compare(directory, roster).all)
    assert {each for each in after.values() if each.active} == set(roster.people)
    assert after.keys() == directory.keys() | {each.staff_id for each in roster.people}


@given(directories(), rosters())
def test_undoing_gives_what_was_before(directory, roster):
    """To the last field."""
    changes = compare(directory, roster).all
    assert undone(applied(directory, changes), changes) == directory


@given(directories(), rosters())
def test_everybody_is_counted_once(directory, roster):
    """Joined, moved, left and unchanged add up; the same file once more changes nothing."""
    changes = compare(directory, roster)
    assert len(changes.joined) + len(changes.moved) + changes.unchanged == len(roster.people)
    assert len({each.staff_id for each in changes.all}) == len(changes.all)
    assert compare(applied(directory, changes.all), roster).all == ()


@given(directories(), rosters())
def test_changes_survive_json(directory, roster):
    """What waits for a confirmation is the same when it is read back."""
    changes = compare(directory, roster)
    back = sorted_out(loaded(dumped(changes.all)), basis=changes.basis, unchanged=changes.unchanged)
    assert back == changes


@given(people())
def test_people_survive_json(found):
    """What is written for the undo is read back as it was."""
    assert [from_json(as_json(each)) for each in found] == found


def test_a_move_says_what_changed():
    """Old and new of each field, and nothing else."""
    old = person(1, title="主事")
    changes = compare({"1": old}, Roster(people=(replace(old, office=("福祉部",), title=""),), has_workplaces=True))
    assert differences(changes.moved[0]) == ("所属: 総務部/職員課 → 福祉部", "職位: 主事 → （なし）")


def test_without_a_column_workplaces_stay():
    """A file that says nothing about them doesn't empty them."""
    old = person(1, workplace="図書館")
    assert compare({"1": old}, Roster(people=(replace(old, workplace=""),))).all == ()


def test_conflicts_change_nothing():
    """A roster with conflicts can't even be compared."""
    with pytest.raises(ValueError, match="conflicts"):
        compare({}, Roster(people=(person(1),), conflicts=(Conflict(row=2, column="メール", problem="x"),)))


@pytest.mark.parametrize(("leaving", "mass"), [(0, False), (3, False), (4, True), (9, True)])
def test_more_than_a_third_leaving_is_asked_about(leaving, mass):
    """Of nine people three may leave, four are asked about."""
    directory = {str(n): person(n) for n in range(1, 10)}
    staying = tuple(person(n) for n in range(1 + leaving, 10))
    assert compare(directory, Roster(people=staying)).is_mass_leaving is mass


def test_the_fingerprint_sees_every_change():
    """In whichever order people come."""
    one, two = person(1), person(2)
    assert fingerprint([one, two]) == fingerprint([two, one])
    assert fingerprint([one, two]) != fingerprint([one, replace(two, title="課長")])

"""People and rosters for property tests."""

from hypothesis import strategies as st

from asaka_bot.broadcasts.staff import Employment, Person
from asaka_bot.broadcasts.staff_columns import Roster

_OFFICES = [("総務部",), ("総務部", "職員課"), ("総務部", "職員課", "人事係"), ("福祉部", "福祉相談課", "庶務係")]


def person(number: int, **fields: object) -> Person:
    return Person(
        **{
            "staff_id": str(number),
            "name": f"例 {number}",
            "office": ("総務部", "職員課"),
            "title": "",
            "employment": Employment.REGULAR,
            "email": f"s{number}@city-asaka.example",
            **fields,
        }
    )


_ACTIVE = st.just(True)


def people(active=_ACTIVE):
    """Up to 20 people with different numbers."""
    return st.lists(
        st.builds(
            person,
            st.integers(1, 25),
            office=st.sampled_from(_OFFICES),
            title=st.sampled_from(["", "主事", "課長", "部長", "係長"]),
            employment=st.sampled_from(Employment),
            email=st.sampled_from(["", "a@city-asaka.example"]),
            workplace=st.sampled_from(["", "本庁舎", "図書館 本館"]),
            active=active,
        ),
        unique_by=lambda each: each.staff_id,
        max_size=20,
    )


def directories():
    return people(st.booleans()).map(lambda found: {each.staff_id: each for each in found})


def rosters():
    return people().map(lambda found: Roster(people=tuple(found), has_workplaces=True))

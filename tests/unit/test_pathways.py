"""The session of a pathway that comes next."""

import pytest

from tests.support.addons import load

pathways = load("aptic_pos", "pathways")
SAME, MIXED = [1, 1, 1, 1, 1], [1, 2, 3, 1, 4]


def ahead(given, earlier):
    return {
        offer: (session.pathway, session.number, session.count, session.is_next)
        for offer, session in pathways.sessions_ahead(given, earlier).items()
    }


@pytest.mark.parametrize(
    ("earlier", "expected"),
    [
        ([], {1: ("same", 1, 5, True)}),
        ([1, 1], {1: ("same", 3, 5, True)}),
        ([1] * 4, {1: ("same", 5, 5, True)}),
        ([1] * 5, {}),
        ([1] * 7, {}),
        ([9], {1: ("same", 1, 5, True)}),
    ],
)
def test_sessions_of_one_service_are_counted(earlier, expected):
    assert ahead({"same": SAME}, earlier) == expected


def test_sessions_of_several_services_are_matched_in_any_order():
    assert ahead({"mixed": MIXED}, []) == {1: ("mixed", 1, 5, True)}, "it begins with its first session"
    found = {2: ("mixed", 2, 5, True), 1: ("mixed", 4, 5, False), 4: ("mixed", 5, 5, False)}
    assert ahead({"mixed": MIXED}, [3, 1]) == found


def test_an_offer_of_two_pathways_goes_to_the_one_that_has_come_further():
    given = {"same": [2, 1, 1, 1, 1], "mixed": MIXED}
    assert ahead(given, [1, 3])[2] == ("mixed", 2, 5, True)
    assert ahead(given, [2, 1])[1] == ("same", 3, 5, True)


def test_no_pathway():
    assert ahead({}, [1]) == {}

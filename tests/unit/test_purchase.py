import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.addons import load

purchase = load("aptic_voucher", "purchase")
GOOD = {"name": "Mairie", "street": "1 rue", "zip": "33000", "city": "Bordeaux", "contact": "", "booklets": "3"}


def columns(*rows):
    return {name: [row[name] for row in rows] for name in GOOD}


@pytest.mark.parametrize(
    "text", ["", "EJ-2026-004512", "MAPA 2026/17", "1", "N°12 (lot 3)", "DGA-SOLIDARITÉS", "A" * 50]
)
def test_references_as_public_bodies_write_them(text):
    assert purchase.reference(text, "engagement_number") == text


@pytest.mark.parametrize(
    ("text", "problem"),
    [("A" * 51, "long"), ("<b>", "sign"), ("=1+1", "sign"), ("-12", "sign"), ("a;b", "sign"), ("_", "sign")],
)
def test_what_is_no_reference(text, problem):
    with pytest.raises(purchase.BadReference) as refusal:
        purchase.reference(text, "engagement_number")
    assert refusal.value.args == (problem,)


def test_a_service_code_is_longer():
    assert purchase.reference("A" * 100, "service_code")
    with pytest.raises(purchase.BadReference):
        purchase.reference("A" * 101, "service_code")


def test_a_delivery_is_read():
    (row,) = purchase.deliveries(columns({**GOOD, "zip": "33 000", "booklets": "1 200"}))
    assert (row.zip, row.booklets, row.problem()) == ("33000", 1200, None)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"name": ""}, "name"), ({"street": ""}, "street"), ({"city": ""}, "city"), ({"zip": "3300"}, "zip"),
        ({"zip": "33A00"}, "zip"), ({"zip": "٣٣٠٠٠"}, "zip"), ({"booklets": ""}, "booklets"),
        ({"booklets": "0"}, "booklets"), ({"booklets": "-3"}, "booklets"), ({"booklets": "2,5"}, "booklets"),
        ({"booklets": "999999"}, "booklets"), ({"booklets": "٣"}, "booklets"),
    ],
)  # fmt: skip
def test_what_a_delivery_lacks(changes, problem):
    (row,) = purchase.deliveries(columns({**GOOD, **changes}))
    assert row.problem() == problem


def test_empty_rows_are_left_out_and_short_columns_are_filled():
    empty = dict.fromkeys(GOOD, "")
    assert len(purchase.deliveries(columns(empty, GOOD, empty))) == 1
    (row,) = purchase.deliveries({"name": ["Mairie"]})
    assert row.problem() == "street"
    assert purchase.deliveries({}) == []


def test_no_form_makes_more_rows_than_the_limit_and_one():
    many = {"name": ["x"] * 5000, "city": ["y"] * 5000}
    assert len(purchase.points(many)) == purchase.MOST_ROWS + 1


def test_a_point_needs_a_name():
    named, unnamed = purchase.points({"name": ["CCAS", ""], "city": ["", "Pau"]})
    assert (named.problem(), unnamed.problem()) == (None, "name")


@given(st.integers(1, 1000), st.lists(st.integers(1, 1000), min_size=1))
def test_what_is_left_to_place(booklets, rows):
    assert purchase.unplaced(booklets, rows) + sum(rows) == booklets


def test_without_an_address_nothing_is_to_place():
    assert purchase.unplaced(10, []) == 0

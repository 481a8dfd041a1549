import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.addons import load

prices = load("aptic_base", "prices")


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("12", 1200),
        ("12,5", 1250),
        ("12.50", 1250),
        ("12,50 €", 1250),
        ("1 250,00", 125000),
        ("0,01", 1),
        ("10\xa0€", 1000),
    ],
)
def test_prices_as_people_type_them(text, cents):
    assert prices.parse(text) == cents


@pytest.mark.parametrize(
    "text",
    ["", None, "0", "0,00", "-5", "12,345", "1e3", "abc", "12,", ",5", "1,2,3", "١٢", "12\n5x", "99999999", "1000000"],
)
def test_what_is_not_a_price(text):
    with pytest.raises(prices.BadPrice):
        prices.parse(text)


@given(st.integers(1, prices.MOST_CENTS))
def test_a_written_price_is_read_back(cents):
    assert prices.parse(f"{cents // 100},{cents % 100:02}") == cents


@given(st.integers(1, prices.MOST_CENTS))
def test_vouchers_and_money_make_the_price(cents):
    vouchers, added = prices.share(cents)
    assert vouchers >= 1 and 0 <= added < prices.FACE_VALUE_CENTS
    if cents >= prices.FACE_VALUE_CENTS:
        assert vouchers * prices.FACE_VALUE_CENTS + added == cents


def test_sessions_are_paid_each_by_itself():
    assert prices.share_of_all([1000, 1550, 1550, 800, 1000]) == (5, 1100)
    assert prices.share_of_all([2500] * 2) == (4, 1000)  # not five vouchers: the halves of two sessions are no voucher
    assert prices.share_of_all([]) == (0, 0)

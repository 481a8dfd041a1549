"""What the money received allows to activate."""

import pytest

from tests.unit.conftest import load

funding = load("aptic_voucher", "funding")


@pytest.mark.parametrize(
    ("funded", "activated", "expected"),
    [
        (0, 0, 0),
        (9_999, 0, 0),
        (10_000, 0, 10),
        (10_001, 0, 10),
        (19_999, 0, 10),
        (20_000, 10_000, 10),
        (19_999, 10_000, 0),
        (30_000, 0, 30),
        (90_000, 0, 30),
        (30_000, 30_000, 0),
        (5_000, 10_000, 0),
        (29_999, 8_000, 20),
        (30_000, 8_000, 22),  # all is paid: the booklets that are left may be smaller
    ],
)
def test_whole_booklets_and_never_above_the_funds(funded, activated, expected):
    assert funding.activable(funded, activated, 1000, 10, 30) == expected


def test_never_above_the_funds_whatever_the_numbers():
    for funded in range(0, 9000, 250):
        for done in range(0, 13, 1):
            count = funding.activable(funded, done * 500, 500, 5, 12 * 5)
            assert count % 5 == 0 or funded >= 30_000
            assert count <= funding.vouchers_funded(funded, done * 500, 500, 5 * 12)
            assert count >= 0
            assert not count or (done + count) * 500 <= funded


@pytest.mark.parametrize(
    ("parts", "amount", "expected"),
    [
        ([], 10_000, (0, 10_000)),
        ([(10_000, True)], 10_000, (10_000, 0)),
        ([(10_000, True)], 12_000, (10_000, 2_000)),
        ([(4_000, False), (10_000, True)], 12_000, (8_000, 0)),
        ([(10_000, True), (2_000, False)], 12_000, (10_000, 0)),
        ([(10_000, True)], 4_000, (4_000, 0)),
    ],
)
def test_a_receipt_gives_at_most_its_own_amount(parts, amount, expected):
    assert funding.shares(parts, amount) == expected

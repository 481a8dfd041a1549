"""What the acts of a batch change for those after them."""

from datetime import date, datetime

from tests.unit.conftest import load

batch = load("aptic_voucher", "batch")
DAY = date(2026, 11, 29)
HOURS = 24


def row(serial, booklet=1, spent=None):
    """A voucher as the database gives it."""
    return {
        "id": serial, "serial": serial, "state": "active", "order_id": 5, "face_value_cents": 1000,
        "last_day": "2027-01-31", "tolerance_months": 0, "frozen_rules": [{"kind": "max_per_day", "count": 3}],
        "company_id": 1, "used_day": None, "used_by": None, "used_place": None, "booklet_id": booklet, "spent": spent,
    }  # fmt: skip


def values(key="key", provider=7):
    """The columns of a redemption that others ask for."""
    return {
        "provider_id": provider, "client_key": key, "payload_hash": "hash", "face_cents": 1000, "copay_cents": 200,
        "day": DAY, "place_id": 9,
    }  # fmt: skip


def facts(provider=7):
    return {"provider_id": provider, "earlier_state": None, "earlier_id": None, "payload_hash": None, "day": None}


def spent(*serials, so_far=None, **told):
    """What is known after an act with these vouchers."""
    so_far = so_far or batch.SoFar()
    so_far.spend(values(**told), [so_far.voucher(row(serial), HOURS) for serial in serials], DAY)
    return so_far


def test_a_voucher_is_used_after_its_act():
    voucher = spent(1, 2).voucher(row(2), HOURS)
    assert (voucher.state, voucher.used_day, voucher.used_by, voucher.used_place) == ("redeemed", DAY, 7, 9)
    assert spent(1, 2).voucher(row(3), HOURS).state == "active"


def test_the_days_of_a_booklet_count_each_voucher_of_it_and_no_other():
    moment = datetime(2026, 11, 28, 10).isoformat()
    so_far = spent(1, 2)
    assert so_far.voucher(row(3, spent=[[moment, moment]]), HOURS).spent_days == (date(2026, 11, 28), DAY, DAY)
    assert so_far.voucher(row(9, booklet=2), HOURS).spent_days == ()
    assert spent(3, so_far=so_far, key="other").voucher(row(4), HOURS).spent_days == (DAY, DAY, DAY)


def test_a_key_is_the_providers_own():
    known = spent(1).known(facts(), "key")
    assert (known["earlier_state"], known["payload_hash"], known["copay_cents"]) == ("done", "hash", 200)
    assert known["earlier_id"] is None
    for provider, key in ((7, "other"), (8, "key")):
        assert spent(1).known(facts(provider), key)["earlier_state"] is None


def test_acts_and_wrong_codes_are_counted():
    so_far = spent(2, so_far=spent(1), key="second")
    so_far.wrong += 1
    assert (so_far.known(facts(), "x")["earlier_done"], so_far.known(facts(8), "x")["earlier_done"]) == (2, 0)
    assert so_far.known(facts(8), "x")["earlier_wrong"] == 1
    assert batch.SoFar(4).known(facts(), "x")["earlier_wrong"] == 4


def test_acts_are_kept_in_their_order():
    so_far = spent(2, so_far=spent(1), key="second")
    assert [told["client_key"] for told, _vouchers in so_far.done] == ["key", "second"]
    assert [voucher.serial for _told, vouchers in so_far.done for voucher in vouchers] == [1, 2]

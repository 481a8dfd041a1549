"""The whole way to membership, as a company, an association and a public body walk it, on a desk and on a phone."""

import pytest

from tests.support.joining import Joining

CASES = [(form, width) for form in ("company", "association", "public") for width in ("desktop", "phone")]


@pytest.mark.parametrize(("form", "width"), CASES)
def test_from_sign_up_to_active(refusing_server, browser, form, width):
    way = Joining(refusing_server, browser, form, width, CASES.index((form, width)) + 1)
    way.sign_up()
    way.join()
    way.answer(leave=width == "desktop", expire=width == "phone")
    way.reviewed()
    if form == "public":
        way.mandate()
    way.sign_charter()
    way.declare_place()
    way.declare_offers()
    way.declare_pathway()
    way.send_papers()
    way.give_bank_details()
    way.choose_plan()
    way.see_kit()
    way.invite()
    way.close()

import pytest

from tests.support.addons import load

bank_details = load("aptic_base", "bank_details")
IBAN = "FR76 2004 1010 0100 0010 0111 185"


@pytest.mark.parametrize("text", [IBAN, IBAN.lower(), IBAN.replace(" ", ""), IBAN.replace(" ", "\xa0")])
def test_an_account_as_people_type_it(text):
    details = bank_details.check(text)
    assert details.grouped == IBAN
    assert (details.bic, details.bank_name) == ("PSSTFRPP", "LA BANQUE POSTALE")


def test_accounts_of_other_sepa_countries():
    assert bank_details.check("DE89 3704 0044 0532 0130 00").iban == "DE89370400440532013000"


def test_the_registry_s_pacific_banks_are_known_and_no_other():
    known = {"12149", "12239", "14158", "14168", "14889", "17469", "17499", "17939", "18319"}
    assert known == bank_details.OUTSIDE_SEPA_BANKS


@pytest.mark.parametrize("code", sorted(bank_details.OUTSIDE_SEPA_BANKS))
def test_pacific_banks_are_outside_sepa_though_their_iban_begins_with_fr(code):
    from schwifty import IBAN as Account

    account = Account.generate("FR", bank_code=code, branch_code="00001", account_code="00001234567")
    with pytest.raises(bank_details.BadBankDetails) as caught:
        bank_details.check(str(account))
    assert caught.value.code == "sepa"


@pytest.mark.parametrize(
    ("iban", "bic", "code"),
    [
        (None, "", "iban"),
        ("FR76 2004 1010 0100 0010 0111 186", "", "iban"),
        ("FR14 2004 1010 0505 0001 3M02 607", "", "iban"),
        (IBAN, "PSST", "bic"),
        (IBAN, "DEUTDEFF", "mismatch"),
        (IBAN, "SOCBPFTX", "sepa"),
        ("TN59 1000 6035 1835 9847 8831", "", "sepa"),
    ],
)
def test_accounts_that_cannot_be_paid(iban, bic, code):
    with pytest.raises(bank_details.BadBankDetails) as caught:
        bank_details.check(iban, bic)
    assert caught.value.code == code

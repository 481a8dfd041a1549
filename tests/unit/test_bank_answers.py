"""What is read of the bank's answers, and how the simulated bank speaks, without Odoo."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.addons import load
from tests.support.bank import Entry
from tests.support.bank_simulator import HOW, Bank, Refused, Told, camt054, pain002

answers = load("aptic_settlement", "bank_answers")
bank_xml = load("aptic_settlement", "bank_xml")
camt = load("aptic_settlement", "demo.camt")
sepa = load("aptic_settlement", "sepa")

IBAN = "FR7630006000011234567890189"
DAY = date(2026, 3, 4)
SENT = {"B1": {"R-1": 100, "R-2": 250}, "B2": {"R-3": 1}}
FILE = """<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"><CstmrCdtTrfInitn>
<GrpHdr><MsgId>{message}</MsgId><NbOfTxs>{count}</NbOfTxs><CtrlSum>{total}</CtrlSum></GrpHdr>
<PmtInf><PmtInfId>B1</PmtInfId><NbOfTxs>{count}</NbOfTxs><CtrlSum>{total}</CtrlSum>
<DbtrAcct><Id><IBAN>{iban}</IBAN></Id></DbtrAcct>{payments}</PmtInf></CstmrCdtTrfInitn></Document>"""
PAYMENT = """<CdtTrfTxInf><PmtId><EndToEndId>{name}</EndToEndId></PmtId>
<Amt><InstdAmt Ccy="EUR">{amount}</InstdAmt></Amt><Cdtr><Nm>N</Nm></Cdtr>
<CdtrAcct><Id><IBAN>FR7630004000031234567890143</IBAN></Id></CdtrAcct></CdtTrfTxInf>"""


def euros(cents):
    return f"{cents // 100}.{cents % 100:02d}"


def payment_file(message="PAY-1", iban=IBAN, wrong=0, **payments):
    payments = payments or {"R-1": 100, "R-2": 250}
    return FILE.format(
        message=message,
        iban=iban,
        count=len(payments),
        total=euros(sum(payments.values()) + wrong),
        payments="".join(PAYMENT.format(name=name, amount=euros(cents)) for name, cents in payments.items()),
    ).encode()


def refused(*told, **options):
    report = answers.status_report(bank_xml.opened(pain002("M", "PAY-1", DAY, told, **options)))
    return {name: (reason.code, reason.account) for name, reason in report.refused(SENT).items()}


@pytest.mark.parametrize("version", ["03", "10"])
def test_a_status_report_is_read_whole(version):
    told = Told("R-2", code="AC04", text="Compte clos", cents=250)
    data = pain002("M-9", "PAY-1", DAY, [told], group="PART", block="B1", version=version)
    root = bank_xml.opened(data)
    assert bank_xml.format_of(root) in answers.REPORTS
    report = answers.status_report(root)
    assert (report.message, report.day, report.original, report.of) == ("M-9", DAY, "PAY-1", "pain.001.001.09")
    assert report.says() == "PART"
    assert report.refused(SENT) == {"R-2": answers.Reason("AC04", "Compte clos", account=True)}


def test_what_is_accepted_is_not_refused():
    assert refused(group="ACCP") == {}
    assert refused(Told("R-1", status="ACSC"), Told("R-2", status="RJCT", code="AC01"), block="B1") == {
        "R-2": ("AC01", True)
    }


def test_a_whole_file_says_nothing_against_the_accounts():
    everything = dict.fromkeys(("R-1", "R-2", "R-3"), ("DS02", False))
    assert refused(group="RJCT", group_code="DS02") == everything
    assert refused(Told("R-1", code="AC01"), group="RJCT", group_code="DS02", block="B1") == {
        **everything,
        "R-1": ("AC01", True),
    }


def test_a_block_is_refused_alone():
    assert set(refused(block="B2", block_status="RJCT")) == {"R-3"}


@pytest.mark.parametrize("code", ["AM04", "DT01", "FF01", "DS02"])
def test_what_is_wrong_with_the_order_says_nothing_against_the_account(code):
    assert refused(Told("R-1", code=code), block="B1") == {"R-1": (code, False)}


@pytest.mark.parametrize("code", ["AM05", "DUPL", "DU01", "DU02", "DU03", "DU04", "DU05"])
def test_a_second_copy_refused_says_nothing_against_the_first_one(code):
    everything = ["R-1", "R-2", "R-3"]
    for told, options, doubled in (
        ([], {"group": "RJCT", "group_code": code}, everything),
        ([Told("R-1", code="AC01")], {"group": "RJCT", "group_code": code, "block": "B1"}, everything),
        ([], {"group": "RJCT", "group_code": code, "block": "B1", "block_status": "RJCT"}, everything),
        ([Told("R-1")], {"group": "PART", "group_code": code, "block": "B1"}, ["R-1"]),
        ([Told("R-1", code=code)], {"block": "B1"}, ["R-1"]),
    ):
        report = answers.status_report(bank_xml.opened(pain002("M", "PAY-1", DAY, told, **options)))
        assert (report.refused(SENT), sorted(report.doubled(SENT))) == ({}, doubled)


def test_a_second_copy_beside_a_refusal_keeps_the_refusal():
    told = [Told("R-1", code="AM05"), Told("R-2", code="AC04")]
    report = answers.status_report(bank_xml.opened(pain002("M", "PAY-1", DAY, told, block="B1")))
    assert (set(report.refused(SENT)), report.doubled(SENT)) == ({"R-2"}, ["R-1"])


@pytest.mark.parametrize(
    ("told", "block"), [(Told("X"), "B1"), (Told("R-3"), "B1"), (Told("R-1"), "B9"), (Told("R-1", cents=99), "B1")]
)
def test_what_was_not_sent_is_foreign(told, block):
    with pytest.raises(answers.Foreign):
        refused(told, block=block)


@pytest.mark.parametrize("version", ["02", "08"])
def test_money_that_comes_back_is_read_from_advices_and_statements(version):
    entries = [
        Entry(250, end_to_end="R-2", return_code="AC04", text="clos"),
        Entry(100, end_to_end="R-1"),
        Entry(-100, end_to_end="R-1", return_code="AC04"),
        Entry(5, end_to_end="R-3", return_code="AC04", status="PDNG"),
    ]
    for data in (
        camt054(IBAN, "A", DAY, entries, version=version),
        camt.camt053(IBAN, "S", DAY, 0, entries, version=version),
    ):
        root = bank_xml.opened(data)
        assert bank_xml.format_of(root) in answers.NOTICES
        [back] = answers.returned(root)
        assert (back.account, back.end_to_end, back.cents, back.day, back.code) == (IBAN, "R-2", 250, DAY, "AC04")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"<a>", "cut"),
        (b"hello", "cut"),
        (b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', "doctype"),
        (b"<a>\xff</a>", "cut"),
        ("<a><b></a>".encode("utf-16"), "cut"),
    ],
)
def test_what_cannot_be_read_is_told_apart(data, code):
    with pytest.raises(bank_xml.BadFile) as bad:
        bank_xml.opened(data)
    assert bad.value.code == code


@given(st.binary(max_size=200))
def test_no_bytes_are_more_than_a_bad_file(data):
    try:
        root = bank_xml.opened(data)
    except bank_xml.BadFile:
        return
    assert bank_xml.format_of(root) == ""
    assert answers.returned(root) == []


@given(st.text(max_size=200), st.integers(0, 140))
def test_texts_are_in_the_characters_of_sepa(value, size):
    written = sepa.text(value, size)
    assert not sepa.ALLOWED.search(written)
    assert written == written.strip()
    assert "  " not in written
    assert not size or len(written) <= size


def test_references_have_their_form():
    assert sepa.is_reference("REL/2026/0001-2")
    assert not any(map(sepa.is_reference, ("", "/A", "A/", "A//B", "é", "A" * 36, " A")))
    assert sepa.text("L’Été & Cie") == "L'Ete + Cie"


def test_a_bic_that_both_formats_of_the_file_take():
    assert all(map(sepa.is_bic, ("AGRIFRPP", "BNPAFRPPXXX")))
    assert not any(map(sepa.is_bic, ("", "12345678", "1GRIFRPP", "AGRIFR0P", "AGRIFRPO", "AGRIFRPPXX", "agrifrpp")))


def test_the_bank_takes_a_file_once():
    bank = Bank(IBAN)
    assert bank.take(payment_file()) == "PAY-1"
    for data, why in (
        (payment_file(), "DUPL"),
        (payment_file("PAY-2"), "AM05"),
        (payment_file("PAY-3", wrong=1, X=1), "AM10"),
        (payment_file("PAY-4", iban="FR00", X=1), "AC02"),
    ):
        with pytest.raises(Refused, match=why):
            bank.take(data)
    assert answers.payments_of(payment_file()) == ("PAY-1", {"B1": {"R-1": 100, "R-2": 250}})


@given(st.sampled_from(HOW), st.sampled_from(["02", "08"]), st.sets(st.sampled_from(["R-1", "R-2"])), st.booleans())
def test_the_bank_s_books_and_its_words_agree(how, version, refusing, back):
    bank = Bank(IBAN, 1000)
    message = bank.take(payment_file())
    for name in refusing:
        bank.refuse(message, name, "AC01")
    report = answers.status_report(bank_xml.opened(bank.report(message)))
    assert set(report.refused({"B1": {"R-1": 100, "R-2": 250}})) == refusing
    left = bank.book(message, how)
    assert left == sum(cents for name, cents in (("R-1", 100), ("R-2", 250)) if name not in refusing)
    assert bank.book(message, how) == 0
    if back and "R-2" not in refusing:
        bank.send_back("R-2")
        left -= 250
    assert bank.balance == 1000 - left
    root = bank_xml.opened(bank.statement(DAY, version))
    closing = [
        balance.findtext("{*}Amt")
        for balance in root.iter("{*}Bal")
        if balance.findtext("{*}Tp/{*}CdOrPrtry/{*}Cd") == "CLBD"
    ]
    assert closing == [euros(bank.balance)]
    assert bank.told == bank.balance

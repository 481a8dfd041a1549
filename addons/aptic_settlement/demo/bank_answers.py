"""What a bank answers to a payment file, as files: pain.002 and camt.054; for the demonstration and the tests."""

from dataclasses import dataclass
from datetime import date

from lxml import etree

from .camt import _account, _add, _entry

PAIN = "urn:iso:std:iso:20022:tech:xsd:pain.002.001.{version}"
NOTICE = "urn:iso:std:iso:20022:tech:xsd:camt.054.001.{version}"


@dataclass(frozen=True)
class Told:
    """What the bank says of one payment of the file."""

    end_to_end: str
    status: str = "RJCT"
    code: str = ""
    text: str = ""
    cents: int | None = None


def pain002(
    message: str,
    original: str,
    day: date,
    told=(),
    *,
    group: str = "",
    group_code: str = "",
    block: str = "",
    block_status: str = "",
    version: str = "03",
    original_format: str = "pain.001.001.09",
    bic: str = "AGRIFRPP",
) -> bytes:
    """Return the XML of a status report on one payment file.

    :param message: the report's own identification
    :param original: the identification of the payment file it is about
    :param told: the :class:`Told` of single payments
    :param group: the status of the whole file (``ACCP``, ``PART``, ``RJCT`` …), with the bank's ``group_code``
    :param block: the payment information block that ``told`` and ``block_status`` are about
    :param version: ``03`` or ``10``
    """
    urn = PAIN.format(version=version)
    document = etree.Element(f"{{{urn}}}Document", nsmap={None: urn})
    body = _add(document, "CstmrPmtStsRpt")
    header = _add(body, "GrpHdr")
    _add(header, "MsgId", message)
    _add(header, "CreDtTm", f"{day.isoformat()}T11:00:00")
    _add(header, "DbtrAgt/FinInstnId/" + ("BIC" if version == "03" else "BICFI"), bic)
    whole = _add(body, "OrgnlGrpInfAndSts")
    _add(whole, "OrgnlMsgId", original)
    _add(whole, "OrgnlMsgNmId", original_format)
    if group:
        _add(whole, "GrpSts", group)
    _reason(whole, group_code)
    if told or block_status:
        part = _add(body, "OrgnlPmtInfAndSts")
        _add(part, "OrgnlPmtInfId", block or "NOTPROVIDED")
        if block_status:
            _add(part, "PmtInfSts", block_status)
        for each in told:
            node = _add(part, "TxInfAndSts")
            _add(node, "OrgnlEndToEndId", each.end_to_end)
            _add(node, "TxSts", each.status)
            _reason(node, each.code, each.text)
            if each.cents is not None:
                amount = _add(node, "OrgnlTxRef/Amt/InstdAmt", f"{each.cents // 100}.{each.cents % 100:02d}")
                amount.set("Ccy", "EUR")
    return etree.tostring(document, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def camt054(iban: str, number: str, day: date, entries, *, version: str = "02", bic: str = "AGRIFRPP") -> bytes:
    """Return the XML of an advice of movements: entries as in a statement, without balances."""
    urn = NOTICE.format(version=version)
    document = etree.Element(f"{{{urn}}}Document", nsmap={None: urn})
    body = _add(document, "BkToCstmrDbtCdtNtfctn")
    header = _add(body, "GrpHdr")
    _add(header, "MsgId", f"{bic}-{number}"[:35])
    _add(header, "CreDtTm", f"{day.isoformat()}T11:00:00")
    notice = _add(body, "Ntfctn")
    _add(notice, "Id", number)
    _add(notice, "CreDtTm", f"{day.isoformat()}T11:00:00")
    _account(notice, iban, bic, version)
    for position, entry in enumerate(entries, start=1):
        _entry(notice, entry, day, f"{number}-{position}", version)
    return etree.tostring(document, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _reason(parent, code, text=""):
    if code or text:
        reason = _add(parent, "StsRsnInf")
        if code:
            _add(reason, "Rsn/Cd", code)
        if text:
            _add(reason, "AddtlInf", text)

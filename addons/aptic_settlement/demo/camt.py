"""Bank statements (camt.053) as a bank sends them; for the demonstration and the tests."""

from dataclasses import dataclass, field
from datetime import date

from lxml import etree

URN = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}"


@dataclass(frozen=True)
class Entry:
    """One booked movement, credits above zero and debits below.

    ``batch`` are the movements that the bank booked together; their sum must be ``cents``. With ``order``, the name of
    the payment file, they are a batch of it; ``silent`` leaves their amounts out, as many banks do. ``status`` is
    ``BOOK`` or what is only announced (``PDNG``).
    """

    cents: int
    text: str = ""
    end_to_end: str = ""
    name: str = ""
    iban: str = ""
    return_code: str = ""
    batch: tuple = field(default=())
    order: str = ""
    silent: bool = False
    status: str = "BOOK"


def closing_cents(opening_cents: int, entries) -> int:
    """Return the closing balance of a statement, in cents."""
    return opening_cents + sum(entry.cents for entry in entries if entry.status == "BOOK")


def camt053(
    iban: str,
    number: str,
    day: date,
    opening_cents: int,
    entries,
    *,
    version: str = "02",
    closing: int | None = None,
    bic: str = "AGRIFRPP",
) -> bytes:
    """Return the XML file of one day's statement of one account.

    :param iban: the account, printed or compact form
    :param number: the statement's identification, unique for the bank and the account
    :param day: the booking day of all entries and of both balances
    :param opening_cents: the closing balance of the statement before it
    :param entries: the :class:`Entry` of the day
    :param version: ``02`` or ``08``
    :param closing: a closing balance that is not the sum, for files that lie
    """
    closing = closing_cents(opening_cents, entries) if closing is None else closing
    urn = URN.format(version=version)
    document = etree.Element(f"{{{urn}}}Document", nsmap={None: urn})
    body = _add(document, "BkToCstmrStmt")
    created = f"{day.isoformat()}T21:30:00"
    _add(body, "GrpHdr/MsgId", f"{bic}-{number}"[:35])
    _add(body[0], "CreDtTm", created)
    statement = _add(body, "Stmt")
    _add(statement, "Id", number)
    _add(statement, "CreDtTm", created)
    _account(statement, iban, bic, version)
    for code, cents in (("OPBD", opening_cents), ("CLBD", closing)):
        balance = _add(statement, "Bal")
        _add(balance, "Tp/CdOrPrtry/Cd", code)
        _amount(balance, cents)
        _add(balance, "Dt/Dt", day.isoformat())
    for position, entry in enumerate(entries, start=1):
        _entry(statement, entry, day, f"{number}-{position}", version)
    return etree.tostring(document, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _add(parent, path, text=None):
    node = parent
    for name in path.split("/"):
        node = etree.SubElement(node, f"{{{etree.QName(parent).namespace}}}{name}")
    node.text = text
    return node


def _euros(cents):
    return f"{abs(cents) // 100}.{abs(cents) % 100:02d}"


def _amount(parent, cents):
    _add(parent, "Amt", _euros(cents)).set("Ccy", "EUR")
    _add(parent, "CdtDbtInd", "CRDT" if cents >= 0 else "DBIT")


def _account(parent, iban, bic, version):
    account = _add(parent, "Acct")
    _add(account, "Id/IBAN", iban.replace(" ", ""))
    _add(account, "Ccy", "EUR")
    _add(account, "Svcr/FinInstnId/" + ("BIC" if version == "02" else "BICFI"), bic)


def _entry(statement, entry, day, reference, version):
    node = _add(statement, "Ntry")
    _amount(node, entry.cents)
    _add(node, "Sts" if version == "02" else "Sts/Cd", entry.status)
    _add(node, "BookgDt/Dt", day.isoformat())
    _add(node, "ValDt/Dt", day.isoformat())
    _add(node, "AcctSvcrRef", reference)
    domain = _add(node, "BkTxCd/Domn")
    _add(domain, "Cd", "PMNT")
    family = _add(domain, "Fmly")
    _add(family, "Cd", "RCDT" if entry.cents >= 0 else "ICDT")
    _add(family, "SubFmlyCd", "RRTN" if entry.return_code else "ESCT")
    details = _add(node, "NtryDtls")
    if entry.order:
        batch = _add(details, "Btch")
        _add(batch, "MsgId", entry.order)
        if entry.batch:
            _add(batch, "NbOfTxs", str(len(entry.batch)))
        if entry.cents:
            _add(batch, "TtlAmt", _euros(entry.cents)).set("Ccy", "EUR")
            _add(batch, "CdtDbtInd", "CRDT" if entry.cents >= 0 else "DBIT")
    for part in entry.batch or (() if entry.order else (entry,)):
        _transaction(details, part, version, silent=entry.silent)


def _transaction(parent, entry, version, silent=False):
    node = _add(parent, "TxDtls")
    _add(node, "Refs/EndToEndId", entry.end_to_end or "NOTPROVIDED")
    if silent:
        pass
    elif version == "02":
        _add(node, "AmtDtls/TxAmt/Amt", _euros(entry.cents)).set("Ccy", "EUR")
    else:
        _amount(node, entry.cents)
    if entry.name or entry.iban:
        parties = _add(node, "RltdPties")
        role = "Dbtr" if entry.cents >= 0 else "Cdtr"
        if entry.name:
            _add(parties, f"{role}/Nm" if version == "02" else f"{role}/Pty/Nm", entry.name)
        if entry.iban:
            _add(parties, f"{role}Acct/Id/IBAN", entry.iban.replace(" ", ""))
    if entry.text:
        _add(node, "RmtInf/Ustrd", entry.text)
    if entry.return_code:
        _add(node, "RtrInf/Rsn/Cd", entry.return_code)

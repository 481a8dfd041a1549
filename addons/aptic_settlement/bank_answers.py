"""What the bank answers to a payment file: status reports (pain.002) and money sent back (camt.053, camt.054). No ORM.

Sources: ISO 20022 message definitions; EPC132-08 (SEPA credit transfer, customer to bank) for the levels of a status
report: the file as a whole, a block of it, one transaction.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from lxml import etree

REPORTS = ("pain.002.001.03", "pain.002.001.10")
NOTICES = ("camt.053.001.02", "camt.053.001.08", "camt.054.001.02", "camt.054.001.08")
REFUSED = ("RJCT", "CANC")
PARTLY = "PART"

# What is wrong with such an order is on our side: its account, its date, its form, its signature, its number.
OPERATOR_CODES = frozenset({"AM04", "AM05", "AM18", "AM19", "AM20", "DT01", "DUPL", "FF01"})
OPERATOR_FAMILIES = ("DS", "DU", "FF")
# The bank has it already: what it refuses is the second copy, and the first one stands.
DOUBLE_CODES = frozenset({"AM05", "DUPL"})
DOUBLE_FAMILY = "DU"


class Foreign(Exception):
    """An answer about something that was never sent; ``what`` names it."""

    def __init__(self, what):
        super().__init__(what)
        self.what = what


@dataclass(frozen=True)
class Reason:
    """Why a payment comes back: the bank's code and words, and whether the account paid to is what is wrong.

    With ``double`` it does not come back: the bank refuses the second copy of what it has.
    """

    code: str = ""
    text: str = ""
    account: bool = True
    double: bool = False


@dataclass(frozen=True)
class Line:
    """One transaction of a status report."""

    end_to_end: str
    status: str
    code: str
    text: str
    cents: int | None


@dataclass(frozen=True)
class Block:
    """One payment information block of a status report."""

    name: str
    status: str
    code: str
    text: str
    lines: tuple


@dataclass(frozen=True)
class Report:
    """A status report: ``original`` is the identification of the file it answers, ``of`` that file's format."""

    message: str
    day: date
    original: str
    of: str
    status: str
    code: str
    text: str
    blocks: tuple

    def refused(self, sent: Mapping[str, Mapping[str, int]]) -> dict:
        """Return ``{EndToEndId: Reason}`` of what the bank refuses.

        A refusal of the file or of a block is one of every payment in it. It says nothing against the accounts paid
        to, but of those whose transaction has a reason of its own. A refusal of a second copy is none: :meth:`doubled`.

        :param sent: the file as it was sent: its blocks, and the cents of each of their payments by EndToEndId
        :raise Foreign: a block or a payment that was not in the file, or one with another amount
        """
        return {name: reason for name, reason in self._reasons(sent).items() if not reason.double}

    def doubled(self, sent: Mapping[str, Mapping[str, int]]) -> list:
        """Return the EndToEndIds of what the bank refuses as the second copy of what it has: the first one stands.

        Whatever else it says of payments in a file or a block that is such a copy, it says of the copy.

        :param sent: as in :meth:`refused`
        """
        return [name for name, reason in self._reasons(sent).items() if reason.double]

    def _reasons(self, sent):
        everything = {name: cents for block in sent.values() for name, cents in block.items()}
        refused = {}
        whole = self.status in REFUSED and is_double(self.code)
        if self.status in REFUSED:
            refused = dict.fromkeys(everything, Reason(self.code, self.text, account=False, double=whole))
        for block in self.blocks:
            payments = everything if block.name == "NOTPROVIDED" else sent.get(block.name)
            if payments is None:
                raise Foreign(block.name)
            code = block.code or self.code
            double = whole or (block.status in REFUSED and is_double(code))
            if block.status in REFUSED:
                of_block = Reason(code, block.text or self.text, account=False, double=double)
                refused.update(dict.fromkeys(payments, of_block))
            for line in block.lines:
                cents = payments.get(line.end_to_end)
                if cents is None or line.cents not in (None, cents):
                    raise Foreign(line.end_to_end)
                if line.status in REFUSED or (line.end_to_end in refused and line.code):
                    refused[line.end_to_end] = Reason(
                        line.code,
                        line.text,
                        account=speaks_of_account(line.code),
                        double=double or is_double(line.code or code),
                    )
        return refused

    def says(self) -> str:
        """Return the status of the whole: the file's own, else that of its only block, else what its lines make."""
        if self.status:
            return self.status
        if len(self.blocks) == 1 and self.blocks[0].status:
            return self.blocks[0].status
        statuses = {line.status for block in self.blocks for line in block.lines}
        return PARTLY if statuses.intersection(REFUSED) else ""


@dataclass(frozen=True)
class Returned:
    """Money that the bank sent back: cents above zero, and the day on which it is booked."""

    account: str
    end_to_end: str
    cents: int
    day: date
    code: str
    text: str


def speaks_of_account(code: str) -> bool:
    """Whether a refusal with this code is about the account paid to, rather than about the order or its sender."""
    return code not in OPERATOR_CODES and not code.startswith(OPERATOR_FAMILIES)


def is_double(code: str) -> bool:
    """Whether a refusal with this code is one of a second copy: AM05, DUPL, DU01 to DU05."""
    return code in DOUBLE_CODES or code.startswith(DOUBLE_FAMILY)


def status_report(root: etree._Element) -> Report:
    """Read a pain.002 (:data:`REPORTS`)."""
    group = "OrgnlGrpInfAndSts"
    return Report(
        message=_text(root, "GrpHdr", "MsgId"),
        day=_day(_text(root, "GrpHdr", "CreDtTm")),
        original=_text(root, group, "OrgnlMsgId"),
        of=_text(root, group, "OrgnlMsgNmId"),
        status=_text(root, group, "GrpSts"),
        **_reason(root, group),
        blocks=tuple(
            Block(
                name=_text(block, "OrgnlPmtInfId") or "NOTPROVIDED",
                status=_text(block, "PmtInfSts"),
                **_reason(block),
                lines=tuple(
                    Line(
                        end_to_end=_text(line, "OrgnlEndToEndId"),
                        status=_text(line, "TxSts"),
                        **_reason(line),
                        cents=_cents(_text(line, "OrgnlTxRef", "Amt", "InstdAmt")),
                    )
                    for line in block.iterfind("{*}TxInfAndSts")
                ),
            )
            for block in root.iterfind(".//{*}OrgnlPmtInfAndSts")
        ),
    )


def returned(root: etree._Element) -> list:
    """Return the :class:`Returned` of a camt.053 or camt.054 (:data:`NOTICES`): booked credits with a reason."""
    found = []
    for part in root.iterfind("./{*}*/{*}*"):
        if etree.QName(part).localname not in ("Stmt", "Ntfctn"):
            continue
        account = _text(part, "Acct", "Id", "IBAN")
        for entry in part.iterfind("{*}Ntry"):
            if (_text(entry, "Sts", "Cd") or _text(entry, "Sts")) != "BOOK" or _text(entry, "CdtDbtInd") != "CRDT":
                continue
            details = list(entry.iterfind("{*}NtryDtls/{*}TxDtls"))
            for line in details:
                reason = line.find("{*}RtrInf")
                if reason is None:
                    continue
                amount = _text(line, "Amt") or _text(line, "AmtDtls", "TxAmt", "Amt")
                amount = amount or _text(line, "AmtDtls", "InstdAmt", "Amt")
                if not amount and len(details) == 1:
                    amount = _text(entry, "Amt")
                day = _text(entry, "BookgDt", "Dt") or _text(entry, "BookgDt", "DtTm") or _text(part, "CreDtTm")
                found.append(
                    Returned(
                        account=account,
                        end_to_end=_text(line, "Refs", "EndToEndId"),
                        cents=_cents(amount) or 0,
                        day=_day(day),
                        code=_text(reason, "Rsn", "Cd") or _text(reason, "Rsn", "Prtry"),
                        text=" ".join(each.text or "" for each in reason.iterfind("{*}AddtlInf")).strip(),
                    )
                )
    return found


def payments_of(data: bytes) -> tuple:
    """Read our own payment file.

    :return: ``(MsgId, {PmtInfId: {EndToEndId: cents}})``
    """
    root = etree.fromstring(data)
    blocks = {
        _text(block, "PmtInfId"): {
            _text(line, "PmtId", "EndToEndId"): _cents(_text(line, "Amt", "InstdAmt"))
            for line in block.iterfind("{*}CdtTrfTxInf")
        }
        for block in root.iterfind("./{*}*/{*}PmtInf")
    }
    return _text(root, "GrpHdr", "MsgId"), blocks


def _text(node, *path):
    """The text of the first element on a path of local names; a path of a document begins below its message."""
    prefix = ".//" if etree.QName(node).localname == "Document" else "./"
    return (node.findtext(prefix + "/".join(f"{{*}}{name}" for name in path)) or "").strip()


def _reason(node, *path):
    words = node.iterfind(
        (".//" if path else "./") + "/".join(f"{{*}}{name}" for name in (*path, "StsRsnInf", "AddtlInf"))
    )
    code = _text(node, *path, "StsRsnInf", "Rsn", "Cd") or _text(node, *path, "StsRsnInf", "Rsn", "Prtry")
    return {"code": code, "text": " ".join(each.text or "" for each in words).strip()}


def _cents(text):
    """Whole cents of an amount as ISO 20022 writes it; None when there is none."""
    if not text:
        return None
    euros, _point, rest = text.partition(".")
    if rest[2:].strip("0") or not f"{euros}{rest}".isdecimal():
        raise ValueError(text)
    return int(euros) * 100 + int(rest[:2].ljust(2, "0"))


def _day(text):
    return date.fromisoformat(text[:10])

"""A bank: it takes our payment files and answers them as banks do, early or late, in one line or many, and twice.

Plain Python, and its own reader of pain.001, so that it judges our files with other eyes than the addon's::

    bank = Bank("FR76…", opening_cents=120_000)
    message = bank.take(file)                       # a pain.001.001.03 or .09
    bank.refuse(message, "REL-1", "AC01")           # before it books
    report = bank.report(message, version="10")     # pain.002 with what it decided so far
    bank.book(message, how="silent")                # the rest, as one line
    bank.send_back("REL-2", "AC04")                 # some days later
    statement = bank.statement(day, version="08")   # camt.053 of everything since the last one
    bank.balance                                    # cents, by its own books
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from lxml import etree

from tests.support.addons import load
from tests.support.bank import Entry, camt053

_answers = load("aptic_settlement", "demo.bank_answers")
Told, pain002, camt054 = _answers.Told, _answers.pain002, _answers.camt054

HOW = ("each", "details", "silent", "total")


class Refused(Exception):
    """A file that the bank does not take at all, with its reason."""


@dataclass
class Payment:
    """One transfer as the bank knows it."""

    end_to_end: str
    cents: int
    iban: str
    name: str
    code: str = ""
    booked: bool = False
    returned: bool = False


@dataclass
class File:
    """One payment file: its blocks of payments."""

    message: str
    blocks: dict = field(default_factory=dict)
    whole_code: str = ""

    @property
    def payments(self):
        return [payment for block in self.blocks.values() for payment in block]


class Bank:
    """The bank of one account.

    :param iban: the segregated account
    :param opening_cents: its balance when the story begins
    """

    def __init__(self, iban, opening_cents=0):
        self.iban = iban.replace(" ", "")
        self.balance = self.told = opening_cents
        self.files, self.references, self.entries, self.number = {}, set(), [], 0

    # ------------------------------------------------------------------- take
    def take(self, data):
        """Take a payment file; return its identification.

        :raises Refused: another account, sums that do not match, an identification or a reference that came before
        """
        root = etree.fromstring(data)
        header = root.find("./{*}CstmrCdtTrfInitn/{*}GrpHdr")
        taken = File(header.findtext("{*}MsgId"))
        if taken.message in self.files:
            raise Refused(f"DUPL: {taken.message} came before")
        for block in root.iterfind("./{*}CstmrCdtTrfInitn/{*}PmtInf"):
            if block.findtext("{*}DbtrAcct/{*}Id/{*}IBAN") != self.iban:
                raise Refused("AC02: not an account of this sender")
            payments = [self._payment(node) for node in block.iterfind("{*}CdtTrfTxInf")]
            self._check_sum(block, payments)
            taken.blocks[block.findtext("{*}PmtInfId")] = payments
        self._check_sum(header, taken.payments)
        references = [payment.end_to_end for payment in taken.payments]
        if len(set(references)) < len(references) or self.references.intersection(references):
            raise Refused("AM05: a reference that came before")
        self.references.update(references)
        self.files[taken.message] = taken
        return taken.message

    @staticmethod
    def _payment(node):
        amount = node.find("{*}Amt/{*}InstdAmt")
        assert amount.get("Ccy") == "EUR"
        return Payment(
            end_to_end=node.findtext("{*}PmtId/{*}EndToEndId"),
            cents=int(Decimal(amount.text) * 100),
            iban=node.findtext("{*}CdtrAcct/{*}Id/{*}IBAN"),
            name=node.findtext("{*}Cdtr/{*}Nm"),
        )

    @staticmethod
    def _check_sum(node, payments):
        told = int(node.findtext("{*}NbOfTxs")), int(Decimal(node.findtext("{*}CtrlSum")) * 100)
        if told != (len(payments), sum(payment.cents for payment in payments)):
            raise Refused("AM10: the control sum does not match")

    def find(self, end_to_end):
        """Return the payment with this reference, of whatever file."""
        [found] = [each for taken in self.files.values() for each in taken.payments if each.end_to_end == end_to_end]
        return found

    # ----------------------------------------------------------------- decide
    def refuse(self, message, end_to_end=None, code="AC01"):
        """Refuse one payment of a file, or the file as a whole."""
        if end_to_end is None:
            self.files[message].whole_code = code
        for payment in self.files[message].payments:
            if end_to_end in (None, payment.end_to_end):
                payment.code = code

    def book(self, message, how="total"):
        """Book what is not refused and not booked yet.

        :param how: one line each (``each``); one line with the details of each (``details``), with their references
            only (``silent``) or with nothing but the file's identification (``total``)
        :return: the cents that left the account
        """
        waiting = [each for each in self.files[message].payments if not each.code and not each.booked]
        parts = tuple(
            Entry(-each.cents, text="VIR SEPA", end_to_end=each.end_to_end, name=each.name, iban=each.iban)
            for each in waiting
        )
        total = sum(each.cents for each in waiting)
        if how == "each":
            self.entries += parts
        elif total:
            batch = () if how == "total" else parts
            self.entries.append(Entry(-total, text="VIREMENTS", order=message, batch=batch, silent=how == "silent"))
        for each in waiting:
            each.booked = True
        self.balance -= total
        return total

    def send_back(self, end_to_end, code="AC04"):
        """The other bank sends a payment back: it is credited, with the reason."""
        payment = self.find(end_to_end)
        assert payment.booked and not payment.returned
        payment.returned, self.balance = True, self.balance + payment.cents
        entry = Entry(payment.cents, text="RETOUR", end_to_end=end_to_end, name=payment.name, return_code=code)
        self.entries.append(entry)
        return entry

    def receive(self, cents, text=""):
        """Money of somebody else arrives."""
        self.balance += cents
        self.entries.append(Entry(cents, text=text))

    # ----------------------------------------------------------------- answer
    def report(self, message, version="03", day=None):
        """Return the pain.002 of what was decided about a file so far."""
        taken = self.files[message]
        refused = [each for each in taken.payments if each.code]
        told = [Told(each.end_to_end, code=each.code, cents=each.cents) for each in refused]
        status = "PART" if refused else "ACCP"
        if taken.whole_code:
            told, status = [], "RJCT"
        return pain002(
            self._name("REP"), message, day or date.today(), told, group=status, group_code=taken.whole_code,
            block=next(iter(taken.blocks)), version=version,
        )  # fmt: skip

    def statement(self, day=None, version="02"):
        """Return the camt.053 of everything since the last one."""
        data = camt053(self.iban, self._name("RLV"), day or date.today(), self.told, self.entries, version=version)
        self.told, self.entries = self.balance, []
        return data

    def notice(self, entries, day=None, version="02"):
        """Return the camt.054 that announces movements; the statement brings them too."""
        return camt054(self.iban, self._name("AVIS"), day or date.today(), entries, version=version)

    def _name(self, kind):
        self.number += 1
        return f"{kind}-SIM-{self.number}"

"""The beneficiary's receipt of one act, in words and as a PDF. Plain Python; like all papers of the house in French.

It is no invoice. Vouchers are « bons à usages multiples » (domain.md, « Money, tax, accounts »): handing one over is
outside VAT, the service is taxed at the provider's. So the receipt states the whole price and who paid which part of
it, and names neither a rate nor an amount of VAT.
"""

from dataclasses import dataclass
from datetime import date, datetime

from odoo.addons.aptic_base.letter_pdf import (
    BODY,
    CELL,
    HEAD,
    HEAD_NUMBER,
    HEADING,
    NUMBER,
    SMALL,
    TITLE,
    build,
    paragraph,
    table,
)
from odoo.addons.aptic_voucher.codes import serial_digits
from odoo.addons.aptic_voucher.sheet import euros
from reportlab.lib.colors import HexColor
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Spacer

NO_INVOICE = "Ce reçu ne vaut pas facture."
VAT = (
    "Le chèque #APTIC est un bon à usages multiples : le remettre en paiement n'est pas soumis à la TVA. Le prix est "
    "celui que demande le prestataire, toutes taxes comprises ; s'il est redevable de la TVA, elle figure sur sa "
    "facture, que vous pouvez lui demander."
)
ALERT = ParagraphStyle("alert", parent=HEADING, fontSize=14, leading=18, textColor=HexColor("#b3261e"))
MARK = ParagraphStyle("mark", parent=HEADING, fontSize=11, leading=14)


@dataclass(frozen=True)
class Receipt:
    """What a receipt says.

    :ivar number: of the act
    :ivar copy: 0 while it is only looked at, 1 for the first one handed out, 2 and more for duplicates
    :ivar paid_at: when the service was paid, naive, in French time
    :ivar address: lines
    :ivar session: the pathway that the service belongs to, or empty
    """

    number: int
    paid_at: datetime
    provider: str
    siret: str
    place: str
    address: list[str]
    service: str
    price_cents: int
    face_cents: int
    copay_cents: int
    serials: list[int]
    session: str = ""
    copy: int = 0
    handed_on: date | None = None
    cancelled_on: date | None = None
    house: str = "#APTIC, le chèque culture numérique"

    @property
    def title(self) -> str:
        """The heading."""
        return f"Reçu n° {self.number}"

    @property
    def mark(self) -> str:
        """What tells a duplicate from the first one; empty on that."""
        if self.copy == 0:
            return "Aperçu à l'écran : ne vaut pas reçu."
        return f"Duplicata n° {self.copy - 1}, remis le {self.handed_on:%d/%m/%Y}" if self.copy > 1 else ""

    @property
    def warning(self) -> str:
        """What a cancelled act's receipt says before anything else."""
        if not self.cancelled_on:
            return ""
        return f"ANNULÉ le {self.cancelled_on:%d/%m/%Y} : ce reçu n'atteste plus aucun paiement."

    @property
    def facts(self) -> list[tuple[str, str]]:
        """Labels and values, in order."""
        return [
            ("Date", f"{self.paid_at:%d/%m/%Y} à {self.paid_at:%H:%M}"),
            ("Prestataire", self.provider),
            ("SIRET", grouped_siret(self.siret)),
            ("Lieu", ", ".join([self.place, *self.address])),
            ("Service", self.service),
            *([("Parcours", self.session)] if self.session else []),
        ]

    @property
    def vouchers_label(self) -> str:
        """How many vouchers paid."""
        count = len(self.serials)
        return f"Payé par {count} chèques #APTIC" if count > 1 else "Payé par un chèque #APTIC"

    @property
    def parts(self) -> list[tuple[str, str]]:
        """The price and who paid which part of it."""
        return [
            ("Prix du service", euros(self.price_cents)),
            (self.vouchers_label, euros(min(self.face_cents, self.price_cents))),
            ("Payé par le bénéficiaire", euros(self.copay_cents)),
        ]

    @property
    def vouchers(self) -> str:
        """The serials, as they are printed on the vouchers."""
        numbers = ", ".join(map(serial_digits, self.serials))
        return f"Numéros des chèques : {numbers}" if len(self.serials) > 1 else f"Numéro du chèque : {numbers}"

    @property
    def notes(self) -> list[str]:
        """What has to be said below."""
        lost = self.face_cents - self.price_cents
        given = f"Valeur remise : {euros(self.face_cents)}. Le chèque ne rend pas la monnaie."
        return [*([given] if lost > 0 else []), NO_INVOICE, VAT]

    @property
    def file_name(self) -> str:
        """Of the PDF."""
        return f"Reçu APTIC {self.number}{f' duplicata {self.copy - 1}' if self.copy > 1 else ''}.pdf"


def grouped_siret(siret: str) -> str:
    """Return a SIRET as it is written: three groups of three digits and one of five."""
    return f"{siret[:3]} {siret[3:6]} {siret[6:9]} {siret[9:]}".strip()


def draw(receipt: Receipt) -> bytes:
    """Draw the receipt on one A4 page; the same receipt gives the same bytes."""
    price, *paid = receipt.parts
    story = [
        paragraph(receipt.house, SMALL),
        paragraph(receipt.title, TITLE),
        *([paragraph(receipt.warning, ALERT)] if receipt.warning else []),
        *([paragraph(receipt.mark, MARK)] if receipt.mark else []),
        Spacer(0, 4 * mm),
        table([[paragraph(label, SMALL), paragraph(value, CELL)] for label, value in receipt.facts], (35, 135)),
        Spacer(0, 6 * mm),
        table(
            [
                [paragraph(price[0], HEAD), paragraph(price[1], HEAD_NUMBER)],
                *([paragraph(label), paragraph(amount, NUMBER)] for label, amount in paid),
            ],
            (130, 40),
            head=True,
        ),
        Spacer(0, 3 * mm),
        paragraph(receipt.vouchers, BODY),
        Spacer(0, 6 * mm),
        *(paragraph(note, SMALL) for note in receipt.notes),
    ]
    return build(receipt.title, f"#APTIC · reçu n° {receipt.number} · {receipt.provider}", story)

"""The beneficiary's receipt: both parts of the price, what it is not, and which copy it is."""

import io
from dataclasses import replace
from datetime import date, datetime

from odoo.tests import BaseCase, tagged
from pdfminer.high_level import extract_text

from .. import receipts

RECEIPT = receipts.Receipt(
    number=12,
    paid_at=datetime(2026, 11, 29, 14, 5),
    provider="Fablab de l'Été",
    siret="80295478400012",
    place="Atelier",
    address=["1 rue <du> Port", "33000 Bordeaux"],
    service="Premiers pas",
    price_cents=2250,
    face_cents=2000,
    copay_cents=250,
    serials=[7, 8],
    session="Parcours, séance 3 sur 5",
    copy=1,
    handed_on=date(2026, 11, 29),
)


def words(receipt):
    return " ".join(extract_text(io.BytesIO(receipts.draw(receipt))).split())


@tagged("post_install", "-at_install")
class TestReceiptPaper(BaseCase):
    def test_it_says_who_paid_what_to_whom(self):
        text = words(RECEIPT)
        for said in (
            "Reçu n° 12", "29/11/2026 à 14:05", "Fablab de l'Été", "802 954 784 00012",
            "Atelier, 1 rue <du> Port, 33000 Bordeaux",
            "Premiers pas", "séance 3 sur 5", "22,50 €", "Payé par 2 chèques #APTIC", "20 €",
            "Payé par le bénéficiaire",
            "2,50 €", "0000000007, 0000000008", "ne vaut pas facture", "bon à usages multiples",
        ):  # fmt: skip
            self.assertIn(said, text)
        for unsaid in ("uplicata", "ANNULÉ", "monnaie"):
            self.assertNotIn(unsaid, text)

    def test_parts_add_up_to_the_price_also_when_a_voucher_is_worth_more(self):
        receipt = replace(RECEIPT, price_cents=800, face_cents=1000, copay_cents=0, serials=[7])
        self.assertEqual([amount for _label, amount in receipt.parts], ["8 €", "8 €", "0 €"])
        self.assertIn("Valeur remise : 10 €. Le chèque ne rend pas la monnaie.", words(receipt))

    def test_every_copy_says_which_one_it_is(self):
        self.assertIn("Duplicata n° 2, remis le 29/11/2026", words(replace(RECEIPT, copy=3)))
        self.assertIn("Aperçu", words(replace(RECEIPT, copy=0, handed_on=None)))
        self.assertEqual(receipts.draw(RECEIPT), receipts.draw(RECEIPT))
        self.assertEqual(replace(RECEIPT, copy=2).file_name, "Reçu APTIC 12 duplicata 1.pdf")

    def test_a_cancelled_act_proves_nothing(self):
        self.assertIn(
            "ANNULÉ le 30/11/2026 : ce reçu n'atteste plus aucun paiement.",
            words(replace(RECEIPT, cancelled_on=date(2026, 11, 30))),
        )

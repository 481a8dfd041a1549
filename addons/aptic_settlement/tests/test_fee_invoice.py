"""The invoice of the fee, as it is printed: what French law wants to read on it."""

from types import SimpleNamespace
from unittest.mock import patch

from lxml import html
from odoo.addons.aptic_voucher.models import account_move
from odoo.fields import Command
from odoo.tests import tagged

from .test_fee_rules import FeeCase


def printed(invoice, path="//main", kind="html"):
    """The text of an invoice as it is printed, in the language of who gets it.

    :param path: of the nodes whose text is wanted
    :param kind: ``html`` or ``pdf``, which are told apart by the templates
    """
    reports = invoice.env["ir.actions.report"]
    page, _kind = reports._render_qweb_html("account.account_invoices", invoice.ids, {"report_type": kind})
    return " ".join(" ".join(node.text_content().split()) for node in html.fromstring(page).xpath(path))


@tagged("post_install", "-at_install")
class TestFeeInvoice(FeeCase):
    def test_it_is_complete(self):
        self.provider_a.partner_id.write({"lang": "fr_FR", "street": "1 rue du Port"})
        self._redeem(vouchers=3)
        statement = self._settlement(approved=True).statement_ids
        text = printed(statement.fee_move_id)
        for told in (
            self.provider_a.name,
            "1 rue du Port",
            self.provider_a.siret,
            f"Facture {statement.fee_move_id.name}",
            "contre-paiement de chèques",
            "TVA 20%",
            "1,20",
            f"retenus sur le décompte {statement.name}",
            "Retard de paiement",
            "40 €",
            "Pas d'escompte",
        ):
            self.assertIn(told, text)
        # The chart's tax that is due when it is invoiced is one of goods.
        self.assertEqual(self._kind(statement.fee_move_id), "Prestation de services")

    def test_who_sells_is_said_once(self):
        self._redeem(vouchers=3)
        invoice = self._settlement(approved=True).statement_ids.fee_move_id
        self.company.write({"vat": "FR23334175221", "company_registry": "33417522100015"})
        for patched, kind, there in ((False, "pdf", True), (True, "pdf", False), (False, "html", False)):
            wkhtmltopdf = SimpleNamespace(is_patched_qt=patched)
            with patch.object(account_move, "_wkhtml", return_value=wkhtmltopdf):
                seller = printed(invoice, "//div[@id='aptic_seller']", kind)
            for told in (self.company.name, "33417522100015", "FR23334175221"):
                self.assertEqual(told in seller, there, (patched, kind))

    def test_goods_are_still_goods(self):
        self.provider_a.partner_id.lang = "fr_FR"
        tax = self.company._aptic_fee_tax(2000)
        tax.tax_scope = "consu"
        products = self.env["product.product"].create(
            [{"name": "Affiche", "type": "consu"}, {"name": "Atelier", "type": "service"}]
        )
        for sold, kind in ((products[0], "Livraison de biens"), (products, "Opération mixte")):
            invoice = self.env["account.move"].create(
                {
                    "move_type": "out_invoice",
                    "partner_id": self.provider_a.partner_id.id,
                    "invoice_line_ids": [
                        Command.create({"product_id": product.id, "price_unit": 10, "tax_ids": [Command.set(tax.ids)]})
                        for product in sold
                    ],
                }
            )
            invoice.action_post()
            self.assertEqual(self._kind(invoice), kind)

    def _kind(self, invoice):
        return printed(invoice, "//div[@name='operation_type']/span")

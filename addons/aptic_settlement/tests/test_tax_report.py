"""The VAT report of a month: what is charged for services is in it, the value of vouchers is not."""

from datetime import datetime, time, timedelta

from odoo.addons.aptic_voucher import clock
from odoo.tests import tagged

from .test_reversal import ReversalCase


@tagged("post_install", "-at_install")
class TestTaxReport(ReversalCase):
    def _report(self, based_on="taxgroups"):
        """What OCA's report says of all days until today: ``{name: (net, tax)}``, in cents."""
        wizard = (
            self.env["vat.report.wizard"]
            .with_user(self.accountant)
            .create(
                {
                    "company_id": self.company.id,
                    "date_from": self.today - timedelta(days=730),
                    "date_to": self.today,
                    "based_on": based_on,
                    "tax_detail": True,
                }
            )
        )
        values = self.env["report.account_financial_report.vat_report"].with_user(self.accountant)
        rows = values._get_report_values(wizard.ids, wizard._prepare_report_data())["vat_report"]
        return {row["name"]: (round(-row["net"] * 100), round(-row["tax"] * 100)) for row in rows}

    def _moved(self, before, based_on="taxgroups"):
        """What the report says more than before."""
        moved = {}
        for name, figures in self._report(based_on).items():
            more = tuple(new - old for new, old in zip(figures, before.get(name, (0, 0)), strict=True))
            if any(more):
                moved[name] = more
        return moved

    def _vat_due(self):
        """What the accounts hold as VAT collected, in cents."""
        rates = self.env["account.tax"].search([("type_tax_use", "=", "sale"), ("company_id", "=", self.company.id)])
        accounts = rates.invoice_repartition_line_ids.account_id
        lines = self.env["account.move.line"].search(
            [("account_id", "in", accounts.ids), ("parent_state", "=", "posted")]
        )
        return -round(sum(lines.mapped("balance")) * 100)

    def test_fees_are_taxed_and_vouchers_are_not(self):
        before, boxes, due = self._report(), self._report("taxtags"), self._vat_due()
        order = self._order(quantity=20)
        self.assertFalse(order.face_move_id.line_ids.tax_ids, "20 vouchers of 10 euros are no turnover")
        self.assertEqual(self._moved(before), {"VAT 20%": (200, 40)}, "two booklets at one euro")
        act = self._spend(3)
        self._spend(4)
        self._first()
        figures = (200 + 233, 40 + 47)
        self.assertEqual(self._moved(before), {"VAT 20%": figures}, "4 % of 70 euros, tax included")
        self.assertEqual(self._moved(boxes, "taxtags"), dict.fromkeys(("A1", "08_base", "08_taxe"), figures))
        self._reverse(act)
        self._spend(4, at=self.before)
        self._second()
        figures = (433 - 100 + 133, 87 - 20 + 27)
        self.assertEqual(self._moved(before), {"VAT 20%": figures}, "the credit note takes its VAT back")
        self.assertEqual(self._moved(boxes, "taxtags"), dict.fromkeys(("A1", "08_base", "08_taxe"), figures))
        self.assertEqual(self._vat_due() - due, figures[1])

    def test_what_is_given_back_to_a_sponsor_changes_nothing(self):
        order = self._order(quantity=20, state="delivered")
        self._fund(order)
        order._activate()
        before = self._report()
        with clock.at(datetime.combine(order._last_accepted_day() + timedelta(days=1), time(9))):
            order._expire()
            order._draw_closing().sudo()._sign()
            order.with_user(self.accountant)._return_unused()
        self.assertEqual(order.return_move_id.amount_total, 200)
        self.assertEqual(self._moved(before), {})

    def test_the_reports_are_the_accountants(self):
        menu = self.env.ref("account_financial_report.menu_oca_reports")
        menus = self.env["ir.ui.menu"]
        self.assertIn(menu.id, menus.with_user(self.accountant)._visible_menu_ids())
        self.assertNotIn(menu.id, menus.with_user(self.staff)._visible_menu_ids())

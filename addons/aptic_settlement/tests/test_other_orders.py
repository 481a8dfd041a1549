from odoo.exceptions import UserError
from odoo.tests import tagged

from .test_money_back import MoneyBackCase
from .test_payout import PayoutCase


@tagged("post_install", "-at_install")
class TestOtherOrders(PayoutCase):
    """A payment order of OCA's own: free for what the operator owes, never for what is owed to providers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ours = cls.company._aptic_payment_mode()
        own = cls.env["res.partner.bank"].create(
            {"acc_number": "FR7614508059401234567890182", "partner_id": cls.company.partner_id.id}
        )
        journal = cls.env["account.journal"].create(
            {"name": "Banque", "code": "BNQX", "type": "bank", "bank_account_id": own.id}
        )
        cls.own_mode = cls.ours.copy({"name": "Virements", "fixed_journal_id": journal.id})
        cls._redeem()
        cls.settlement = cls._settlement(approved=True)
        cls.statement = cls.settlement.statement_ids

    def _draft(self, mode):
        orders = self.env["account.payment.order"].with_user(self.accountant)
        return orders.create({"payment_mode_id": mode.id})

    def _line(self, order, **vals):
        """A line of the order, as an accountant writes it: 5 € to a supplier, unless said otherwise."""
        supplier = self.env["res.partner"].create({"name": "Fournisseur", "city": "Pau"})
        account = self.env["res.partner.bank"].create(
            {"acc_number": "FR7630004000031234567890143", "partner_id": supplier.id}
        )
        return order.payment_line_ids.create(
            {
                "order_id": order.id,
                "partner_id": supplier.id,
                "partner_bank_id": account.id,
                "amount_currency": 5,
                "communication": "Loyer",
                **vals,
            }
        )

    def test_what_is_owed_to_providers_is_paid_by_its_settlement_only(self):
        item = self.statement._payable_item()
        for mode in (self.ours, self.own_mode):
            order = self._draft(mode)
            with self.assertRaisesRegex(UserError, "settlement"), self.env.cr.savepoint():
                item.with_user(self.accountant).create_payment_line_from_move_line(order)
        line = self._line(self._draft(self.own_mode))
        with self.assertRaisesRegex(UserError, "settlement"), self.env.cr.savepoint():
            line.write({"move_line_id": item.id})
        with self.assertRaisesRegex(UserError, "settlement"), self.env.cr.savepoint():
            line.sudo().write({"move_line_id": item.id})
        self.assertTrue(self._pay(self.settlement))

    def test_the_segregated_account_pays_nothing_else(self):
        with self.assertRaisesRegex(UserError, "segregated"), self.env.cr.savepoint():
            self._line(self._draft(self.ours))
        order = self._draft(self.own_mode)
        self._line(order)
        with self.assertRaisesRegex(UserError, "segregated"), self.env.cr.savepoint():
            self._line(order).order_id = self._draft(self.ours)

    def test_nor_what_was_in_a_draft_before(self):
        item = self.statement._payable_item()
        order = self._draft(self.own_mode)
        line = self._line(order)
        for column, value, words in (
            ("account_payment_line.move_line_id", item.id, "settlement"),
            ("account_payment_order.journal_id", self.journal.id, "segregated"),
        ):
            table, name = column.split(".")
            for verb in ("draft2open", "open2generated"):
                with self.subTest(column, verb=verb), self.env.cr.savepoint() as point:
                    if verb == "open2generated":
                        order.draft2open()
                    record = line if table == "account_payment_line" else order
                    self.env.flush_all()
                    self.env.cr.execute(f"UPDATE {table} SET {name} = %s WHERE id = %s", [value, record.id])
                    self.env.invalidate_all()
                    with self.assertRaisesRegex(UserError, words):
                        getattr(order, verb)()
                    point.rollback()
                    self.env.invalidate_all()

    def test_what_the_operator_owes_is_free(self):
        order = self._draft(self.own_mode)
        self._line(order)
        order.draft2open()
        order.open2generated()
        self.assertEqual(order.state, "generated")
        self.assertFalse(order.aptic_file_hash, "an order of OCA's own")

    def test_where_no_account_is_segregated_nothing_is_refused(self):
        mode = self.own_mode.copy({"bank_account_link": "variable", "fixed_journal_id": False})
        order = self._draft(mode)
        order.sudo().journal_id = False
        self.company.aptic_bank_journal_id = False
        self.assertEqual(self._line(order).amount_currency, 5)

    def test_an_order_is_ours_whatever_its_first_line(self):
        order = self._pay(self.settlement)
        other = self._line(self._draft(self.own_mode)).sudo()
        self.env.flush_all()
        self.env.cr.execute("UPDATE account_payment_line SET order_id = %s WHERE id = %s", [order.id, other.id])
        self.env.cr.execute("UPDATE account_payment_line SET id = -id WHERE id = %s", [other.id])
        self.env.invalidate_all()
        self.assertFalse(order.payment_line_ids.sorted("id")[0].aptic_end_to_end)
        self.assertTrue(order._aptic_is_ours())

    def test_a_claim_in_an_order_of_old_is_not_paid_twice(self):
        line = self._line(self._draft(self.own_mode))
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE account_payment_line SET move_line_id = %s WHERE id = %s",
            [self.statement._payable_item().id, line.id],
        )
        self.env.invalidate_all()
        self.assertFalse(self._pay(self.settlement))


@tagged("post_install", "-at_install")
class TestRefundOrders(MoneyBackCase):
    def test_a_sponsor_s_refund_may_go_by_an_order(self):
        order = self._expired_order()
        self._returned(order)
        item = order.return_move_id.line_ids.filtered(lambda item: item.account_type == "asset_receivable")
        account = self.env["res.partner.bank"].create(
            {"acc_number": "FR7630004000031234567890143", "partner_id": item.partner_id.id}
        )
        mode = self.company._aptic_payment_mode()
        orders = self.env["account.payment.order"].with_user(self.accountant)
        refund = orders.create({"payment_mode_id": mode.id})
        line = item.with_user(self.accountant).create_payment_line_from_move_line(refund)
        line.partner_bank_id = account
        self.assertEqual(line.amount_currency, 100)
        for wrong in ({"amount_currency": 100.01}, {"partner_id": self.sponsor_b.partner_id.id}):
            with self.subTest(**wrong), self.assertRaisesRegex(UserError, "segregated"), self.env.cr.savepoint():
                line.write(wrong)
        other = self.env["res.partner.bank"].create(
            {"acc_number": "FR7610107001011234567890129", "partner_id": self.sponsor_b.partner_id.id}
        )
        with self.assertRaisesRegex(UserError, "segregated"), self.env.cr.savepoint():
            line.partner_bank_id = other
        with self.assertRaisesRegex(UserError, "segregated"), self.env.cr.savepoint():
            item.with_user(self.accountant).create_payment_line_from_move_line(
                orders.create({"payment_mode_id": mode.id})
            )
        refund.draft2open()
        self.assertEqual(refund.state, "open")

from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from .test_payout import PayoutCase

IBAN = "FR7630001007941234567890185"
NEW_IBAN = "FR7630004000031234567890143"


@tagged("post_install", "-at_install")
class TestKeptAccounts(PayoutCase):
    """Nobody alone writes where a provider's money goes: neither its account nor the BIC of its bank."""

    def _accept(self, iban=NEW_IBAN, holder="Association A", bic=""):
        changes = self.env["aptic.bank.change"]
        change = changes.with_user(self.manager_a)._request(self.provider_a, iban, holder, bic=bic)
        changes.browse(change.id).with_user(self.second_accountant)._approve()
        return self.provider_a.bank_account_id

    def _all_refused(self, account):
        """Every way by which an accountant could write on this account."""
        account = account.with_user(self.accountant)
        bank = self.env["res.bank"].create({"name": "Banque", "bic": "AGRIFRPP"})
        other = self.env["res.partner"].create({"name": "Autre"})
        ways = [
            lambda: account.write({"acc_number": NEW_IBAN[:-3] + "999"}),
            lambda: account.write({"sanitized_acc_number": NEW_IBAN[:-3] + "999"}),
            lambda: account.write({"acc_holder_name": "Voleur"}),
            lambda: account.write({"partner_id": other.id}),
            lambda: account.write({"bank_id": bank.id}),
            lambda: account.write({"active": False}),
            lambda: account.with_context(aptic_account=True).write({"acc_number": "1"}),
            lambda: account.sudo().write({"acc_number": "1"}),
            lambda: account.sudo().partner_id.write(
                {"name": "Voleur", "bank_ids": [Command.update(account.id, {"acc_number": "1"})]}
            ),
            account.action_archive_bank,
            account.unlink,
        ]
        for number, way in enumerate(ways):
            refused = self.assertRaisesRegex(UserError, "change of its bank details")
            with self.subTest(number), refused, self.env.cr.savepoint():
                way()

    def test_the_account_in_force_is_not_written_by_hand(self):
        account = self.provider_a.bank_account_id
        self._all_refused(account)
        account.with_user(self.accountant).write({"acc_number": account.acc_number, "note": "Vu"})
        self.assertEqual((account.sanitized_acc_number, account.note, account.active), (IBAN, "Vu", True))

    def test_nor_one_that_was_paid_to(self):
        former = self.provider_a.bank_account_id
        self._redeem()
        order = self._pay(self._settlement(approved=True))
        order.generated2uploaded()
        self.assertNotEqual(self._accept(), former)
        self._all_refused(former)
        self.assertEqual(self._accept(IBAN), former, "two persons take it back into force")

    def test_two_persons_write_over_it(self):
        account = self._accept(bic="BNPAFRPP")
        self.assertEqual(self._accept(holder="Association A bis"), account)
        self.assertEqual(account.acc_holder_name, "Association A bis")

    def test_accounts_of_others_are_free(self):
        mine = self.env["res.partner.bank"].create(
            {"acc_number": NEW_IBAN, "partner_id": self.provider_a.partner_id.id}
        )
        supplier = self.env["res.partner.bank"].create(
            {"acc_number": NEW_IBAN, "partner_id": self.env["res.partner"].create({"name": "Fournisseur"}).id}
        )
        for account in (mine + supplier).with_user(self.accountant):
            account.write({"acc_number": IBAN[:-3] + "999", "acc_holder_name": "Autre"})
            account.unlink()
            self.assertFalse(account.active)

    def test_the_bic_of_its_bank_neither(self):
        bank = self._accept(bic="BNPAFRPP").bank_id
        free = self.env["res.bank"].create({"name": "Banque", "bic": "AGRIFRPP"})
        for way in (
            lambda: bank.with_user(self.accountant).write({"bic": "AGRIFRPP"}),
            lambda: self.provider_a.bank_account_id.with_user(self.accountant).write({"bank_bic": "AGRIFRPP"}),
            bank.with_user(self.accountant).unlink,
        ):
            refused = self.assertRaisesRegex(UserError, "change of its bank details")
            with refused, self.env.cr.savepoint():
                way()
        bank.with_user(self.accountant).write({"name": "La banque", "bic": "bnpafrpp"})
        free.with_user(self.accountant).write({"bic": "CEPAFRPP"})
        free.with_user(self.accountant).unlink()

    def test_a_new_name_leaves_the_holder(self):
        account = self._accept(holder=self.provider_a.name)
        before = self.provider_a.name
        self.provider_a.partner_id.name = "Voleur"
        self.assertEqual(account.acc_holder_name, before)
        other = self.env["res.partner"].create({"name": "Fournisseur"})
        free = self.env["res.partner.bank"].create({"acc_number": NEW_IBAN, "partner_id": other.id})
        other.name = "Fournisseur bis"
        self.assertEqual(free.acc_holder_name, "Fournisseur bis", "as in all of Odoo")

    # ------------------------------------------------------------------- file
    def test_an_account_that_is_not_the_accepted_one_is_not_paid(self):
        account = self._accept()
        self._redeem()
        self._redeem(self.place_b)
        settlement = self._settlement(approved=True)
        self.env.cr.execute(
            "UPDATE res_partner_bank SET acc_number = %s, sanitized_acc_number = %s WHERE id = %s",
            ["FR7630006000011234567890189", "FR7630006000011234567890189", account.id],
        )
        self.env.invalidate_all()
        with (
            patch.object(type(self.provider_a), "_payout_blockers", lambda providers: {}),
            self.assertRaisesRegex(UserError, "would pay Acteur A .* to another account"),
            self.env.cr.savepoint(),
        ):
            self._pay(settlement)
        order = self._pay(settlement)
        self.assertEqual(order.payment_line_ids.partner_id, self.provider_b.partner_id, "the others are paid")
        blocked = self._statement(settlement, self.provider_a)
        self.assertIn("accepted last", blocked.payout_blocker)

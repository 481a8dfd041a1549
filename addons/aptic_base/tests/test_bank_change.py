from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from .common import ApticCase

IBAN = "FR76 2004 1010 0100 0010 0111 185"
OTHER_IBAN = "FR76 3000 4008 0000 0010 0222 228"


@tagged("post_install", "-at_install")
class TestBankChange(ApticCase):
    def _request(self, provider=None, user=None, iban=IBAN, **values):
        model = self.env["aptic.bank.change"].with_user(user or self.manager_a)
        change = model._request(provider or self.provider_a, iban, "Association A", **values)
        return self.env["aptic.bank.change"].browse(change.id)

    def test_a_request_freezes_payouts_until_another_person_approves(self):
        change = self._request()
        self.assertEqual((change.state, change.requested_by_id), ("requested", self.manager_a))
        self.assertTrue(self.provider_a.payout_frozen)
        self.assertFalse(self.provider_b.payout_frozen)
        self.assertFalse(self.provider_a.bank_account_id)
        change.with_user(self.accountant).action_approve()
        account = self.provider_a.bank_account_id
        self.assertFalse(self.provider_a.payout_frozen)
        self.assertEqual(account.sanitized_acc_number, IBAN.replace(" ", ""))
        self.assertEqual(account.partner_id, self.provider_a.partner_id)
        self.assertEqual(account.acc_holder_name, "Association A")
        self.assertEqual(account.bank_id.bic, "PSSTFRPP")
        self.assertEqual(change.decided_by_id, self.accountant)
        self.assertTrue(change.decided_on)

    def test_nobody_approves_his_own_request(self):
        change = self._request(user=self.accountant)
        for verb in ("action_approve", "action_refuse"):
            with self.assertRaisesRegex(UserError, "another person"):
                getattr(change.with_user(self.accountant), verb)()
        self.assertEqual(change.state, "requested")
        change.with_user(self.staff_manager).action_approve()
        self.assertEqual(change.state, "approved")

    def test_the_database_wants_two_persons_too(self):
        change = self._request(user=self.accountant)
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.cr.savepoint():
            change._guarded_write({"decided_by_id": self.accountant.id})
            change.flush_recordset()

    def test_only_accountants_and_managers_of_aptic_decide(self):
        change = self._request()
        reviewer_only = new_test_user(self.env, "aptic_reviewer_only", "aptic_base.group_aptic_reviewer")
        for user in (self.staff, reviewer_only, self.manager_a, self.manager_b, self.stranger, self.sponsor_user_a):
            with self.assertRaises(AccessError):
                change.with_user(user).action_approve()
            with self.assertRaises(AccessError):
                change.with_user(user).sudo().action_approve()
        self.assertEqual(change.state, "requested")

    def test_a_refusal_keeps_the_account_in_force(self):
        self._request().with_user(self.accountant).action_approve()
        before = self.provider_a.bank_account_id
        change = self._request(iban=OTHER_IBAN)
        change.with_user(self.accountant).write({"reason": "Le titulaire n'est pas l'association."})
        change.with_user(self.accountant).action_refuse()
        self.assertEqual(self.provider_a.bank_account_id, before)
        self.assertFalse(self.provider_a.payout_frozen)
        with self.assertRaises(UserError):
            change.with_user(self.staff_manager).action_approve()

    def test_an_earlier_account_comes_back(self):
        self._request().with_user(self.accountant).action_approve()
        first = self.provider_a.bank_account_id
        self._request(iban=OTHER_IBAN).with_user(self.accountant).action_approve()
        self.assertNotEqual(self.provider_a.bank_account_id, first)
        self._request().with_user(self.accountant).action_approve()
        self.assertEqual(self.provider_a.bank_account_id, first)

    def test_the_decider_sees_who_else_is_paid_to_the_account(self):
        self._request().with_user(self.accountant).action_approve()
        change = self._request(self.provider_b, self.manager_b)
        self.assertEqual(change.with_user(self.accountant).same_account_provider_ids, self.provider_a)
        self.assertFalse(self.provider_a.bank_change_ids.same_account_provider_ids)

    def test_one_request_at_a_time(self):
        self._request()
        with self.assertRaises(UserError):
            self._request(iban=OTHER_IBAN)
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.cr.savepoint():
            self.env["aptic.bank.change"].create(
                {"provider_id": self.provider_a.id, "iban": OTHER_IBAN, "holder_name": "Autre"}
            )

    def test_bad_accounts_are_refused_in_plain_words(self):
        for iban, bic, words in (
            ("FR76 2004 1010 0100 0010 0111 186", "", "IBAN is not valid"),
            ("", "", "IBAN is not valid"),
            ("FR76' OR 1=1 --", "", "IBAN is not valid"),
            (IBAN, "XX", "BIC is not valid"),
            (IBAN, "DEUTDEFF", "another country"),
            (IBAN, "BCADNCNN", "SEPA"),
            ("FR7617499000010000100011177", "", "SEPA"),
            ("TN5910006035183598478831", "", "SEPA"),
        ):
            with self.subTest(iban=iban, bic=bic), self.assertRaisesRegex(ValidationError, words):
                self._request(iban=iban, bic=bic)
        with self.assertRaises(UserError):
            self.env["aptic.bank.change"]._request(self.provider_a, IBAN, "  ")

    def test_a_request_is_never_rewritten_or_deleted(self):
        change = self._request()
        for values in ({"iban": OTHER_IBAN}, {"holder_name": "Voleur"}, {"provider_id": self.provider_b.id}):
            with self.assertRaises(UserError):
                change.with_user(self.accountant).write(values)
        for values in ({"state": "approved"}, {"requested_by_id": self.staff.id}):
            with self.assertRaises(UserError):
                change.with_user(self.staff_manager).write(values)
        with self.assertRaises(UserError):
            change.unlink()

    def test_staff_cannot_ask_in_the_name_of_another(self):
        with self.assertRaises(UserError):
            self.env["aptic.bank.change"].with_user(self.accountant).create(
                {
                    "provider_id": self.provider_a.id,
                    "iban": IBAN,
                    "holder_name": "Association A",
                    "requested_by_id": self.manager_a.id,
                }
            )

    def test_the_account_in_force_is_set_by_approval_only(self):
        account = self.env["res.partner.bank"].create(
            {"partner_id": self.provider_a.partner_id.id, "acc_number": OTHER_IBAN}
        )
        with self.assertRaises(UserError):
            self.provider_a.with_user(self.staff_manager).bank_account_id = account

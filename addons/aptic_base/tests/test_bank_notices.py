from odoo.exceptions import ValidationError
from odoo.tests import tagged

from ..uploads import Upload
from .common import ApticCase
from .test_papers import small_pdf

IBAN = "FR76 2004 1010 0100 0010 0111 185"


@tagged("post_install", "-at_install")
class TestBankNotices(ApticCase):
    """A change of bank details is heard of by every manager, and by whoever was one until the other day."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second, cls.second_member = cls._member(cls.provider_a, "manager", "second_a")
        cls.provider_a.lang = "en_US"
        cls.env.company.email = "bonjour@example.org"

    def _request(self, **values):
        changes = self.env["aptic.bank.change"].with_user(self.manager_a)
        return changes.browse(changes._request(self.provider_a, IBAN, "Association A", **values).id)

    def _told(self):
        message = self.provider_a.message_ids[:1]
        self.assertEqual(message.notified_partner_ids, (self.manager_a | self.second).partner_id)
        self.assertIn("bonjour@example.org", message.body)
        self.assertIn("change your password", message.body)
        self.assertIn("ending in 1185", message.body)
        self.assertNotIn("0100", message.body, "the account is named by its end only")
        return message

    def _mails_to(self, address):
        return self.env["mail.mail"].sudo().search([("email_to", "=", address)])

    def test_every_manager_hears_of_the_request_the_approval_and_the_refusal(self):
        change = self._request()
        message = self._told()
        self.assertIn("frozen", message.body)
        change.with_user(self.accountant).action_approve()
        self.assertIn("From now on", self._told().body)
        change = self._request()
        change.with_user(self.accountant).write({"reason": "Le titulaire n'est pas l'association."})
        change.with_user(self.accountant).action_refuse()
        self.assertIn("Le titulaire", self._told().body)

    def test_the_address_of_before_is_told_too(self):
        self.cr.precommit.run()  # what was created is tracked from here on
        self.second.partner_id.email = "voleur@example.net"
        self.cr.precommit.run()
        self.assertEqual(self.provider_a._former_addresses(), ["second_a@example.org"])
        self._request()
        mail = self._mails_to("second_a@example.org")
        self.assertEqual(len(mail), 1)
        self.assertIn("change your password", mail.body_html)
        self.assertFalse(mail.attachment_ids)
        self.assertFalse(self._mails_to("voleur@example.net"), "a member: told as such")

    def test_a_manager_revoked_the_other_day_is_told_too(self):
        self.second_member.active = False
        self.assertEqual(self.provider_a._former_addresses(), ["second_a@example.org"])
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE aptic_member SET write_date = now() - interval '91 days' WHERE id = %s", (self.second_member.id,)
        )
        self.second_member.invalidate_recordset()
        self.assertEqual(self.provider_a._former_addresses(), [])
        self.assertEqual(self.provider_b._former_addresses(), [])

    def test_the_document_goes_into_the_dossier_and_is_not_mailed(self):
        change = self._request(files=[Upload(small_pdf(), "rib.pdf", "application/pdf", 1)])
        paper = self.provider_a.paper_ids
        self.assertEqual((paper.type_id.code, paper.state), ("association_rib", "received"))
        self.assertEqual(change.with_user(self.accountant).paper_state, "received")
        self.assertFalse(self.provider_a.message_ids.attachment_ids)
        self.assertFalse(
            self.env["aptic.bank.change"].with_user(self.accountant).browse(change.id).message_attachment_count
        )

    def test_a_bad_account_keeps_no_document(self):
        with self.assertRaisesRegex(ValidationError, "IBAN"), self.cr.savepoint():
            self.env["aptic.bank.change"].with_user(self.manager_a)._request(
                self.provider_a, "FR76", "Association A", files=[Upload(small_pdf(), "rib.pdf", "application/pdf", 1)]
            )
        self.assertFalse(self.provider_a.paper_ids)

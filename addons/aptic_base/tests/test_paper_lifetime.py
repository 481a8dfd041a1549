import os
from datetime import timedelta
from unittest.mock import patch

from dateutil.relativedelta import relativedelta
from freezegun import freeze_time
from odoo import fields
from odoo.addons.base.models.ir_attachment import IrAttachment
from odoo.addons.base.models.ir_cron import IrCron
from odoo.tests import tagged

from .test_papers import PaperCase

AFTER = 2  # days: counted forth and back again, a month from the end of a short one is a day off


class LifetimeCase(PaperCase):
    def _run(self, cron, days=0, **more):
        """Run a cron some time ahead, without its commits; return the messages to the company that it made."""
        before = self.company.message_ids
        later = fields.Datetime.now() + relativedelta(days=days, **more)
        with (
            patch.object(IrCron, "_commit_progress", lambda *args, **kwargs: float("inf")),
            patch.object(IrAttachment, "_gc_file_store", IrAttachment._gc_file_store_unsafe),
            freeze_time(later),
        ):
            self.env.invalidate_all()
            getattr(self.papers, cron)()
        self.env.invalidate_all()
        return self.company.message_ids - before


@tagged("post_install", "-at_install")
class TestPaperReminders(LifetimeCase):
    def setUp(self):
        super().setUp()
        self._accept_papers(self.company)
        self.identity = self.company.paper_ids.filtered(lambda paper: paper.type_id.code == "company_id")
        self.identity._guarded_write({"checked_by_id": self.reviewer.id})
        self.identity.expires_on = self.today + timedelta(days=100)
        self.company._guarded_write({"state": "active"})

    def test_managers_are_told_30_and_7_days_before_and_on_the_day_once_each(self):
        told = {day: self._run("_cron_remind", day) for day in (69, 70, 71, 92, 93, 94, 99, 100, 101, 102)}
        self.assertEqual([day for day, messages in told.items() if messages], [70, 93, 100])
        for day in (70, 93, 100):
            self.assertIn("Identity document of an authorised representative", told[day].body)
            self.assertEqual(told[day].notified_partner_ids, self.boss.partner_id)
            self.assertFalse(told[day].attachment_ids)

    def test_days_without_the_cron_are_made_up_for(self):
        self.assertTrue(self._run("_cron_remind", 96), "the 7 days, not the 30 as well")
        self.assertFalse(self._run("_cron_remind", 97))
        self.assertTrue(self._run("_cron_remind", 130), "the end")
        self.assertFalse(self._run("_cron_remind", 131))

    def test_nobody_is_reminded_of_what_was_sent_already(self):
        self._receive(self.identity.type_id)
        self.assertFalse(self._run("_cron_remind", 71))

    def test_former_providers_are_left_in_peace(self):
        self.company._strike_off("request", "Au revoir.")
        self.assertFalse(self._run("_cron_remind", 71))

    def test_the_team_hears_of_it_on_the_day(self):
        self._run("_cron_remind", 71)
        self.assertFalse(self.company.activity_ids)
        self._run("_cron_remind", 100)
        self.assertEqual(self.company.activity_ids.user_id, self.reviewer)

    def test_scanning_goes_on_and_a_suspension_is_proposed_after_the_grace(self):
        self._run("_cron_overdue", 160)
        self.assertFalse(self.company.activity_ids)
        for _time in range(2):
            self._run("_cron_overdue", 161)
            self.assertEqual(self.company.state, "active", "a person decides")
            self.assertEqual(len(self.company.activity_ids), 1)
        self.assertIn("suspension", self.company.activity_ids.summary)

    def test_a_suspension_for_papers_ends_with_the_last_accepted_paper(self):
        self.identity.expires_on = self.today
        with freeze_time(fields.Datetime.now() + timedelta(days=90)):
            self.company._suspend("papers", "La pièce d'identité a expiré.")
            paper = self._receive(self.identity.type_id, expires_on=self.today + timedelta(days=900))
            self.assertEqual(self.company.state, "suspended")
            paper.with_user(self.reviewer).action_accept()
        self.assertEqual(self.company.state, "active")


@tagged("post_install", "-at_install")
class TestPaperRetention(LifetimeCase):
    def setUp(self):
        super().setUp()
        self.owner = self._owner(self.company)
        self.paper = self._receive(self.kyc, owner=self.owner)
        self.attachment = self._attachment(self.paper)
        self.path = IrAttachment._full_path(self.env["ir.attachment"], self.attachment.store_fname)
        self.assertTrue(os.path.exists(self.path))

    def _attachment(self, paper):
        return (
            self.env["ir.attachment"]
            .sudo()
            .search([("res_model", "=", "aptic.paper"), ("res_field", "=", "document"), ("res_id", "=", paper.id)])
        )

    def _assert_erased(self):
        self.assertEqual(self.paper.state, "erased")
        self.assertFalse(self.attachment.exists())
        self.assertFalse(os.path.exists(self.path), "the file itself is gone")
        for name in ("document", "filename", "mimetype", "issued_on", "expires_on", "owner_id", "received_by_id"):
            self.assertFalse(self.paper.sudo()[name], name)
        self.assertFalse(self.paper.message_ids)
        self.assertEqual((self.paper.type_id, self.paper.provider_id), (self.kyc, self.company), "a trace stays")

    def test_a_refused_document_is_erased_three_months_later(self):
        self.paper.reason = "Floue"
        self.paper.with_user(self.reviewer).action_refuse()
        self._run("_cron_erase", months=3, days=-1)
        self.assertEqual(self.paper.state, "refused")
        self._run("_cron_erase", months=3, days=AFTER)
        self._assert_erased()
        self.assertFalse(self.paper.reason)
        self.assertEqual(self.owner.name, "Ada Martin (test)", "the declaration itself goes on")

    def test_a_replaced_document_is_erased_and_the_newer_one_stays(self):
        newer = self._receive(self.kyc, owner=self.owner)
        self._run("_cron_erase", months=3, days=AFTER)
        self._assert_erased()
        self.assertTrue(self._attachment(newer).raw.startswith(b"%PDF"))

    def test_everything_of_a_former_provider_goes_five_years_after_its_end(self):
        self.paper.with_user(self.reviewer).action_accept()
        self.company._strike_off("request", "Au revoir.")
        self.assertEqual(self.company.relation_ended_on, self.today)
        self._run("_cron_erase", years=5, days=-1)
        self.assertEqual((self.paper.state, self.owner.name), ("accepted", "Ada Martin (test)"))
        self._run("_cron_erase", years=5, days=AFTER)
        self._assert_erased()
        self.assertEqual((self.owner.name, self.owner.birth_date, self.owner.share), (False, False, 0))
        self.assertFalse(self.owner.country_id)

    def test_an_active_provider_keeps_its_dossier_for_as_long_as_it_stays(self):
        self.paper.with_user(self.reviewer).action_accept()
        self.company._guarded_write({"state": "active"})
        self._run("_cron_erase", years=12)
        self.assertEqual((self.paper.state, self.owner.name), ("accepted", "Ada Martin (test)"))

    def test_whoever_never_became_active_is_forgotten_too(self):
        self.env.flush_all()
        self._run("_cron_erase", years=4)
        self.assertEqual(self.paper.state, "received")
        self._run("_cron_erase", years=6)
        self._assert_erased()
        self.assertFalse(self.owner.name)

    def test_a_withdrawn_owner_is_forgotten_with_the_documents(self):
        self.owner._withdraw()
        self.assertEqual(self.paper.state, "replaced")
        self._run("_cron_erase", months=4)
        self._assert_erased()
        self.assertFalse(self.owner.name)

    def test_openings_outlive_the_document(self):
        self.papers.with_user(self.boss).browse(self.paper.id)._hand_out("192.0.2.7")
        self.company._strike_off("request", "Au revoir.")
        self._run("_cron_erase", years=6)
        self.assertEqual(self.paper.sudo().opening_ids.user_id, self.boss)
        self.assertNotIn("papier.pdf", str(self.paper.sudo().read()[0]) + str(self.company.message_ids.mapped("body")))

    def test_the_settings_say_how_long(self):
        parameters = self.env["ir.config_parameter"]
        parameters.set_param("aptic_base.papers_keep_refused_months", "1")
        parameters.set_param("aptic_base.papers_keep_years", "nonsense")
        self._receive(self.kyc, owner=self.owner)
        self._run("_cron_erase", months=1, days=AFTER)
        self._assert_erased()

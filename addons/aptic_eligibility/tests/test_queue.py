from odoo.tests import tagged

from .common import EligibilityCase


@tagged("post_install", "-at_install")
class TestQueuesOfJoining(EligibilityCase):
    """The overview's queues and the activities of applications and kits."""

    def _counts(self, user):
        return {queue["key"]: queue["count"] for queue in self.env["aptic.queue"].with_user(user).overview()}

    def test_an_application_waits_until_it_is_decided(self):
        before = self._counts(self.reviewer)["application"]
        application = self._answer(self._start())
        self.assertEqual(self._counts(self.reviewer)["application"], before + 1)
        activity = application.sudo().activity_ids
        self.assertEqual(activity.activity_type_id, self.env.ref("aptic_eligibility.activity_review_application"))
        self.assertTrue(activity.user_id.has_group("aptic_base.group_aptic_reviewer"))
        application.with_user(self.reviewer)._decide(application.proposal)
        self.assertFalse(application.sudo().activity_ids)
        self.assertEqual(self._counts(self.reviewer)["application"], before)
        self.assertNotIn("application", self._counts(self.staff))

    def test_a_kit_waits_until_it_is_sent(self):
        self.place_a.write({"street": "4 rue des Hangars", "zip": "33300"})
        before = self._counts(self.staff)["kit"]
        kit = self.env["aptic.kit"]._prepare_welcome(self.provider_a)
        self.assertEqual(self._counts(self.staff)["kit"], before + 1)
        self.assertEqual(kit.activity_ids.activity_type_id, self.env.ref("aptic_eligibility.activity_send_kit"))
        kit.write({"serial": "DS-0009"})
        kit._send()
        self.assertFalse(kit.activity_ids)
        self.assertEqual(self._counts(self.staff)["kit"], before)

    def test_every_queue_opens_by_a_filter_that_exists(self):
        for user in (self.reviewer, self.staff_manager):
            queues = self.env["aptic.queue"].with_user(user)
            for queue in queues._my_queues():
                action = queues.open_queue(queue["key"])
                search = self.env[queue["model"]].get_view(
                    self.env["ir.actions.act_window"].browse(action["id"]).search_view_id.id, "search"
                )
                self.assertIn(f'name="{queue["filter"]}"', search["arch"], queue["key"])

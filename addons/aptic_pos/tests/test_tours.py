from odoo.tests import HttpCase, tagged

from .common import DeskCase


@tagged("post_install", "-at_install")
class TestTours(DeskCase, HttpCase):
    def test_scan(self):
        """Scanner and keyboard only: refused, paid in part, paid in full with two vouchers, looked at again."""
        self._offer(self.provider_a, self.other_service, 2000)
        page = f"/my/aptic/scan?tour_codes={','.join(self.codes[:3])}"
        self.start_tour(page, "aptic_pos_scan", login=self.mediator_a.login)
        redemptions = self.env["aptic.redemption"].search([("provider_id", "=", self.provider_a.id)], order="id")
        self.assertRecordValues(
            redemptions,
            [
                {"voucher_count": 1, "face_cents": 1000, "copay_cents": 200, "audience_id": self.seniors.id},
                {"voucher_count": 2, "face_cents": 2000, "copay_cents": 0, "audience_id": self.everyone.id},
            ],
        )

from odoo.tests import tagged

from ..models.aptic_order_chorus import CHORUS
from .common import VoucherCase

SIRET = "73282932000074"


@tagged("post_install", "-at_install")
class TestOrderChorus(VoucherCase):
    def test_both_documents_bear_the_references(self):
        order = self._order(
            state="confirmed",
            buyer_siret=SIRET,
            service_code="SRV-1",
            engagement_number="EJ-1",
            contract_reference="M-1",
        )
        for move in (order.face_move_id, order.fee_move_id):
            for text in (SIRET, "SRV-1", "EJ-1", "M-1"):
                self.assertIn(text, move.narration)
            for field, name in CHORUS.items():
                if field in move._fields:
                    self.assertEqual(move[field], order[name])

    def test_without_references_nothing_is_said(self):
        self.assertNotIn("SIRET", self._order(state="confirmed").face_move_id.narration or "")

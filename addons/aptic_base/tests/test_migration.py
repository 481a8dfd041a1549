from datetime import timedelta

from odoo import fields
from odoo.modules.migration import exec_script
from odoo.tests import tagged
from odoo.tools import file_path

from .common import ApticCase


@tagged("post_install", "-at_install")
class TestMigration(ApticCase):
    def test_organisations_of_before_have_their_siret_on_invoices(self):
        partner = self.provider_a.partner_id
        partner.company_registry = False
        self.provider_b.partner_id.company_registry = "12"
        self.env.flush_all()
        self.env.cr.execute("UPDATE aptic_provider SET siret = '552 100 554 00013' WHERE id = %s", [self.provider_a.id])
        script = file_path("aptic_base/migrations/19.0.1.2.0/post-sirets.py")
        exec_script(self.env.cr, "19.0.1.1.0", script, "aptic_base", "post", "19.0.1.2.0")
        self.env.invalidate_all()
        self.assertEqual(partner.company_registry, "55210055400013")
        self.assertEqual(self.provider_b.partner_id.company_registry, "12", "what was typed stays")

    def test_places_and_pathways_of_before(self):
        """What the database held before places had hosts and sessions had an order."""
        script = file_path("aptic_base/migrations/19.0.1.1.0/post-places.py")
        pathway = self._pathway(self.provider_a, "Parcours", [self.offer_a] * 5)
        second = self._offer(self.provider_a, self.other_service, 1000)
        hosted = self._place(self.provider_a, "Chez un hôte", self.pau, self.library, presence="convention")
        self.place_b.write({"latitude": 45.76, "longitude": 4.84})
        self.env.flush_all()
        cr = self.env.cr
        cr.execute("UPDATE aptic_place SET coordinates_source = NULL")
        cr.execute("UPDATE aptic_place SET latitude = NULL, longitude = NULL WHERE id = %s", [self.place_a.id])
        cr.execute("DELETE FROM aptic_pathway_session")
        cr.execute("CREATE TABLE aptic_offer_aptic_pathway_rel (aptic_pathway_id int, aptic_offer_id int)")
        for offer in self.offer_a | second:
            cr.execute("INSERT INTO aptic_offer_aptic_pathway_rel VALUES (%s, %s)", [pathway.id, offer.id])
        for _again in range(2):
            exec_script(cr, "19.0.1.0.0", script, "aptic_base", "post", "19.0.1.1.0")
        self.env.invalidate_all()
        order = [session.offer_id for session in pathway.session_ids]
        self.assertEqual(order, [self.offer_a, second, self.offer_a, second, self.offer_a])
        self.assertEqual((self.place_b.coordinates_source, self.place_a.coordinates_source), ("pin", "commune"))
        self.assertAlmostEqual(self.place_a.latitude, self.bordeaux.latitude, 4)
        today = fields.Date.today()
        self.assertTrue(hosted._is_open(today + timedelta(days=89)))
        self.assertFalse(hosted._is_open(today + timedelta(days=91)))
        self.assertEqual(len(hosted.hosting_ids), 1)
        self.assertEqual(hosted.hosting_ids.reminded_days, -1, "its managers are told before it ends")

from odoo.tests import TransactionCase, tagged


@tagged("post_install", "-at_install")
class TestOfficialGeographicCode(TransactionCase):
    def setUp(self):
        super().setUp()
        self.model = self.env["aptic.territory"]

    def test_every_municipality_of_2026_is_there_with_its_region(self):
        counts = dict(self.model._read_group([], ["kind"], ["__count"]))
        self.assertEqual(counts["commune"], 34969)
        self.assertEqual((counts["region"], counts["department"]), (26, 109))
        self.assertGreater(counts["epci"], 1200)
        self.assertFalse(self.model.search_count([("kind", "=", "commune"), ("parent_id", "=", False)]))
        self.env.cr.execute(
            "SELECT count(*) FROM aptic_territory t LEFT JOIN aptic_territory p ON p.id = t.parent_id"
            " WHERE t.parent_path IS DISTINCT FROM coalesce(p.parent_path, '') || t.id || '/'"
        )
        self.assertEqual(self.env.cr.fetchone(), (0,))

    def test_a_municipality_knows_its_region_also_in_corsica_and_overseas(self):
        for code, region in (("33063", "75"), ("2A004", "94"), ("97411", "04"), ("98818", "988"), ("75056", "11")):
            with self.subTest(code=code):
                self.assertEqual(self.model._of_insee(code)._region().code, region)

    def test_a_department_and_a_region_may_share_a_code(self):
        paris, aquitaine = (
            self.model.search([("kind", "=", k), ("code", "=", "75")]) for k in ("department", "region")
        )
        self.assertEqual(paris.parent_id.code, "11")
        self.assertEqual(aquitaine.parent_id.code, "FR")

    def test_arrondissements_are_their_municipality(self):
        for code, municipality in (("75101", "75056"), ("75120", "75056"), ("69389", "69123"), ("13216", "13055")):
            self.assertEqual(self.model._of_insee(code).code, municipality)
        self.assertFalse(self.model._of_insee("75121"))
        self.assertFalse(self.model._of_insee("' OR 1=1"))

    def test_postal_code_gives_all_its_municipalities(self):
        self.assertEqual(self.model._of_postal_code("75 011").code, "75056")
        self.assertIn("33063", self.model._of_postal_code("33000").mapped("code"))
        self.assertGreater(len(self.model._of_postal_code("01400")), 1)
        for hostile in ("", None, "3300", "330000", "%%%%%", "33_00", "٣٣٠٠٠"):
            self.assertFalse(self.model._of_postal_code(hostile), hostile)

    def test_rules_reach_the_intercommunality(self):
        bordeaux = self.model._of_insee("33063")
        self.assertEqual(bordeaux.epci_id.name, "Bordeaux Métropole")
        self.assertIn(bordeaux.epci_id.id, bordeaux._ancestor_ids())

    def test_a_second_load_changes_nothing_and_a_changed_row_is_mended(self):
        self.assertEqual(self.model._load_cog(), 0)
        self.assertEqual(self.model._load_cog(force=True), 0)
        bordeaux = self.model._of_insee("33063")
        bordeaux.write({"name": "Burdigala", "parent_id": self.model.search([("kind", "=", "country")]).id})
        count = self.model.search_count([])
        self.assertEqual(self.model._load_cog(force=True), 1)
        self.assertEqual(self.model.search_count([]), count)
        self.assertEqual((bordeaux.name, bordeaux._region().code), ("Bordeaux", "75"))

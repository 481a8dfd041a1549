from odoo.tests import TransactionCase, tagged


@tagged("post_install", "-at_install", "-standard", "aptic_demo")
class TestDemonstration(TransactionCase):
    """Run by tests/test_demo.py on a database with the demonstration."""

    def test_providers_are_in_their_states_and_the_active_ones_can_be_paid(self):
        providers = [self.env.ref(f"aptic_base.demo_provider_{number:02}") for number in range(1, 13)]
        states = [provider.state for provider in providers]
        self.assertEqual(states[:8], ["active"] * 8)
        if self.env["ir.module.module"].search_count([("name", "=like", "aptic_%"), ("state", "=", "installed")]) == 1:
            self.assertEqual(states[8:], ["chartered", "eligible", "declined", "applied"])
        # With the settlement the bank has sent the last one's payment back.
        payable = providers[:7] if "aptic.statement" in self.env else providers[:8]
        for provider in payable:
            self.assertTrue(provider.bank_account_id)
            self.assertFalse(provider.payout_frozen)
            self.assertEqual(provider._activation_blockers(), [])
        numbers = {provider.bank_account_id.sanitized_acc_number for provider in payable}
        self.assertEqual(len(numbers), len(payable))
        self.assertEqual({provider.legal_form for provider in providers}, {"association", "company", "public"})

    def test_places_are_all_over_france(self):
        places = [self.env.ref(f"aptic_base.demo_place_{number:02}") for number in range(1, 21)]
        self.assertEqual(places[0].territory_id.code, "33063")
        regions = {place.territory_id._region().code for place in places}
        self.assertLessEqual({"75", "84", "53", "04", "94", "32", "93", "02", "03"}, regions)
        self.assertEqual(len({place.type_id for place in places}), 10)
        for place in places:
            self.assertIn(place.zip, place.territory_id.postal_codes.split(), place.name)

    def test_hosts_pathways_and_suggestions_are_in_every_state(self):
        self.assertEqual(
            set(self.env["aptic.hosting"].search([]).mapped(lambda stay: (stay.kind, stay.state))),
            {
                ("convention", "accepted"),
                ("convention", "received"),
                ("convention", "refused"),
                ("priming", "accepted"),
            },
        )
        suggestions = self.env["aptic.service.suggestion"].search([])
        self.assertEqual(set(suggestions.mapped("state")), {"proposed", "accepted", "merged", "declined"})
        pathways = self.env["aptic.pathway"].search([])
        self.assertEqual({pathway.sessions for pathway in pathways}, {"5", "10"})
        self.assertTrue(all(pathways.mapped("is_given")))
        self.assertGreater(len(self.env.ref("aptic_base.demo_place_03").accessibility_ids), 3)
        self.env["aptic.place"]._load_demo_places()
        self.env["aptic.service.suggestion"]._load_demo_suggestions()
        self.assertEqual(len(self.env["aptic.service.suggestion"].search([])), len(suggestions))

    def test_people_can_log_in_in_french(self):
        for login in ("camille", "compta", "fablab", "mediateur", "tresorier", "nouveau", "departement", "ccas"):
            user = self.env.ref(f"aptic_base.demo_user_{login}")
            self.assertEqual((user.login, user.lang, user.tz), (login, "fr_FR", "Europe/Paris"))
            found = self.env["res.users"].authenticate(
                {"login": login, "password": login, "type": "password"}, {"interactive": False}
            )
            self.assertEqual(found["uid"], user.id)

    def test_it_may_be_loaded_again(self):
        self.env["aptic.provider"]._load_demo_lifecycle()
        self.assertEqual(len(self.env.ref("aptic_base.demo_provider_01").bank_change_ids), 1)

    def test_one_member_is_suspended_and_waits_for_its_answer(self):
        provider = self.env.ref("aptic_base.demo_provider_13")
        self.assertEqual(provider.state, "suspended")
        measure = provider._open_measures()
        self.assertEqual(measure.stage, "appealed")
        self.assertNotEqual(measure.decided_by_id, self.env.ref("aptic_base.demo_user_camille"))
        self.env["aptic.provider"]._load_demo_measures()
        self.assertEqual(provider.measure_ids, measure)

from odoo.tests import TransactionCase, tagged


@tagged("post_install", "-at_install", "-standard", "aptic_demo")
class TestDemonstration(TransactionCase):
    """Run by tests/test_demo.py on a database with the demonstration."""

    def setUp(self):
        super().setUp()
        self.providers = [self.env.ref(f"aptic_base.demo_provider_{number:02}") for number in range(1, 13)]

    def test_each_provider_has_the_papers_of_its_state(self):
        for number, provider in enumerate(self.providers, 1):
            signed, decided = number <= 9, number <= 11
            self.assertEqual(len(provider.application_ids), 1, provider.name)
            self.assertEqual(len(provider.decision_ids), int(decided), provider.name)
            self.assertEqual(len(provider.charter_signature_ids), int(signed), provider.name)
            self.assertEqual(len(provider._live_subscription()), int(number <= 8), provider.name)

    def test_the_declined_one_has_a_diagnosis_and_the_last_one_waits(self):
        declined, waiting = self.providers[10:]
        self.assertEqual(declined.decision_ids.outcome, "declined")
        missed = [theme for theme in declined.decision_ids._diagnosis() if not theme["reached"]]
        self.assertEqual(len(missed), 2)
        self.assertTrue(all(theme["advice"] and theme["steps"] for theme in missed))
        self.assertEqual(waiting.application_ids.state, "submitted")

    def test_it_may_be_loaded_again(self):
        self.env["aptic.provider"]._load_demo_eligibility()
        self.assertEqual(len(self.providers[0].application_ids), 1)

    def test_help_is_near_the_declined_one_and_a_new_charter_is_prepared(self):
        declined = self.providers[10]
        for theme in declined.decision_ids._diagnosis(declined._home_territories()):
            self.assertEqual(bool(theme["actors"]), not theme["reached"], theme["name"])
        prepared = self.env.ref("aptic_eligibility.demo_charter_2027")
        self.assertFalse(prepared.in_force)
        self.assertIn("open data", prepared.body)

from odoo.tests import TransactionCase, tagged


@tagged("post_install", "-at_install", "-standard", "aptic_demo")
class TestDemonstrationOfPlans(TransactionCase):
    """Run by tests/test_demo.py on a database with the demonstration."""

    def test_kits_are_in_every_state(self):
        kits = self.env["aptic.kit"].search([])
        self.assertEqual(set(kits.mapped("state")), {"to_prepare", "sent", "received", "cancelled"})
        self.assertEqual(set(kits.mapped("kind")), {"welcome", "replacement"})
        self.assertTrue(all(kit.has_address for kit in kits), kits.filtered(lambda kit: not kit.has_address))
        states = self.env["aptic.replacement"].search([]).mapped("state")
        self.assertEqual(set(states), {"declared", "approved", "sent"})

    def test_a_plan_changes_one_ends_and_one_is_unpaid(self):
        subscriptions = self.env["aptic.subscription"].search([])
        self.assertTrue(subscriptions.filtered("next_plan"))
        self.assertTrue(subscriptions.filtered(lambda one: one.ends_on and one.state == "running"))
        late = self.env["aptic.subscription"]._overdue_by_provider(subscriptions._today())
        self.assertEqual(set(late), {self.env.ref("aptic_base.demo_provider_06")})
        self.assertEqual({provider.state for provider in late}, {"active"})

    def test_it_may_be_loaded_again(self):
        before = self.env["aptic.kit"].search_count([])
        self.env["aptic.provider"]._load_demo_kits()
        self.env["aptic.provider"]._load_demo_subscriptions()
        self.assertEqual(self.env["aptic.kit"].search_count([]), before)

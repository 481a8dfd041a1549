from odoo.addons.aptic_base.tests import test_queue
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestOverviewWithMoney(test_queue.DeskCase):
    """The overview with the queues that orders and statements add."""

    def test_accountants_see_the_queues_of_money(self):
        self.assertLessEqual({"order_shortfall", "statement_returned"}, set(self._overview(self.accountant)))
        self.assertNotIn("statement_returned", self._overview(self.staff))

    def test_queues_of_money_open_on_their_rows(self):
        queues = self.env["aptic.queue"].with_user(self.accountant)
        for key in ("order_draft", "order_shortfall", "statement_returned"):
            action = queues.open_queue(key)
            (name,) = (name for name in action["context"] if name.startswith("search_default_"))
            search = self.env[action["res_model"]].get_view(action["search_view_id"] or None, "search")
            self.assertIn(f'name="{name.removeprefix("search_default_")}"', search["arch"], key)

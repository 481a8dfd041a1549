from odoo.tests import tagged

from .common import ApticCase


@tagged("post_install", "-at_install")
class TestTerritory(ApticCase):
    def test_ancestors_reach_the_region(self):
        self.assertEqual(self.bordeaux._region().code, "75")
        self.assertIn(self.bordeaux._region().id, self.pau._ancestor_ids())
        self.assertNotIn(self.bordeaux._region().id, self.lyon._ancestor_ids())

from odoo.tests import tagged

from .common import ApticCase


@tagged("post_install", "-at_install")
class TestFormToken(ApticCase):
    def test_a_form_counts_once(self):
        tokens = self.env["aptic.form.token"]
        self.assertTrue(tokens._take("7:a"))
        self.assertFalse(tokens._take("7:a"))
        self.assertTrue(tokens._take("8:a"))

    def test_a_failed_form_may_be_sent_again(self):
        tokens = self.env["aptic.form.token"]
        with self.assertRaises(ValueError), self.cr.savepoint():
            self.assertTrue(tokens._take("7:b"))
            raise ValueError
        self.assertTrue(tokens._take("7:b"))

    def test_old_tokens_are_forgotten(self):
        tokens = self.env["aptic.form.token"]
        tokens._take("7:c")
        tokens._gc_old()
        self.assertFalse(tokens._take("7:c"))
        self.cr.execute("UPDATE aptic_form_token SET sent_at = sent_at - interval '4 days' WHERE token = '7:c'")
        tokens._gc_old()
        self.assertTrue(tokens._take("7:c"))

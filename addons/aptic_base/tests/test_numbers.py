"""Whole numbers that staff can tune."""

from odoo.tests import TransactionCase, tagged


@tagged("post_install", "-at_install")
class TestNumbers(TransactionCase):
    def test_what_is_no_number_within_its_bounds_is_the_usual_one(self):
        parameters = self.env["ir.config_parameter"]
        for text, number in (
            ("2", 2),
            (" 12 ", 12),
            ("1", 7),
            ("13", 7),
            ("-3", 7),
            ("3.5", 7),
            ("soon", 7),
            ("٣", 7),
            ("²", 7),
            ("9" * 5000, 7),
        ):
            with self.subTest(text[:10]):
                parameters.set_param("aptic_base.test_number", text)
                self.assertEqual(parameters._get_number("aptic_base.test_number", 7, 2, 12), number)
        parameters.set_param("aptic_base.test_number", False)
        self.assertEqual(parameters._get_number("aptic_base.test_number", 7), 7)
        parameters.set_param("aptic_base.test_number", "0")
        self.assertEqual(parameters._get_number("aptic_base.test_number", 7), 0)

    def test_settings_of_this_addon_that_are_no_number(self):
        parameters = self.env["ir.config_parameter"]
        usual = self.env["aptic.import"]._limits(), self.env["aptic.api.use"]._most()
        for key in ("import_max_mb", "import_max_rows", "api_per_minute"):
            parameters.set_param(f"aptic_base.{key}", "beaucoup")
        self.assertEqual((self.env["aptic.import"]._limits(), self.env["aptic.api.use"]._most()), usual)
        parameters.set_param("aptic_base.import_max_mb", "3")
        self.assertEqual(self.env["aptic.import"]._limits()[0], 3_000_000)

    def test_a_portal_user_gets_a_number_too(self):
        public = self.env.ref("base.public_user")
        self.env["ir.config_parameter"].set_param("aptic_base.test_number", "3")
        self.assertEqual(self.env["ir.config_parameter"].with_user(public)._get_number("aptic_base.test_number", 7), 3)

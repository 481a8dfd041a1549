from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from .common import EligibilityCase


@tagged("post_install", "-at_install")
class TestReferenceActor(EligibilityCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["aptic.reference.actor"].search([]).active = False
        cls.innovation = cls.env.ref("aptic_eligibility.theme_innovation")
        cls.skills = cls.env.ref("aptic_eligibility.theme_skills")
        department = cls.bordeaux.parent_id
        cls.national = cls._actor("France (test)", department.parent_id.parent_id)
        cls.regional = cls._actor("Région (test)", department.parent_id, cls.innovation)
        cls.local = cls._actor("Gironde (test)", department)
        cls.elsewhere = cls._actor("Rhône (test)", cls.lyon.parent_id)

    @classmethod
    def _actor(cls, name, territory, themes=(), **values):
        return cls.env["aptic.reference.actor"].create(
            {
                "name": name,
                "territory_id": territory.id,
                "theme_ids": [theme.id for theme in themes],
                "offer": "Formations",
                "email": "aide@example.org",
                **values,
            }
        )

    def _help(self, **options):
        decision = self._decided(**options).sudo()
        return {theme["name"]: theme["actors"] for theme in decision._diagnosis(self.provider._home_territories())}

    def test_the_nearest_comes_first(self):
        self._place(self.provider, "Lieu", self.bordeaux, self.library)
        actors = self._help(weak_theme="innovation")[self.innovation.name]
        self.assertEqual(actors.mapped("name"), ["Gironde (test)", "Région (test)", "France (test)"])

    def test_who_does_not_help_with_a_theme_is_not_named_for_it(self):
        self._place(self.provider, "Lieu", self.bordeaux, self.library)
        help_ = self._help(weak_theme="skills")
        self.assertEqual(help_[self.skills.name].mapped("name"), ["Gironde (test)", "France (test)"])
        self.assertFalse(help_[self.innovation.name], "a theme that is reached needs no help")

    def test_before_a_place_the_postal_code_counts_then_the_country(self):
        self.assertEqual(self.env["aptic.reference.actor"]._near(self.provider._home_territories()), self.national)
        self.provider.zip = self.bordeaux.postal_codes.split()[0] if self.bordeaux.postal_codes else "33000"
        self.assertIn(self.bordeaux, self.provider._home_territories())
        self.assertEqual(self.env["aptic.reference.actor"]._near(self.provider._home_territories())[0], self.local)

    def test_a_department_can_be_chosen(self):
        self.assertEqual(self.provider._department("69"), self.lyon.parent_id)
        for wrong in ("", None, "999", "x" * 1000, "3'"):
            self.assertFalse(self.provider._department(wrong))
        self.assertEqual(self.env["aptic.reference.actor"]._near(self.provider._department("69"))[0], self.elsewhere)

    def test_a_member_may_be_a_reference_actor(self):
        actor = self.env["aptic.reference.actor"].create(
            {
                "provider_id": self.provider_a.id,
                "territory_id": self.lyon.id,
                "offer": "Visites",
                "link": "https://example.org",
            }
        )
        self.assertEqual(actor.name, self.provider_a.name)

    def test_what_is_wrong_is_said(self):
        with self.assertRaisesRegex(ValidationError, "is reached"):
            self.local.email = False
        with self.assertRaisesRegex(ValidationError, "https://"):
            self.local.link = "javascript:alert(1)"

    def test_staff_keep_the_list_and_others_do_not_read_it(self):
        self.local.with_user(self.staff).offer = "Ateliers"
        self.local.with_user(self.reviewer).contact_name = "Inès"
        with self.assertRaises(AccessError):
            self.local.with_user(self.staff).unlink()
        self.local.with_user(self.staff_manager).unlink()
        for user in (self.manager, self.mediator, self.manager_b, self.stranger):
            with self.assertRaises(AccessError):
                self.national.with_user(user).read(["name"])

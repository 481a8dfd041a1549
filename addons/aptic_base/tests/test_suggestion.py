from odoo.exceptions import AccessError, UserError
from odoo.http import Request
from odoo.tests import HttpCase, tagged
from psycopg2 import IntegrityError

from .common import ApticCase


@tagged("post_install", "-at_install")
class TestSuggestion(ApticCase):
    def _suggest(self, name="Photographie de famille", provider=None, **vals):
        return self.env["aptic.service.suggestion"]._suggest(
            provider or self.provider_a, self.manager_a, {"name": name, **vals}
        )

    def _told(self):
        return self.provider_a.message_ids[0].body

    def test_accepted_it_is_a_service_that_providers_may_offer(self):
        suggestion = self._suggest(category_id=self.category.id, reason="On nous le demande.")
        self.assertEqual((suggestion.level_id, suggestion.user_id), (self.level, self.manager_a))
        suggestion.note = "Merci, c'est ajouté."
        suggestion.with_user(self.staff).action_accept()
        service = suggestion.service_id
        self.assertEqual((service.name, service.category_id), ("Photographie de famille", self.category))
        self.assertEqual((suggestion.state, suggestion.decided_by_id), ("accepted", self.staff))
        self.assertIn("Merci, c'est ajouté.", self._told().replace("&#39;", "'"))
        self.assertEqual(self.provider_a.message_ids[0].partner_ids, self.manager_a.partner_id)
        with self.assertRaisesRegex(UserError, "cannot become"):
            suggestion.with_user(self.staff).action_decline()

    def test_it_may_be_a_service_that_exists(self):
        suggestion = self._suggest()
        suggestion.note = "Voyez « Impôts »."
        with self.assertRaisesRegex(UserError, "Choose the service"):
            suggestion.with_user(self.staff).action_merge()
        suggestion.with_user(self.staff).service_id = self.service
        suggestion.with_user(self.staff).action_merge()
        self.assertEqual((suggestion.state, suggestion.service_id), ("merged", self.service))
        self.assertIn(self.service.name, self._told())

    def test_every_decision_has_an_answer_and_an_addition_its_category(self):
        suggestion = self._suggest()
        services = self.env["aptic.service"].search_count([])
        with self.assertRaisesRegex(UserError, "Choose the category"):
            suggestion._accept()
        suggestion.category_id = self.category
        suggestion.service_id = self.service
        for verb in ("_accept", "_merge", "_decline"):
            with self.assertRaisesRegex(UserError, "Write the answer"):
                getattr(suggestion, verb)()
        self.assertEqual(suggestion.state, "proposed")
        self.assertEqual(self.env["aptic.service"].search_count([]), services)
        suggestion.note = "Trop éloigné de la médiation numérique."
        suggestion.with_user(self.staff).action_decline()
        self.assertEqual((suggestion.state, suggestion.service_id.ids), ("declined", []))
        self.assertIn("Trop éloigné", self._told())
        with self.assertRaises(IntegrityError), self.cr.savepoint(), self.assertLogs("odoo.sql_db"):
            self.cr.execute("UPDATE aptic_service_suggestion SET note = NULL WHERE id = %s", (suggestion.id,))

    def test_the_same_is_suggested_once_at_a_time(self):
        first = self._suggest()
        with self.assertRaisesRegex(UserError, "suggested this service already"):
            self._suggest(name="  photographie  DE famille ")
        self._suggest(provider=self.provider_b)
        first.note = "Non."
        first._decline()
        self._suggest()
        for name in ("", "  ", "ab", None, "\0\0\0"):
            with self.assertRaisesRegex(UserError, "Name the service"):
                self._suggest(name=name)

    def test_services_with_a_name_like_it_are_found(self):
        alike = self.env["aptic.service.suggestion"]._alike
        self.assertIn(self.other_service, alike("imprimante 3d (test)"))
        self.assertIn(self.other_service, alike("Les imprimantes 3D - test"))
        self.assertNotIn(self.service, alike("Photographie de famille"))
        self.assertFalse(alike(""))
        self.other_service.active = False
        self.assertNotIn(self.other_service, alike("imprimante 3d (test)"))

    def test_who_reads_and_who_decides(self):
        own, other = self._suggest(), self._suggest(provider=self.provider_b)
        suggestions = self.env["aptic.service.suggestion"]
        for user in (self.manager_a, self.mediator_a, self.accountant_a):
            self.assertEqual(suggestions.with_user(user).search([]), own)
            with self.assertRaises(AccessError):
                other.with_user(user).read(["name"])
            for operation in ("write", "create", "unlink"):
                self.assertFalse(own.with_user(user).has_access(operation))
            with self.assertRaises(AccessError):
                own.with_user(user).action_accept()
        self.assertFalse(suggestions.with_user(self.stranger).search([]))
        for user in (self.staff, self.reviewer, self.accountant, self.staff_manager):
            self.assertLessEqual(own | other, suggestions.with_user(user).search([]))
            for vals in ({"state": "accepted"}, {"provider_id": self.provider_b.id}, {"decided_by_id": user.id}):
                with self.assertRaises(UserError):
                    own.with_user(user).write(vals)


@tagged("post_install", "-at_install")
class TestPortalSuggestions(ApticCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("en_US")
        for user in (cls.manager_a, cls.mediator_a, cls.manager_b, cls.stranger):
            user.lang = "en_US"
        cls.url = f"/my/aptic/provider/{cls.provider_a.id}/suggestions"

    def _as(self, user):
        self.authenticate(user.login, user.login)

    def _post(self, **values):
        return self.url_open(self.url, data={"csrf_token": Request.csrf_token(self), **values})

    def _suggestions(self):
        return self.env["aptic.service.suggestion"].search([("provider_id", "=", self.provider_a.id)])

    def test_suggest_and_read_the_answer(self):
        self._as(self.manager_a)
        answer = self._post(
            name="Photographie de famille", reason="<b>Demandé</b>", level_id=self.level.id, form_token="a"
        )
        self.assertTrue(answer.url.endswith("saved=1"))
        suggestion = self._suggestions()
        self.assertEqual(
            (suggestion.name, suggestion.level_id, suggestion.state),
            ("Photographie de famille", self.level, "proposed"),
        )
        self.assertNotIn("<b>Demandé</b>", answer.text)
        self._post(name="Photographie de famille", form_token="a")
        self.assertEqual(len(self._suggestions()), 1)
        self.assertIn("already", self._post(name="Photographie de famille", form_token="b").text)
        suggestion.note = "Voyez ceci."
        suggestion.service_id = self.service
        suggestion._merge()
        page = self.url_open(self.url).text
        self.assertIn("Voyez ceci.", page)
        self.assertIn(f"offers/new?service_id={self.service.id}", page)

    def test_what_looks_like_it_is_shown_before_it_is_sent(self):
        self._as(self.manager_a)
        values = {"name": "Imprimantes 3D (test)", "reason": "Beaucoup de demandes"}
        answer = self._post(**values)
        self.assertIn("Nothing was sent yet", answer.text)
        self.assertIn(f"service_id={self.other_service.id}", answer.text)
        self.assertIn("Beaucoup de demandes", answer.text)  # what was typed is kept
        self.assertFalse(self._suggestions())
        self._post(**values, confirmed="1")
        self.assertEqual(self._suggestions().name, "Imprimantes 3D (test)")

    def test_members_read_managers_suggest_others_are_refused(self):
        self._as(self.mediator_a)
        self.assertNotIn('name="reason"', self.url_open(self.url).text)
        for user, status in ((self.mediator_a, 200), (self.manager_b, 403), (self.stranger, 403)):
            self._as(user)
            self.assertEqual(self.url_open(self.url).status_code, status)
            self.assertEqual(self._post(name="Photographie").status_code, 403)
        self.assertFalse(self._suggestions())

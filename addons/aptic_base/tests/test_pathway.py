from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.http import Request
from odoo.tests import HttpCase, tagged

from .common import ApticCase


@tagged("post_install", "-at_install")
class TestPathway(ApticCase):
    def test_a_pathway_has_exactly_5_or_10_sessions_in_order(self):
        second = self._offer(self.provider_a, self.other_service, 1500)
        pathway = self._pathway(self.provider_a, "Parcours", [self.offer_a, second, self.offer_a, second, second])
        self.assertEqual(
            [session.offer_id for session in pathway.session_ids], [self.offer_a, second, self.offer_a, second, second]
        )
        self.assertEqual(pathway.offer_ids, self.offer_a | second)
        for count in (0, 4, 6, 9, 11):
            with self.subTest(count=count), self.assertRaises(ValidationError), self.cr.savepoint():
                self.env["aptic.pathway"].create(
                    {
                        "name": "Faux",
                        "provider_id": self.provider_a.id,
                        "sessions": "10" if count > 6 else "5",
                        "session_ids": self.env["aptic.pathway"]._sessions_of([self.offer_a] * min(count, 10))
                        if count < 11
                        else False,
                    }
                )
        with self.assertRaisesRegex(ValidationError, "exactly 10"):
            pathway.sessions = "10"
        pathway.invalidate_recordset()
        pathway.session_ids[0].unlink()  # whoever goes around the pathway leaves it incomplete, so not shown
        self.assertFalse(pathway.is_given)

    def test_what_the_whole_costs_is_told_in_vouchers(self):
        dear = self._offer(self.provider_a, self.other_service, 1550)
        cheap = self._offer(self.provider_a, self.service, 800)
        pathway = self._pathway(self.provider_a, "Parcours", [self.offer_a, dear, dear, cheap, self.offer_a])
        self.assertEqual((pathway.price_cents, pathway.voucher_count, pathway.added_cents), (5900, 5, 1100))
        self.assertRegex(pathway._payment_sentence(), r"5 vouchers, and the beneficiary adds.*11[.,]00")
        plain = self._pathway(self.provider_a, "Simple", [self.offer_a] * 10)
        self.assertEqual(plain._payment_sentence(), "10 vouchers pay it all.")

    def test_a_withdrawn_service_hides_the_pathway_until_it_is_replaced(self):
        pathway = self._pathway(self.provider_a, "Parcours", [self.offer_a] * 5)
        self.assertTrue(pathway.is_given)
        self.offer_a.action_archive()
        self.assertFalse(pathway.is_given)
        pathway._withdraw()
        with self.assertRaisesRegex(UserError, "is withdrawn"):
            pathway._restore()
        other = self._offer(self.provider_a, self.other_service, 1000)
        pathway.write({"session_ids": pathway._sessions_of([other] * 5)})
        pathway._restore()
        self.assertTrue(pathway.is_given)

    def test_members_read_their_sessions_and_nobody_elses(self):
        own = self._pathway(self.provider_a, "Parcours", [self.offer_a] * 5).session_ids
        other = self._pathway(self.provider_b, "Parcours", [self.offer_b] * 5).session_ids
        sessions = self.env["aptic.pathway.session"]
        for user in (self.manager_a, self.mediator_a, self.accountant_a):
            self.assertEqual(sessions.with_user(user).search([]), own)
            with self.assertRaises(AccessError):
                other.with_user(user).read(["number"])
            for operation in ("write", "create", "unlink"):
                self.assertFalse(own.with_user(user).has_access(operation))
        self.assertFalse(sessions.with_user(self.stranger).search([]))
        for user in (self.staff, self.reviewer, self.accountant):
            self.assertLessEqual(own | other, sessions.with_user(user).search([]))


@tagged("post_install", "-at_install")
class TestPortalPathways(ApticCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("en_US")
        for user in (cls.manager_a, cls.mediator_a, cls.manager_b, cls.stranger):
            user.lang = "en_US"
        cls.second = cls._offer(cls.provider_a, cls.other_service, 1500)
        cls.url = f"/my/aptic/provider/{cls.provider_a.id}/pathways"

    def _as(self, user):
        self.authenticate(user.login, user.login)

    def _post(self, url, **values):
        return self.url_open(url, data={"csrf_token": Request.csrf_token(self), **values})

    def _sessions(self, *offers):
        return {f"offer_{number}": offer.id for number, offer in enumerate(offers, 1)}

    def test_build_change_withdraw_and_offer_again(self):
        self._as(self.manager_a)
        self.assertIn("No pathway yet", self.url_open(self.url).text)
        order = [self.offer_a, self.second, self.offer_a, self.offer_a, self.second]
        answer = self._post(
            f"{self.url}/new", name="Découverte", sessions="5", description="Cinq séances", **self._sessions(*order)
        )
        self.assertIn("Découverte", answer.text)
        self.assertRegex(answer.text, r"5 vouchers.*adds")
        pathway = self.provider_a.pathway_ids
        self.assertEqual([session.offer_id for session in pathway.session_ids], order)
        form = self.url_open(f"{self.url}/{pathway.id}").text
        self.assertRegex(form, rf'name="offer_2"[^§]*?value="{self.second.id}"[^>]*selected')
        self._post(f"{self.url}/{pathway.id}", name="Long", sessions="10", **self._sessions(*[self.second] * 10))
        self.assertEqual((pathway.name, len(pathway.session_ids), pathway.voucher_count), ("Long", 10, 10))
        self._post(f"{self.url}/{pathway.id}/withdraw")
        self.assertFalse(pathway.active)
        self.assertIn("Withdrawn", self.url_open(self.url).text)
        self._post(f"{self.url}/{pathway.id}/withdraw", restore="1")
        self.assertTrue(pathway.active)

    def test_a_bad_pathway_is_explained_and_nothing_is_written(self):
        self._as(self.manager_a)
        good = {"name": "Découverte", "sessions": "5", **self._sessions(*[self.offer_a] * 5)}
        for values, words in (
            ({"name": " \0"}, "Give the pathway a name"),
            ({"sessions": "7"}, "Choose 5 or 10 sessions"),
            ({"sessions": "10"}, "Session 6: choose"),
            ({"offer_3": ""}, "Session 3: choose"),
            ({"offer_3": self.offer_b.id}, "Session 3: choose"),
            ({"offer_3": "9" * 30}, "Session 3: choose"),
        ):
            with self.subTest(words=words):
                answer = self._post(f"{self.url}/new", **{**good, **values}).text
                self.assertIn(words, answer)
                self.assertIn(f'value="{self.offer_a.id}" selected', answer)
        self.assertFalse(self.provider_a.pathway_ids)

    def test_twice_the_same_form_is_one_pathway(self):
        self._as(self.manager_a)
        values = {"name": "Une fois", "sessions": "5", "form_token": "once", **self._sessions(*[self.offer_a] * 5)}
        for _again in range(2):
            self._post(f"{self.url}/new", **values)
        self.assertEqual(len(self.provider_a.pathway_ids), 1)

    def test_the_price_of_the_sessions_as_json(self):
        self._as(self.mediator_a)
        answer = self.url_open(f"{self.url}/price?offers={self.offer_a.id},{self.second.id},{self.offer_b.id},x").json()
        self.assertRegex(answer["sentence"], r"2 vouchers.*5[.,]00")
        self.assertEqual(self.url_open(f"{self.url}/price?offers=").json(), {"sentence": ""})

    def test_members_read_managers_change_others_are_refused(self):
        pathway = self._pathway(self.provider_a, "Parcours", [self.offer_a] * 5)
        self._as(self.mediator_a)
        self.assertIn("Parcours", self.url_open(self.url).text)
        self.assertNotIn("/pathways/new", self.url_open(self.url).text)
        for user in (self.mediator_a, self.manager_b, self.stranger):
            self._as(user)
            for url in (f"{self.url}/new", f"{self.url}/{pathway.id}", f"{self.url}/{pathway.id}/withdraw"):
                self.assertEqual(self._post(url, name="X", sessions="5").status_code, 403, url)
            self.assertEqual(self.url_open(f"{self.url}/{pathway.id}").status_code, 403)
        self.assertEqual(self.url_open(self.url).status_code, 403)
        self.assertEqual(self.url_open(f"{self.url}/price?offers=1").status_code, 403)
        self.assertTrue(pathway.active)

    def test_two_hundred_services_and_many_pathways_cost_a_bounded_number_of_queries(self):
        self._as(self.manager_a)
        pathway = self._pathway(self.provider_a, "Parcours 0", [self.offer_a] * 10)
        pages = (self.url, f"{self.url}/{pathway.id}")
        small = {page: self._count(page) for page in pages}
        offers = [self._offer(self.provider_a, self.service, 1000 + number) for number in range(200)]
        for number in range(20):
            self._pathway(self.provider_a, f"Parcours {number}", offers[number * 10 : number * 10 + 10])
        for page, count in small.items():
            self.assertLessEqual(self._count(page), count + 6, page)

    def _count(self, page):
        self.url_open(page)
        before = self.env.cr.sql_log_count
        self.assertEqual(self.url_open(page).status_code, 200)
        return self.env.cr.sql_log_count - before

from datetime import timedelta

from odoo.http import Request
from odoo.tests import HttpCase, tagged

from .test_papers import PaperCase, small_pdf


@tagged("post_install", "-at_install")
class TestPaperPortal(PaperCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("en_US")
        cls.env["ir.default"].set("res.partner", "lang", "en_US")
        for user in (cls.boss, cls.manager_a, cls.manager_b, cls.mediator_a, cls.accountant_a):
            user.lang = "en_US"
        cls.url = f"/my/aptic/provider/{cls.company.id}/papers"

    def setUp(self):
        super().setUp()
        self.authenticate(self.boss.login, self.boss.login)

    def _send(self, kind, *files, owner=0, **values):
        data = {"csrf_token": Request.csrf_token(self), "type_id": kind.id, "owner_id": owner, **values}
        sent = [("files", (name, content, "application/octet-stream")) for name, content in files]
        return self.url_open(self.url, data=data, files=sent or None)

    def _form_token(self):
        page = self.url_open(self.url).text
        return page.split('name="form_token" value="')[1].split('"')[0]

    def test_the_page_says_what_is_asked_for_and_why(self):
        page = self.url_open(self.url).text
        for words in (
            "K-bis extract",
            "Less than 3 months old",
            "money laundering",
            "nothing is paid out until",
            "4 of 4",
        ):
            self.assertIn(words, " ".join(page.split()).replace("<strong>", "").replace("</strong>", ""), words)
        self.assertNotIn("Journal Officiel", page)
        self.assertIn(f"{self.url}/owners", page)

    def test_papers_are_sent_and_seen_again(self):
        answer = self._send(self.kbis, ("K-bis.pdf", small_pdf()), issued_on=self.today.isoformat())
        self.assertIn("Received: <strong>K-bis extract", answer.text)
        paper = self.company.paper_ids
        self.assertEqual((paper.state, paper.filename, paper.pages), ("received", "K-bis.pdf", 1))
        self.assertEqual(paper.received_by_id, self.boss)
        self.assertIn("Received, being checked", self.url_open(self.url).text)
        identity = self.env.ref("aptic_base.paper_type_company_id")
        day = self.today + timedelta(days=12)
        self._send(identity, ("a.pdf", small_pdf("a")), ("b.pdf", small_pdf("b")), expires_on=day.isoformat())
        papers = self.company.paper_ids.filtered(lambda one: one.type_id == identity)
        self.assertEqual(sorted(papers.mapped("filename")), ["a.pdf", "b.pdf"])
        papers.with_user(self.reviewer).action_accept()
        self.assertIn("Ends soon", self.url_open(self.url).text)

    def test_a_refusal_is_read_with_its_reason(self):
        paper = self._receive(self.statutes)
        paper.reason = "La dernière page manque."
        paper.with_user(self.reviewer).action_refuse()
        self.assertIn("Refused: La dernière page manque.", self.url_open(self.url).text)

    def test_what_is_wrong_is_said_beside_the_field_and_nothing_is_kept(self):
        today = self.today.isoformat()
        for files, values, words in (
            ([], {"issued_on": today}, "Choose the file to send."),
            ([("k.pdf", b"MZ a program")], {"issued_on": today}, "neither a PDF nor a picture"),
            ([("k.pdf", small_pdf()[:100])], {"issued_on": today}, "damaged"),
            ([("k.pdf", small_pdf())], {"issued_on": "the 12th"}, "day, month, year"),
            ([("k.pdf", small_pdf())], {"issued_on": ""}, "Give the date of issue"),
            ([("k.pdf", small_pdf())], {"issued_on": "2020-02-03"}, "less than 3 months old"),
            ([("k.pdf", small_pdf())] * 11, {"issued_on": today}, "at most 10 files"),
            ([("k.pdf", b"%PDF-" + b"x" * (10 * 1024 * 1024))], {"issued_on": today}, "at most 10 MB"),
        ):
            with self.subTest(words):
                answer = self._send(self.kbis, *files, **values)
                self.assertEqual(answer.status_code, 200)
                self.assertIn(words, answer.text)
        self.assertIn(
            'value="2020-02-03"', self._send(self.kbis, issued_on="2020-02-03").text, "what was typed is kept"
        )
        self.assertFalse(self.company.paper_ids)

    def test_types_of_others_and_of_nobody(self):
        jo = self.env.ref("aptic_base.paper_type_association_jo")
        answer = self._send(jo, ("jo.pdf", small_pdf()))
        self.assertIn("not asked of your organisation", answer.text)
        answer = self._send(jo.browse(2**31 - 1), ("jo.pdf", small_pdf()))
        self.assertIn("not asked of your organisation", answer.text)
        answer = self._send(self.kyc, ("id.pdf", small_pdf()), owner=999, expires_on="2040-01-01")
        self.assertIn("whose identity document", answer.text)
        self.assertFalse(self.company.paper_ids)

    def test_a_form_sent_twice_counts_once(self):
        token = self._form_token()
        for _time in range(2):
            answer = self._send(self.statutes, ("s.pdf", small_pdf()), form_token=token)
            self.assertIn("Received:", answer.text)
        self.assertEqual(len(self.company.paper_ids), 1)

    def test_only_managers_of_the_provider_come_in(self):
        own = f"/my/aptic/provider/{self.provider_a.id}/papers"
        for user, url in (
            (self.manager_a, self.url), (self.manager_b, self.url), (self.mediator_a, own), (self.accountant_a, own),
        ):  # fmt: skip
            self.authenticate(user.login, user.login)
            for page in ("", "/owners"):
                self.assertEqual(self.url_open(url + page).status_code, 403, f"{user.login} {page}")
            answer = self.url_open(url, data={"csrf_token": Request.csrf_token(self), "type_id": self.statutes.id})
            self.assertEqual(answer.status_code, 403)
        self.authenticate(self.manager_a.login, self.manager_a.login)
        self.assertEqual(self.url_open(f"{own}/owners").status_code, 403, "an association declares nobody")
        self.assertNotIn("K-bis", self.url_open(own).text)

    def test_beneficial_owners_are_declared_and_withdrawn(self):
        url = f"{self.url}/owners"
        good = {
            "name": "Ada Martin",
            "birth_date": "1980-05-17",
            "country_id": self.env.ref("base.fr").id,
            "share": "33,5",
        }
        for wrong, words in (
            ({"name": " "}, "first name and the name"),
            ({"birth_date": ""}, "date of birth"),
            ({"birth_date": "31/02/1980"}, "day, month, year"),
            ({"birth_date": "2026-01-01"}, "cannot be right"),
            ({"country_id": "x"}, "Choose the nationality"),
            ({"share": "10"}, "from 25 to 100"),
            ({"share": "nan"}, "from 25 to 100"),
        ):
            answer = self.url_open(url, data={"csrf_token": Request.csrf_token(self), **good, **wrong})
            self.assertIn(words, answer.text, wrong)
            if "name" not in wrong:
                self.assertIn('value="Ada Martin"', answer.text)
        self.assertFalse(self.company.owner_ids)
        answer = self.url_open(url, data={"csrf_token": Request.csrf_token(self), **good})
        owner = self.company.owner_ids
        self.assertEqual((owner.name, owner.share, owner.basis), ("Ada Martin", 33.5, "share"))
        self.assertIn("33.50", answer.text)
        self.assertIn("Identity document of a beneficial owner (25 % or more of the shares) – Ada Martin", self._text())
        self.url_open(f"{url}/{owner.id}/withdraw", data={"csrf_token": Request.csrf_token(self)})
        self.assertTrue(owner.ended_on)
        other = self._owner(self._provider("Autre (test)", "44306184100047", legal_form="company"))
        answer = self.url_open(f"{url}/{other.id}/withdraw", data={"csrf_token": Request.csrf_token(self)})
        self.assertEqual((answer.status_code, other.ended_on), (403, False))

    def _text(self):
        page = self.url_open(self.url).text
        return " ".join(page.replace('<h2 class="h5 mb-1">', "").split())

    def test_the_page_asks_the_database_little(self):
        for number in range(6):
            self._receive(self.statutes, replace=bool(number % 2))
        self.url_open(self.url)
        with self.assertQueryCount(50):
            self.url_open(self.url)

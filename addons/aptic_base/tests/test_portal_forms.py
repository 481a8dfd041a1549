from odoo.http import Request
from odoo.tests import HttpCase, tagged

from .common import ApticCase

IBAN = "FR76 2004 1010 0100 0010 0111 185"


@tagged("post_install", "-at_install")
class TestPortalForms(ApticCase, HttpCase):
    """Two people with one form, and one form sent twice."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("en_US")
        cls.env["ir.default"].set("res.partner", "lang", "en_US")
        cls.second, _member = cls._member(cls.provider_a, "manager", "second_manager")
        (cls.manager_a | cls.second).lang = "en_US"
        cls.base = f"/my/aptic/provider/{cls.provider_a.id}"

    def _open(self, user, url):
        """Return what a form's hidden fields hold, as a browser of ``user`` got them."""
        self.authenticate(user.login, user.login)
        page = self.url_open(url)
        self.assertEqual(page.status_code, 200)
        return self._hidden(page.text)

    def _hidden(self, text):
        names = ("form_version", "form_token")
        return {name: text.partition(f'name="{name}" value="')[2].partition('"')[0] for name in names}

    def _send(self, user, url, hidden, **values):
        self.authenticate(user.login, user.login)
        return self.url_open(url, data={"csrf_token": Request.csrf_token(self), **hidden, **values})

    def _age(self, record):
        """Make the last change older: in a test everything happens at one moment."""
        self.env.flush_all()
        self.env.cr.execute(
            f"UPDATE {record._table} SET write_date = write_date - interval '1 minute' WHERE id = %s", (record.id,)
        )
        record.invalidate_recordset(["write_date"])

    def _check_conflict(self, record, url, field, first, second):
        self._age(record)
        hidden = self._open(self.second, url)
        self._send(self.manager_a, url, self._open(self.manager_a, url), **first)
        self.assertEqual(record[field], first[field])
        refused = self._send(self.second, url, hidden, **second)
        self.assertIn("changed this while you were typing", refused.text)
        self.assertIn(f'value="{second[field]}"', refused.text)
        self.assertEqual(record[field], first[field])
        self._send(self.second, url, self._hidden(refused.text), **second)
        self.assertEqual(record[field], second[field])

    def test_two_people_change_one_place(self):
        place = {"type_id": self.library.id, "zip": "33000", "territory_id": self.bordeaux.id}
        self._check_conflict(
            self.place_a,
            f"{self.base}/places/{self.place_a.id}",
            "name",
            {**place, "name": "De la première"},
            {**place, "name": "De la seconde"},
        )

    def test_two_people_change_one_offer(self):
        offer = {"price": "10", "duration_minutes": "60"}
        self._check_conflict(
            self.offer_a,
            f"{self.base}/offers/{self.offer_a.id}",
            "name",
            {**offer, "name": "De la première"},
            {**offer, "name": "De la seconde"},
        )

    def test_a_new_place_or_offer_sent_twice_is_made_once(self):
        place = {"name": "Annexe", "type_id": self.library.id, "zip": "33000", "territory_id": self.bordeaux.id}
        offer = {"service_id": self.other_service.id, "price": "10", "duration_minutes": "60"}
        for page, values, records in (
            ("places/new", place, "place_ids"),
            (f"offers/new?service_id={self.other_service.id}", offer, "offer_ids"),
        ):
            url = f"{self.base}/{page}"
            before, hidden = len(self.provider_a[records]), self._open(self.manager_a, url)
            for _time in range(2):
                answer = self._send(self.manager_a, url.partition("?")[0], hidden, **values)
                self.assertTrue(answer.url.endswith("saved=1"), answer.text[-2000:])
            self.assertEqual(len(self.provider_a[records]), before + 1)

    def test_a_form_that_was_wrong_may_be_sent_again(self):
        url = f"{self.base}/places/new"
        hidden = self._open(self.manager_a, url)
        values = {"name": "", "type_id": self.library.id, "zip": "33000", "territory_id": self.bordeaux.id}
        self.assertIn("Give the place a name", self._send(self.manager_a, url, hidden, **values).text)
        self._send(self.manager_a, url, hidden, **{**values, "name": "Annexe"})
        self.assertIn("Annexe", self.provider_a.place_ids.mapped("name"))

    def test_bank_details_sent_twice_are_asked_for_once(self):
        url = f"{self.base}/bank"
        hidden = self._open(self.manager_a, url)
        for _time in range(2):
            answer = self._send(self.manager_a, url, hidden, iban=IBAN, holder_name="Association A")
            self.assertTrue(answer.url.endswith("saved=1"))
        self.assertEqual(len(self.provider_a.bank_change_ids), 1)
